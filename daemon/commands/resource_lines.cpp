#include "daemon/commands/resource_lines.hpp"

#include "core/bytes.hpp"
#include "core/http_message.hpp"
#include "core/json_document.hpp"
#include "core/numbers.hpp"
#include "daemon/commands/common.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kPageRows = "100";
constexpr std::uint64_t kPauseSecondsMax = 60;

struct Api {
    const ApiAccess& access;
    KeptConnection connection = {};
};

// As long as the API asks for before it is asked again.
void pause_as_told(const PostReply& reply) {
    std::uint64_t seconds = 1;
    for (const auto& [name, value] : reply.headers) {
        if (equal_ignoring_case(name, "retry-after")) seconds = parse_unsigned(value).value_or(1);
    }
    boost::asio::io_context context{1};
    const auto bounded = std::clamp<std::uint64_t>(seconds, 1, kPauseSecondsMax);
    const std::chrono::seconds pause{static_cast<std::int64_t>(bounded)};
    boost::asio::steady_timer{context, pause}.wait();
}

// A success, or the answer that there is no such thing.
Result<PostReply, Complaint> ask(Api& api, const ApiCommandCall& call) {
    for (;;) {
        const auto request = api_request(api.access, call);
        if (!request) return request.error();
        auto reply = api.connection.post(*request);
        if (!reply) return reply.error();
        const bool is_success = reply->status >= 200 && reply->status <= 299;
        if (is_success || reply->status == 404) return std::move(*reply);
        if (reply->status != 429) return explain_refusal(api.access, *reply);
        pause_as_told(*reply);
    }
}

void print_line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    text += '\n';
    print(text);
}

// What went away after the list had named it is left out.
std::optional<Complaint> print_item(Api& api, const std::string& path) {
    auto item = ask(api, {.path = path});
    if (!item) return item.error();
    if (item->status != 404) print_line(std::move(item->body));
    return std::nullopt;
}

void set_parameter(ApiCommandCall& call, std::string_view name, std::string_view value) {
    std::erase_if(call.query, [name](const auto& parameter) { return parameter.first == name; });
    call.query.emplace_back(name, value);
}

}  // namespace

int print_lines(const ApiAccess& access, ApiCommandCall call) {
    Api api{.access = access};
    set_parameter(call, "limit", kPageRows);
    for (;;) {
        const auto page = ask(api, call);
        if (!page) return complain(page.error());
        const auto document = JsonDocument::parse(page->body);
        if (page->status == 404 || !document) return complain(explain_refusal(access, *page));
        const JsonValue root = document->root();
        for (const JsonValue row : root["data"].items()) {
            const std::string path = call.path + "/" + encode_percent(row["id"].string());
            if (const auto complaint = print_item(api, path)) return complain(*complaint);
            if (has_lost_output()) return kExitFailed;  // whoever started this says so
        }
        if (!root["next_cursor"].is_string()) return kExitFine;
        set_parameter(call, "cursor", root["next_cursor"].string());
    }
}

}  // namespace postern::daemon::commands
