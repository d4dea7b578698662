#pragma once

#include "core/crypto.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"
#include "core/trace.hpp"
#include "dispatch/event_filter.hpp"
#include "dispatch/retry_policy.hpp"
#include "storage/delivery_values.hpp"
#include "storage/values.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace postern::dispatch {

class SigningKeys;  // dispatch/signing.hpp

enum class PayloadFormat : std::uint8_t { unified, stripe };
enum class PayloadSize : std::uint8_t { full, thin };
enum class Ordering : std::uint8_t { none, payment };
// latest: a retry gives way once a newer state of the same payment arrived.
enum class Deliver : std::uint8_t { all, latest };

// What a merchant chose, validated: dispatch/endpoint_settings.hpp reads and writes it as JSON.
struct EndpointSettings {
    std::string description;
    std::vector<std::string> event_types = {"*"};  // exact, "payment.*", "*"
    std::vector<std::string> channels;             // of messages; empty: any
    std::optional<EventFilter> filter;
    PayloadFormat format = PayloadFormat::unified;
    PayloadSize payload = PayloadSize::full;
    Ordering ordering = Ordering::none;
    Deliver deliver = Deliver::all;
    RetryPolicy retry;
    std::map<std::string, RetryPolicy, std::less<>> retry_by_type;  // exact types
    std::chrono::seconds timeout{15};
    std::chrono::seconds max_hold{std::chrono::hours{1}};  // how long one event holds its payment
    std::int64_t rate_per_second = 0;                      // 0: no limit of its own
    std::int64_t in_flight_max = 64;
    std::vector<std::pair<std::string, std::string>> headers;  // as spelled
    std::map<std::string, std::string, std::less<>> metadata;
    enum class Signing : std::uint8_t { hmac, hmac_and_ed25519 } signing = Signing::hmac;
    std::string ca_pem;                  // empty: the system's roots
    std::string client_certificate_pem;  // its key is among the secrets
    std::string api_version;             // of Stripe-shaped ones, given back as sent

    bool operator==(const EndpointSettings&) const = default;
};

// One subscriber, ready to work; immutable once it is in the directory.
struct Endpoint {
    EndpointId id;
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    std::string uid;
    std::string url;
    storage::EndpointStatus status = storage::EndpointStatus::enabled;
    std::string disabled_reason;
    std::int64_t revision = 1;
    TimePoint created_at;
    TimePoint updated_at;
    EndpointSettings settings;
    std::shared_ptr<const SigningKeys> keys;
    std::string client_key_pem;  // empty: no client certificate
};

// An event as fan-out and delivery see it.
enum class EventKind : std::uint8_t {
    unified,      // in our vocabulary
    message,      // a merchant's own, its payload delivered as it is
    operational,  // about deliveries themselves
    stripe,       // of our own payment API, under a name that only Stripe's users know
};

struct EventContent {
    EventId id;
    EventKind kind = EventKind::unified;
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    std::string type;     // "payment.succeeded"
    std::string gateway;  // its name; empty: none
    std::string gateway_event_id;
    std::string gateway_event_type;
    std::string trace_id;
    TimePoint created_at;
    std::vector<std::string> channels;
    std::string object;  // JSON: data.object, or a message's payload

    // The same as Stripe's users know it, where the payment API made it or knows the payment.
    std::string stripe_type;      // empty: what the type is called there in general
    std::string stripe_object;    // JSON; empty: to be made of the object
    std::string stripe_previous;  // JSON, what an update changed; empty: nothing
    std::string request_id;       // of the request that made it; empty: none did
    std::string idempotency_key;
    TraceContext trace = {};  // each attempt is a child of it

    bool has_own_stripe_form() const { return !stripe_object.empty(); }
};

// How the object of an event begins whose news came too late to move what it is about.
constexpr std::string_view kStaleMark = R"({"stale":true,)";

// The payment that an event belongs to, as a key to order by; 0: none. Two payments of one key only
// wait for each other.
std::int64_t order_key_of(const EventContent& event);

// Operational events go only to endpoints that name them: "*" does not mean them. Events that only
// Stripe's users know go to endpoints that speak as Stripe does, and to those that name them. Stale
// news is not for endpoints that speak as Stripe does: their readers go by the type alone, and
// would ship for a "payment_intent.succeeded" about money that is not there.
bool is_subscribed(const EndpointSettings& settings, const EventContent& event);
// The same without parsing the object for each endpoint: `object` is its root.
bool is_subscribed(
    const EndpointSettings& settings,
    const EventContent& event,
    const JsonValue& object
);

// "payment.*" matches "payment.succeeded".
bool type_matches(std::string_view pattern, std::string_view type);

const RetryPolicy& retry_policy_of(const EndpointSettings& settings, std::string_view event_type);

}  // namespace postern::dispatch
