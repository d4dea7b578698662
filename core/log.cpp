#include "core/log.hpp"

#include "core/json_writer.hpp"
#include "core/time.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::log {
namespace {

enum class Destination { elsewhere, journal };

std::atomic<Format> current_format{Format::text};
std::atomic<Destination> current_destination{Destination::elsewhere};

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug: return spdlog::level::debug;
        case Level::info: return spdlog::level::info;
        case Level::warn: return spdlog::level::warn;
        case Level::error: return spdlog::level::err;
    }
    return spdlog::level::info;
}

std::string_view name_of(Level level) {
    switch (level) {
        case Level::debug: return "debug";
        case Level::info: return "info";
        case Level::warn: return "warn";
        case Level::error: return "error";
    }
    return "info";
}

// What the journal reads before a line, so that `journalctl -p warning` finds the lines it should.
std::string_view journal_priority(Level level) {
    switch (level) {
        case Level::debug: return "<7>";
        case Level::info: return "<6>";
        case Level::warn: return "<4>";
        case Level::error: return "<3>";
    }
    return "<6>";
}

// The variable names the journal's socket, and children of a service inherit it whatever became of
// their standard error.
Destination destination_of_standard_error() {
    const char* stream = std::getenv("JOURNAL_STREAM");
    struct stat status {};
    if (stream == nullptr || fstat(STDERR_FILENO, &status) != 0) return Destination::elsewhere;
    const std::string own = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
    return own == stream ? Destination::journal : Destination::elsewhere;
}

bool needs_quotes(std::string_view text) {
    if (text.empty()) return true;
    for (const char c : text) {
        if (c <= ' ' || c == '"' || c == '=' || c == '\\'
            || static_cast<unsigned char>(c) >= 0x7f) {
            return true;
        }
    }
    return false;
}

// A terminal obeys ESC and bidi marks even inside quotes, so everything outside printable ASCII is
// spelled out; a JSON string that is pure ASCII does exactly that.
std::string quoted(std::string_view text) {
    std::string json;
    append_json_string(json, text);
    std::string ascii;
    for (const char c : json) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x7f) {
            ascii += c;
        } else {
            constexpr std::string_view hex = "0123456789abcdef";
            ascii += "\\\\x";
            ascii += hex[byte >> 4];
            ascii += hex[byte & 0x0f];
        }
    }
    return ascii;
}

void write(Level level, std::string_view event, Fields fields) {
    spdlog::logger* logger = spdlog::default_logger_raw();
    if (!logger->should_log(to_spdlog(level))) return;
    const bool journal =
        current_destination.load(std::memory_order_relaxed) == Destination::journal;
    std::string line{journal ? journal_priority(level) : ""};
    if (current_format.load(std::memory_order_relaxed) == Format::json) {
        line += render_json(level, event, fields);
    } else {
        if (journal) line.append(name_of(level)) += ' ';
        line += render_text(event, fields);
    }
    logger->log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace

void configure(Options options) {
    auto logger = std::make_shared<spdlog::logger>(
        "postern", std::make_shared<spdlog::sinks::stderr_sink_mt>()
    );
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
    reconfigure(options);
}

// The logger itself stays, since whoever writes holds it without a lock.
void reconfigure(Options options) {
    spdlog::logger* logger = spdlog::default_logger_raw();
    const Destination destination = destination_of_standard_error();
    current_format = options.format;
    current_destination = destination;
    // The journal adds its own time; a terminal or a file wants one on the line.
    const bool plain = options.format == Format::json || destination == Destination::journal;
    logger->set_pattern(plain ? "%v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_level(to_spdlog(options.level));
}

std::string render_text(std::string_view event, Fields fields) {
    std::string line{event};
    for (const Field& field : fields) {
        line += ' ';
        line += field.name;
        line += '=';
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            line += std::to_string(*number);
        } else {
            const std::string_view text = std::get<std::string_view>(field.value);
            line += needs_quotes(text) ? quoted(text) : std::string{text};
        }
    }
    return line;
}

std::string render_json(Level level, std::string_view event, Fields fields) {
    std::string line;
    JsonWriter writer{line};
    writer.begin_object();
    writer.member("time", to_iso8601(SystemClock{}.now()));
    writer.member("level", name_of(level));
    writer.member("event", event);
    for (const Field& field : fields) {
        writer.key(field.name);
        if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            writer.integer(*number);
        } else {
            writer.raw(quoted(std::get<std::string_view>(field.value)));
        }
    }
    writer.end_object();
    return line;
}

void debug(std::string_view event, Fields fields) {
    write(Level::debug, event, fields);
}
void info(std::string_view event, Fields fields) {
    write(Level::info, event, fields);
}
void warn(std::string_view event, Fields fields) {
    write(Level::warn, event, fields);
}
void error(std::string_view event, Fields fields) {
    write(Level::error, event, fields);
}

void failure(std::string_view event, const std::exception_ptr& thrown) {
    if (!thrown) return;
    try {
        std::rethrow_exception(thrown);
    } catch (const std::exception& exception) {
        error(event, {{"what", exception.what()}});
    }
}

}  // namespace postern::log
