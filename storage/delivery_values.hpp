#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::storage {

// Stored numbers: new values are added at the end only.

// "sending" is not stored: a delivery is being sent while the dispatcher that holds its lease says
// so, and a dispatcher that dies leaves it as it was, due.
enum class DeliveryState : std::uint8_t {
    pending,  // never tried in this round
    waiting,  // tried, and to be tried again at due_at
    delivered,
    dead,        // the schedule ended, or the endpoint refused it for good
    canceled,    // by a person, or with its endpoint
    skipped,     // nobody wants it: `reason` says why
    superseded,  // a newer state of the same payment arrived there
};

// What an open delivery stands in. A closed one stands in none.
enum class DeliveryQueue : std::uint8_t {
    fresh,  // never tried: goes before old retries
    retry,
    held,  // an earlier event of the same payment is still under way
};

// Why an attempt failed. The names are part of the API.
enum class AttemptError : std::uint8_t {
    none,
    dns_failed,
    address_blocked,
    connect_refused,
    connect_failed,
    tls_untrusted,
    tls_failed,
    timeout,
    connection_lost,
    response_malformed,
    too_large,
    redirected,
    http_4xx,
    http_5xx,
    http_other,
    proxy_failed,
    endpoint_misconfigured,
};
inline constexpr std::size_t kAttemptErrorCount = 17;

enum class AttemptTrigger : std::uint8_t { scheduled, manual };

enum class EndpointStatus : std::uint8_t { enabled, disabled };

enum class JobState : std::uint8_t { running, finished, canceled, failed };

enum class JobKind : std::uint8_t {
    recover,          // deliveries that failed, or that never were, since a moment
    resend,           // events chosen by a filter
    cancel_endpoint,  // what still waits for an endpoint that was deleted
};

std::string_view to_text(DeliveryState state);
std::optional<DeliveryState> delivery_state_from_text(std::string_view text);
std::string_view to_text(AttemptError error);
std::string_view to_text(AttemptTrigger trigger);
std::string_view to_text(EndpointStatus status);
std::string_view to_text(JobState state);
std::string_view to_text(JobKind kind);

constexpr bool is_open(DeliveryState state) {
    return state == DeliveryState::pending || state == DeliveryState::waiting;
}

}  // namespace postern::storage
