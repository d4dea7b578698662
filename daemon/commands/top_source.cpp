#include "daemon/commands/top_source.hpp"

#include "daemon/commands/private_listener.hpp"

#include <algorithm>
#include <utility>

namespace postern::daemon::commands {
namespace {

using std::chrono::steady_clock;

// A list of endpoints is many pages, and changes slowly.
constexpr std::chrono::seconds kEndpointsEvery{10};
constexpr std::size_t kPagesMax = 10;

struct Health {
    std::string version;
    std::chrono::duration<double> uptime{0};
};

Result<Health, Complaint> read_health(const PostReply& reply) {
    const auto document = JsonDocument::parse(reply.body);
    if (!document || !document->root()["version"].is_string()) {
        return Complaint{"what answers at --admin-url is no Postern"};
    }
    const JsonValue root = document->root();
    Health health;
    health.version = root["version"].string();
    // It counts whole seconds, and nothing can be a rate over none.
    const std::int64_t seconds = root["uptime_seconds"].integer().value_or(0);
    health.uptime = std::chrono::seconds{std::max<std::int64_t>(seconds, 1)};
    return health;
}

}  // namespace

Result<PostReply, Complaint> TopSource::ask(const char* path) {
    const auto request = private_request(options_.admin_url, path);
    if (!request) return request.error();
    return connection_.post(*request);
}

void TopSource::look_at_endpoints(SteadyTime now) {
    if (now < next_endpoints_at_) return;
    next_endpoints_at_ = now + kEndpointsEvery;
    notice_ = "give an API key with --key or POSTERN_API_KEY to see which endpoints fail";
    if (options_.access.key.empty()) return;
    endpoints_.clear();
    notice_.clear();
    ApiCommandCall call{.path = "/api/v2/webhook-endpoints", .query = {{"limit", "100"}}};
    for (std::size_t page = 0; page < kPagesMax; ++page) {
        const auto body = call_api(options_.access, call);
        if (!body) {
            const std::string why = body.error().message;
            notice_ = "endpoints: " + why.substr(0, why.find('\n'));
            return;
        }
        const auto document = JsonDocument::parse(*body);
        if (!document) return;
        append_endpoints(document->root()["data"], endpoints_);
        const JsonValue next = document->root()["next_cursor"];
        if (!next.is_string()) return;
        call.query = {{"limit", "100"}, {"cursor", std::string{next.string()}}};
    }
    notice_ = "more endpoints than are looked at: those beyond are known by their metrics only";
}

Result<TopView, Complaint> TopSource::look() {
    const auto answered = ask("/healthz");
    if (!answered) return answered.error();
    const auto health = read_health(*answered);
    if (!health) return health.error();
    const auto ready = ask("/readyz");
    if (!ready) return ready.error();
    const auto metrics = ask("/metrics");
    if (!metrics) return metrics.error();
    const SteadyTime now = steady_clock::now();
    MetricsText after = MetricsText::parse(metrics->body);
    const bool first = looked_at_ == SteadyTime{};
    const std::chrono::duration<double> length = first ? health->uptime : now - looked_at_;
    look_at_endpoints(now);
    const auto readiness = JsonDocument::parse(ready->body);
    const MetricsSpan span{before_, after, length};
    TopView view{
        .address = options_.admin_url,
        .version = health->version,
        .state = readiness ? readiness_text(readiness->root()) : "not ready",
        .uptime_seconds = health->uptime.count(),
        .span_seconds = length.count(),
        .groups = figure_groups(span),
        .gateways = gateway_rows(span),
        .endpoints = endpoint_rows(span, endpoints_),
        .notice = notice_};
    before_ = std::move(after);
    looked_at_ = now;
    return view;
}

}  // namespace postern::daemon::commands
