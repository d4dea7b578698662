#include "daemon/api.hpp"

#include "core/bytes.hpp"
#include "core/json_writer.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/authentication.hpp"
#include "daemon/faces/face.hpp"

#include <algorithm>
#include <optional>

namespace postern::daemon {

using storage::StoreError;

namespace {

constexpr std::size_t kRequestIdBytes = 12;
constexpr std::string_view kRequestIdField = "X-Request-ID";
constexpr int kRetrySoonSeconds = 5;
constexpr int kRetryLaterSeconds = 30;

std::string make_request_id() {
    return "req_" + to_hex(random_bytes(kRequestIdBytes));
}

std::optional<std::string_view> take_segment(std::string_view& path) {
    if (path.empty() || path.front() != '/') return std::nullopt;
    path.remove_prefix(1);
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    return segment;
}

// The values of the pattern's braces, decoded; nullopt when the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
    std::vector<std::string> parameters;
    while (!pattern.empty()) {
        const auto wanted = take_segment(pattern);
        const auto segment = take_segment(path);
        if (!wanted || !segment) return std::nullopt;
        if (!wanted->starts_with('{')) {
            if (*wanted != *segment) return std::nullopt;
            continue;
        }
        auto value = decode_percent(*segment);
        if (!value || value->empty()) return std::nullopt;
        parameters.push_back(std::move(*value));
    }
    if (!path.empty()) return std::nullopt;
    return parameters;
}

bool allows(const Route& route, std::string_view method) {
    return route.method == method || (route.method == "GET" && method == "HEAD");
}

struct Found {
    const Route* route = nullptr;
    std::vector<std::string> path_parameters;
    std::string allowed;  // the methods of a path that is known; empty: it is not
};

Found find_route(const HttpRequest& request) {
    const std::string_view path = routed_path(request.path);
    Found found;
    for (const Route& route : api_routes()) {
        auto parameters = match(route.pattern, path);
        if (!parameters) continue;
        if (allows(route, request.method)) {
            found.route = &route;
            found.path_parameters = std::move(*parameters);
            return found;
        }
        if (!found.allowed.empty()) found.allowed += ", ";
        found.allowed += route.method == "GET" ? "GET, HEAD" : route.method;
    }
    return found;
}

HttpReply no_route_reply(const Found& found) {
    if (found.allowed.empty()) {
        return error_reply(
            {.status = 404,
             .code = "NOT_FOUND",
             .message = "There is nothing at this address; /openapi.json lists what there is"}
        );
    }
    HttpReply reply = error_reply(
        {.status = 405,
         .code = "METHOD_NOT_ALLOWED",
         .message = "This address takes " + found.allowed}
    );
    reply.fields.push_back({"Allow", found.allowed});
    return reply;
}

HttpReply forbidden_reply() {
    return error_reply(
        {.status = 403,
         .code = "FORBIDDEN",
         .message = "A restricted key may only read; use a secret key for this"}
    );
}

net::Task<HttpReply>
answer(ApiSurroundings& around, const HttpRequest& request, net::IoThread& thread) {
    if (auto refusal = refuse_request(face_of(request.path), request)) {
        co_return std::move(*refusal);
    }
    Found found = find_route(request);
    if (found.route == nullptr) co_return no_route_reply(found);
    ApiCall call{
        .around = around,
        .request = request,
        .thread = thread,
        .identity = {},
        .path_parameters = std::move(found.path_parameters)};
    if (found.route->access != Access::open) {
        auto authenticating = authenticate(around, request, thread);
        auto identity = co_await std::move(authenticating);
        if (!identity) co_return std::move(identity.error());
        call.identity = *identity;
        const bool restricted = identity->scope == storage::KeyScope::restricted;
        if (found.route->access == Access::writing && restricted) co_return forbidden_reply();
    }
    auto running = found.route->run(call);
    co_return co_await std::move(running);
}

}  // namespace

HttpReply error_reply(const ApiError& error) {
    const std::string request_id = make_request_id();
    HttpReply reply;
    reply.status = error.status;
    reply.content_type = kJsonContentType;
    reply.fields.push_back({std::string{kRequestIdField}, request_id});
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    writer.member("code", error.code);
    writer.member("message", error.message);
    writer.key("details");
    writer.begin_array();
    for (const ApiError::Detail& detail : error.details) {
        writer.begin_object();
        writer.member("field", detail.field);
        writer.member("message", detail.message);
        writer.end_object();
    }
    writer.end_array();
    writer.member("request_id", request_id);
    writer.end_object();
    writer.end_object();
    return reply;
}

HttpReply store_error_reply(StoreError error) {
    // A unit of work that broke a rule of the schema would break it again.
    if (error == StoreError::constraint) {
        return error_reply(
            {.status = 500,
             .code = "INTERNAL_ERROR",
             .message = "Something went wrong on our side; nothing was changed"}
        );
    }
    HttpReply reply = error_reply(
        {.status = 503,
         .code = "UNAVAILABLE",
         .message = "The store cannot answer now; please ask again later"}
    );
    const int seconds = error == StoreError::busy ? kRetrySoonSeconds : kRetryLaterSeconds;
    reply.fields.push_back({"Retry-After", std::to_string(seconds)});
    return reply;
}

net::Task<HttpReply>
handle_api(ApiSurroundings& around, const HttpRequest& request, net::IoThread& thread) {
    auto answering = answer(around, request, thread);
    HttpReply reply = co_await std::move(answering);
    const bool named =
        std::any_of(reply.fields.begin(), reply.fields.end(), [](const HttpReplyField& field) {
            return field.name == kRequestIdField;
        });
    if (!named) reply.fields.push_back({std::string{kRequestIdField}, make_request_id()});
    reply = in_words_of(face_of(request.path), request, std::move(reply));
    // What a key may see must not stay in a cache that others can read.
    reply.fields.push_back({"Cache-Control", "no-store"});
    co_return reply;
}

}  // namespace postern::daemon
