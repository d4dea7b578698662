#include "daemon/handlers.hpp"

#include "daemon/access_log.hpp"
#include "daemon/listener_refusals.hpp"
#include "daemon/request_span.hpp"
#include "daemon/request_trace.hpp"

namespace postern::daemon {
namespace {

constexpr std::size_t kApiBodyBytesMax = 16 * 1024 * 1024;
constexpr std::string_view kWebhooks = "/api/v2/webhooks/";

// The gateway named by a webhook path; empty when the path is another one.
std::string_view gateway_in(std::string_view path) {
    if (!path.starts_with(kWebhooks)) return {};
    const std::string_view id = path.substr(kWebhooks.size());
    return id.find('/') == std::string_view::npos ? id : std::string_view{};
}

}  // namespace

std::optional<HttpReply>
PublicHandler::refuse_early(std::string_view method, std::string_view path) {
    const std::string_view gateway = gateway_in(path);
    if (method != "POST" || gateway.empty()) return std::nullopt;
    auto reply = parts_.receiver.shed(gateway);
    if (reply && logs_accesses()) {
        HttpRequest seen;
        seen.method = method;
        seen.path = path;
        write_access_line({.request = seen, .reply = *reply});
    }
    return reply;
}

// The API's documents promise so much; a webhook of that size would be nothing we know.
std::size_t PublicHandler::large_body_bytes_max(std::string_view path) const {
    return gateway_in(path).empty() ? kApiBodyBytesMax : 0;
}

bool PublicHandler::demands_tls(std::string_view path) const {
    if (parts_.plaintext == Plaintext::welcome) return false;
    return (path.starts_with("/v1/") || path.starts_with("/api/")) && !path.starts_with(kWebhooks);
}

net::Task<HttpReply> PublicHandler::handle(const HttpRequest& request, net::IoThread& thread) {
    const auto begun = std::chrono::steady_clock::now();
    RequestTrace trace = trace_of(request.fields);
    const bool wanted = is_wanted(parts_.spans, trace.context);
    if (wanted) trace.context.sampled = TraceContext::Sampled::yes;
    const TimePoint started_at = wanted ? parts_.clock.now() : TimePoint{};
    auto answering = answer(request, trace.context, thread);
    HttpReply reply = co_await std::move(answering);
    append_traceparent(reply, trace.context);
    if (wanted) {
        parts_.spans->take(span_of_request(
            {.request = request,
             .reply = reply,
             .trace = trace,
             .gateway = gateway_in(request.path),
             .started_at = started_at,
             .ended_at = parts_.clock.now()}
        ));
    }
    if (logs_accesses()) {
        const auto duration = std::chrono::steady_clock::now() - begun;
        write_access_line(
            {.request = request,
             .reply = reply,
             .trace = trace.context,
             .duration = std::chrono::duration_cast<std::chrono::microseconds>(duration)}
        );
    }
    co_return reply;
}

net::Task<HttpReply> PublicHandler::answer(
    const HttpRequest& request,
    const TraceContext& trace,
    net::IoThread& thread
) {
    const std::string_view gateway = gateway_in(request.path);
    if (!gateway.empty()) return parts_.receiver.receive(gateway, request, trace, thread);
    return handle_api(parts_.api, request, thread, trace);
}

HttpReply PublicHandler::refusal(int status, const HttpRequest& seen) {
    const auto spoken = spoken_language(seen.fields.value_or_empty("accept-language"));
    HttpReply reply = finished_reply(seen, listener_refusal(status, spoken));
    if (logs_accesses()) write_access_line({.request = seen, .reply = reply});
    return reply;
}

std::optional<HttpReply> PrivateHandler::refuse_early(std::string_view, std::string_view) {
    return std::nullopt;
}

net::Task<HttpReply> PrivateHandler::handle(const HttpRequest& request, net::IoThread&) {
    HttpReply reply;
    if (request.method != "GET" && request.method != "HEAD") {
        reply = listener_refusal(405, SpokenLanguage::english);
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

HttpReply PrivateHandler::refusal(int status, const HttpRequest&) {
    return listener_refusal(status, SpokenLanguage::english);
}

}  // namespace postern::daemon
