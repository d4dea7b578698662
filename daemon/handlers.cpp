#include "daemon/handlers.hpp"

#include "daemon/webhook_replies.hpp"

namespace postern::daemon {
namespace {

constexpr std::string_view kWebhooks = "/api/v2/webhooks/";

// The gateway named by a webhook path; empty when the path is another one.
std::string_view gateway_in(std::string_view path) {
    if (!path.starts_with(kWebhooks)) return {};
    const std::string_view id = path.substr(kWebhooks.size());
    return id.find('/') == std::string_view::npos ? id : std::string_view{};
}

HttpReply listener_refusal(int status) {
    ApiError error{.status = status, .code = "VALIDATION_ERROR"};
    switch (status) {
        case 408: error.message = "The request took too long to arrive"; break;
        case 411: error.message = "Say how long the body is: Content-Length is missing"; break;
        case 413: error.message = "The body is larger than this server takes"; break;
        case 414: error.message = "The request target is too long"; break;
        case 415: error.message = "Send the body without Content-Encoding"; break;
        case 417: error.message = "The only expectation known is 100-continue"; break;
        case 431: error.message = "The header fields are too many or too large"; break;
        case 500:
            error.code = "INTERNAL_ERROR";
            error.message = "Something went wrong on our side; it has been noted";
            break;
        default: error.message = "The request is not valid HTTP/1.1"; break;
    }
    return error_reply(error);
}

}  // namespace

std::optional<HttpReply>
PublicHandler::refuse_early(std::string_view method, std::string_view path) {
    if (method != "POST" || gateway_in(path).empty()) return std::nullopt;
    return receiver_.shed();
}

net::Task<HttpReply> PublicHandler::handle(const HttpRequest& request, net::IoThread& thread) {
    const std::string_view gateway = gateway_in(request.path);
    if (!gateway.empty()) return receiver_.receive(gateway, request, thread);
    return handle_api(api_, request, thread);
}

HttpReply PublicHandler::refusal(int status) {
    return listener_refusal(status);
}

std::optional<HttpReply> PrivateHandler::refuse_early(std::string_view, std::string_view) {
    return std::nullopt;
}

net::Task<HttpReply> PrivateHandler::handle(const HttpRequest& request, net::IoThread&) {
    HttpReply reply;
    if (request.method != "GET" && request.method != "HEAD") {
        reply = listener_refusal(405);
        reply.fields.push_back({"Allow", "GET, HEAD"});
        co_return reply;
    }
    if (request.path == "/metrics") {
        refresh_();
        reply.content_type = "text/plain; version=0.0.4; charset=utf-8";
        reply.body = metrics_.render();
        co_return reply;
    }
    const bool live = request.path == "/healthz";
    if (!live && request.path != "/readyz") {
        co_return error_reply(
            {.status = 404, .code = "NOT_FOUND", .message = "Here are /metrics, /healthz, /readyz"}
        );
    }
    Health::Answer answer = live ? health_.liveness() : health_.readiness();
    reply.status = answer.state == Health::Answer::State::ready ? 200 : 503;
    reply.content_type = "application/json; charset=utf-8";
    reply.body = std::move(answer.json);
    co_return reply;
}

HttpReply PrivateHandler::refusal(int status) {
    return listener_refusal(status);
}

}  // namespace postern::daemon
