#include "daemon/commands/api_client.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/http_message.hpp"
#include "core/json_document.hpp"
#include "daemon/commands/common.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace postern::daemon::commands {
namespace {

constexpr std::size_t kIdempotencyKeyBytes = 16;
constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8080";

std::string
with_query(std::string path, const std::vector<std::pair<std::string, std::string>>& query) {
    char separator = '?';
    for (const auto& [name, value] : query) {
        path += separator;
        path += encode_percent(name);
        path += '=';
        path += encode_percent(value);
        separator = '&';
    }
    return path;
}

// The API's own words, or those of its Svix face: "detail" is a text, or a list with a place each.
void append_words(std::string& message, JsonValue answer) {
    const JsonValue error = answer["error"];
    const std::string words = printable(error["message"].string());
    if (!words.empty()) message += ": " + words;
    for (const JsonValue detail : error["details"].items()) {
        std::string line = printable(detail["field"].string()) + ": ";
        line += printable(detail["message"].string());
        if (line != words) message += "\n  " + line;
    }
    const JsonValue detail = answer["detail"];
    if (detail.is_string()) message += ": " + printable(detail.string());
    for (const JsonValue problem : detail.items()) {
        message += "\n  ";
        for (const JsonValue part : problem["loc"].items()) {
            if (part.string() != "body") message += printable(part.text()) + ": ";
        }
        message += printable(problem["msg"].string());
    }
}

// Nothing else may stand in a header.
bool is_of_a_key(char c) {
    return c > ' ' && c < 0x7f;
}

std::string advice_for(int status, const ApiAccess& access) {
    if (status == 401 && access.key.empty()) {
        return "\n  give a key with --key or POSTERN_API_KEY; the daemon shows the first ones when "
               "it first starts";
    }
    if (status == 401) return "\n  is this key one of the daemon at " + access.url + "?";
    if (status == 403) return "\n  `postern keys list` shows what each key may do";
    if (status == 404) return "\n  test keys see only what is in test mode, live keys the rest";
    if (status == 429) return "\n  wait a moment; `postern keys list` shows the plan of each key";
    if (status == 503) return "\n  it cannot be stored now: `postern doctor` shows why";
    if (status == 502 || status == 504) return "\n  is a proxy between here and the daemon?";
    return {};
}

}  // namespace

void add_access_options(CLI::App& command, ApiAccess& access) {
    command.add_option(
        "--url",
        access.url,
        "The daemon's public address; else POSTERN_URL, else http://127.0.0.1:8080"
    );
    command.add_option("--key", access.key, "An API key; else POSTERN_API_KEY");
}

ApiAccess completed(ApiAccess access, const config::Environment& environment) {
    const auto variable = [&environment](std::string_view name) {
        const auto found = environment.find(std::string{name});
        return found == environment.end() ? std::string{} : found->second;
    };
    if (access.url.empty()) access.url = variable("POSTERN_URL");
    if (access.url.empty()) access.url = kDefaultUrl;
    if (access.key.empty()) access.key = variable("POSTERN_API_KEY");
    return access;
}

Result<PostRequest, Complaint> api_request(const ApiAccess& access, const ApiCommandCall& call) {
    auto url = parse_http_url(access.url);
    if (!url) return Complaint{"--url must be a URL like http://127.0.0.1:8080"};
    if (!std::all_of(access.key.begin(), access.key.end(), is_of_a_key)) {
        return Complaint{"the API key holds a blank or a line's end, as no key does"};
    }
    std::string base = url->target;
    while (base.ends_with('/')) base.pop_back();
    PostRequest request{.url = std::move(*url), .method = call.method, .body = call.body};
    request.url.target = with_query(base + call.path, call.query);
    if (!access.key.empty()) request.headers.emplace_back("Authorization", "Bearer " + access.key);
    if (!call.body.empty()) request.headers.emplace_back("Content-Type", "application/json");
    if (call.method == "POST") {
        request.headers.emplace_back("Idempotency-Key", to_hex(random_bytes(kIdempotencyKeyBytes)));
    }
    return request;
}

Complaint explain_refusal(const ApiAccess& access, const PostReply& reply) {
    std::string message = std::to_string(reply.status);
    message += ' ';
    message += reason_phrase(reply.status);
    const auto document = JsonDocument::parse(reply.body);
    if (document) append_words(message, document->root());
    message += advice_for(reply.status, access);
    return {std::move(message)};
}

Result<std::string, Complaint> call_api(const ApiAccess& access, const ApiCommandCall& call) {
    const auto request = api_request(access, call);
    if (!request) return request.error();
    auto reply = http_post(*request);
    if (!reply) return reply.error();
    if (reply->status < 200 || reply->status > 299) return explain_refusal(access, *reply);
    return Result<std::string, Complaint>{boost::system::in_place_value, std::move(reply->body)};
}

}  // namespace postern::daemon::commands
