#include "daemon/api_limits.hpp"

#include "daemon/api.hpp"

#include <boost/asio/ip/address.hpp>

namespace postern::daemon {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kNetworkBytes = 8;
constexpr MetricName kRefused{
    "postern_api_rate_limited_total",
    "Requests answered 429, by what was over its limit"};

// Whoever has one IPv6 address has its whole network of 64 bits.
std::string network_of(std::string_view address) {
    boost::system::error_code error;
    const auto parsed = asio::ip::make_address(address, error);
    if (error || parsed.is_v4()) return std::string{address};
    const auto bytes = parsed.to_v6().to_bytes();
    return {bytes.begin(), bytes.begin() + kNetworkBytes};
}

}  // namespace

std::unique_ptr<ApiLimits> ApiLimits::make(Parts parts) {
    if (!parts.plans.rate_limits) return nullptr;
    return std::make_unique<ApiLimits>(std::move(parts));
}

ApiLimits::ApiLimits(Parts parts)
    : parts_{std::move(parts)},
      refused_keys_{parts_.metrics.counter(kRefused, {{"subject", "key"}})},
      refused_addresses_{parts_.metrics.counter(kRefused, {{"subject", "address"}})} {
    if (parts_.keys == nullptr) parts_.keys = std::make_unique<MemoryRateLimiter>();
    if (parts_.addresses == nullptr) parts_.addresses = std::make_unique<MemoryRateLimiter>();
}

const RatePlan& ApiLimits::plan_of(const Identity& identity) const {
    const bool live = identity.livemode == storage::Livemode::live;
    switch (identity.plan) {
        case KeyPlan::test: return parts_.plans.rate_limit_test;
        case KeyPlan::live: return parts_.plans.rate_limit_live;
        case KeyPlan::standard: return parts_.plans.rate_limit_standard;
        case KeyPlan::enterprise: return parts_.plans.rate_limit_enterprise;
        case KeyPlan::of_mode: break;
    }
    return live ? parts_.plans.rate_limit_live : parts_.plans.rate_limit_test;
}

bool ApiLimits::may_grant(const Identity& giver, const Identity& receiver) const {
    const RatePlan& own = plan_of(giver);
    const RatePlan& wanted = plan_of(receiver);
    const bool faster = wanted.limit * own.window.count() > own.limit * wanted.window.count();
    return wanted.limit <= own.limit && !faster;
}

RateGrant ApiLimits::take(const Identity& identity, TimePoint now) {
    const RateGrant grant = parts_.keys->take(
        {.subject = static_cast<std::uint64_t>(identity.key.value),
         .plan = plan_of(identity),
         .now = now}
    );
    if (grant.verdict == RateGrant::Verdict::wait) refused_keys_.add();
    return grant;
}

RateLimiter::Ask ApiLimits::ask_of(std::string_view address, TimePoint now) const {
    return {
        .subject = sip_hash(parts_.address_key, network_of(address)),
        .plan = parts_.plans.rate_limit_wrong_keys,
        .now = now};
}

std::optional<RateGrant> ApiLimits::wait_of(std::string_view address, TimePoint now) {
    RateGrant grant = parts_.addresses->look(ask_of(address, now));
    if (grant.verdict == RateGrant::Verdict::go_on) return std::nullopt;
    refused_addresses_.add();
    return grant;
}

void ApiLimits::note_wrong_key(std::string_view address, TimePoint now) {
    parts_.addresses->take(ask_of(address, now));
}

void tell_limits(HttpReply& reply, const RateGrant& grant) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(grant.reset_at);
    reply.fields.push_back({"X-RateLimit-Limit", std::to_string(grant.limit)});
    reply.fields.push_back({"X-RateLimit-Remaining", std::to_string(grant.remaining)});
    reply.fields.push_back({"X-RateLimit-Reset", std::to_string(seconds.time_since_epoch().count())}
    );
}

HttpReply too_many_reply(const RateGrant& grant, std::string message) {
    HttpReply reply =
        error_reply({.status = 429, .code = "RATE_LIMITED", .message = std::move(message)});
    reply.fields.push_back({"Retry-After", std::to_string(grant.retry_after.count())});
    return reply;
}

}  // namespace postern::daemon
