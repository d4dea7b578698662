#pragma once

#include "config/config.hpp"
#include "core/crypto.hpp"
#include "core/http_message.hpp"
#include "core/metrics.hpp"
#include "daemon/api_keys.hpp"
#include "daemon/rate_limits.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace postern::daemon {

// How much the API's callers may ask: keys by their plans, and addresses by how many wrong keys
// came from them.
class ApiLimits {
 public:
    struct Parts {
        const config::Api& plans;  // outlives this object
        MetricRegistry& metrics;
        SipKey address_key;  // keyed, since strangers choose their addresses
        // Null: this process counts alone.
        std::unique_ptr<RateLimiter> keys = nullptr;
        std::unique_ptr<RateLimiter> addresses = nullptr;
    };
    // Null where the operator wants no limits.
    static std::unique_ptr<ApiLimits> make(Parts parts);
    explicit ApiLimits(Parts parts);

    const RatePlan& plan_of(const Identity& identity) const;
    // May who asks by one of them hand out keys that ask by the other: no key grants more than it
    // has.
    bool may_grant(const Identity& giver, const Identity& receiver) const;
    RateGrant take(const Identity& identity, TimePoint now);

    // How long an address has to wait that tried too many wrong keys; nullopt: go on.
    std::optional<RateGrant> wait_of(std::string_view address, TimePoint now);
    void note_wrong_key(std::string_view address, TimePoint now);

 private:
    RateLimiter::Ask ask_of(std::string_view address, TimePoint now) const;

    Parts parts_;
    Counter refused_keys_;
    Counter refused_addresses_;
};

// X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset.
void tell_limits(HttpReply& reply, const RateGrant& grant);
// 429 with Retry-After, in the native envelope.
HttpReply too_many_reply(const RateGrant& grant, std::string message);

}  // namespace postern::daemon
