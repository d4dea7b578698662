#include "daemon/control_handler.hpp"

#include "core/numbers.hpp"
#include "daemon/api.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/listener_refusals.hpp"
#include "daemon/version.hpp"

#include <boost/asio/steady_timer.hpp>

namespace postern::daemon {
namespace {

constexpr std::string_view kRoot = "/control/";
constexpr std::string_view kBackups = "/control/backups";
constexpr std::string_view kBytes = "/bytes";
constexpr std::chrono::milliseconds kMoment{200};

HttpReply no_such_backup() {
    return error_reply(
        {.status = 404, .code = "NOT_FOUND", .message = "There is no such backup any more"}
    );
}

HttpReply wrong_method() {
    return listener_refusal(405, SpokenLanguage::english);
}

HttpReply program_reply() {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("program", "postern");
    writer.member("version", kVersion);
    writer.end_object();
    return json_reply(std::move(body));
}

// "ID" or "ID/bytes" behind /control/backups/.
std::string_view backup_in(std::string_view path) {
    if (!path.starts_with(kBackups) || path.size() <= kBackups.size() + 1) return {};
    if (path[kBackups.size()] != '/') return {};
    return path.substr(kBackups.size() + 1);
}

bool goes_on(const BackupStatus& status) {
    return status.state == BackupState::copying || status.state == BackupState::checking;
}

}  // namespace

std::optional<HttpReply> ControlHandler::refuse_early(std::string_view, std::string_view) {
    return std::nullopt;
}

HttpReply ControlHandler::refusal(int status, const HttpRequest&) {
    return listener_refusal(status, SpokenLanguage::english);
}

void ControlHandler::tick(net::IoThread&) {
    parts_.backups.drop_unasked();
}

// Whoever asks again and again while a backup is made shall not do so in a circle without pause.
net::Task<HttpReply> ControlHandler::handle(const HttpRequest& request, net::IoThread& thread) {
    if (request.method == "GET") {
        const auto status = parts_.backups.find(backup_in(request.path));
        if (status && goes_on(*status)) {
            boost::asio::steady_timer moment{thread.context(), kMoment};
            const auto [ignored] = co_await moment.async_wait(net::kAwaitTuple);
            static_cast<void>(ignored);
        }
    }
    co_return answer(request);
}

HttpReply ControlHandler::answer(const HttpRequest& request) {
    const std::string_view method = request.method;
    if (request.path == kRoot) return method == "GET" ? program_reply() : wrong_method();
    if (request.path == kBackups) return method == "POST" ? begin_backup() : wrong_method();
    std::string_view id = backup_in(request.path);
    if (id.empty()) {
        return error_reply(
            {.status = 404, .code = "NOT_FOUND", .message = "Here are /control/ and its backups"}
        );
    }
    if (id.ends_with(kBytes)) {
        id.remove_suffix(kBytes.size());
        return method == "GET" ? send_bytes(id, request) : wrong_method();
    }
    if (method == "GET") return show_backup(id);
    return method == "DELETE" ? drop_backup(id) : wrong_method();
}

HttpReply ControlHandler::begin_backup() {
    const auto status = parts_.backups.begin();
    if (!status) {
        return conflict_reply(
            "Another backup is being made or fetched. Try again when it is done; one that nobody "
            "asks for any more goes after a minute"
        );
    }
    HttpReply reply = status_reply(*status);
    reply.status = 201;
    return reply;
}

HttpReply ControlHandler::show_backup(std::string_view id) {
    const auto status = parts_.backups.find(id);
    return status ? status_reply(*status) : no_such_backup();
}

HttpReply ControlHandler::send_bytes(std::string_view id, const HttpRequest& request) {
    const auto text = query_parameter(request.query, "offset");
    const auto offset = parse_unsigned(text.value_or("0"));
    if (!offset) {
        return error_reply(
            {.status = 400, .code = "INVALID_REQUEST", .message = "offset must be a number"}
        );
    }
    auto bytes = parts_.backups.read(id, {.offset = *offset, .bytes_max = kPartBytes});
    if (!bytes) return no_such_backup();
    HttpReply reply;
    reply.content_type = "application/octet-stream";
    reply.body = std::move(*bytes);
    return reply;
}

HttpReply ControlHandler::drop_backup(std::string_view id) {
    if (!parts_.backups.drop(id)) return no_such_backup();
    HttpReply reply;
    reply.status = 204;
    return reply;
}

HttpReply ControlHandler::status_reply(const BackupStatus& status) const {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("id", status.id);
    writer.member("state", to_text(status.state));
    writer.member("taken_at", to_iso8601(status.taken_at));
    writer.member_integer("pages_done", status.progress.pages_done);
    writer.member_integer("pages_total", status.progress.pages_total);
    writer.member_integer("bytes", static_cast<std::int64_t>(status.bytes));
    writer.member_or_null("sha256", status.sha256);
    writer.member_or_null("why", status.why);
    writer.member("data_dir", parts_.data_dir.string());
    writer.member("version", kVersion);
    writer.end_object();
    return json_reply(std::move(body));
}

}  // namespace postern::daemon
