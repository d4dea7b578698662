#include "daemon/request_span.hpp"

#include "daemon/masked_parameters.hpp"

namespace postern::daemon {
namespace {

constexpr std::size_t kPathBytesMax = 512;
constexpr std::size_t kShortBytesMax = 255;
constexpr int kFirstServerError = 500;

}  // namespace

Span span_of_request(const AnsweredTrace& answered) {
    const HttpRequest& request = answered.request;
    const int status = answered.reply.status;
    Span span{
        .context = answered.trace.context,
        .parent = answered.trace.parent,
        .kind = Span::Kind::server,
        .name = answered.gateway.empty() ? "api.request" : "webhook.receive",
        .started_at = answered.started_at,
        .ended_at = answered.ended_at,
        .attributes = {
            {"http.request.method", masked_line(request.method, kShortBytesMax)},
            {"url.path", masked_line(request.path, kPathBytesMax)},
            {"http.response.status_code", std::int64_t{status}},
            {"http.request.body.size", static_cast<std::int64_t>(request.body.size())},
            {"client.address", masked_line(request.peer_address, kShortBytesMax)}}};
    if (!answered.gateway.empty()) {
        const std::string gateway = masked_line(answered.gateway, kShortBytesMax);
        span.attributes.push_back({"postern.gateway", gateway});
    }
    // What a client did wrong is no fault of the server's.
    if (status >= kFirstServerError) span.outcome = Span::Outcome::failed;
    return span;
}

}  // namespace postern::daemon
