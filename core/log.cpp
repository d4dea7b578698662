#include "core/log.hpp"

#include "core/json_writer.hpp"
#include "core/time.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdlib>
#include <memory>

namespace postern::log {
namespace {

std::atomic<Format> current_format{Format::text};

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
    const std::string line = current_format.load(std::memory_order_relaxed) == Format::json
                                 ? render_json(level, event, fields)
                                 : render_text(event, fields);
    logger->log(to_spdlog(level), spdlog::string_view_t{line.data(), line.size()});
}

}  // namespace

void configure(Options options) {
    current_format = options.format;
    auto logger = std::make_shared<spdlog::logger>(
        "postern", std::make_shared<spdlog::sinks::stderr_sink_mt>()
    );
    // The journal adds its own time; a terminal or a file wants one on the line.
    const bool journal = std::getenv("JOURNAL_STREAM") != nullptr;
    if (options.format == Format::json) {
        logger->set_pattern("%v");
    } else {
        logger->set_pattern(journal ? "%l %v" : "%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    }
    logger->set_level(to_spdlog(options.level));
    logger->flush_on(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
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

}  // namespace postern::log
