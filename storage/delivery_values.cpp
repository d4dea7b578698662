#include "storage/delivery_values.hpp"

#include "core/assert.hpp"

#include <array>
#include <cstddef>

namespace postern::storage {
namespace {

constexpr std::array<std::string_view, 7> kStateNames =
    {"pending", "waiting", "delivered", "dead", "canceled", "skipped", "superseded"};

constexpr std::array<std::string_view, kAttemptErrorCount> kErrorNames = {
    "none",
    "dns_failed",
    "address_blocked",
    "connect_refused",
    "connect_failed",
    "tls_untrusted",
    "tls_failed",
    "timeout",
    "connection_lost",
    "response_malformed",
    "too_large",
    "redirected",
    "http_4xx",
    "http_5xx",
    "http_other",
    "proxy_failed",
    "endpoint_misconfigured",
};

constexpr std::array<std::string_view, 2> kTriggerNames = {"scheduled", "manual"};
constexpr std::array<std::string_view, 2> kStatusNames = {"enabled", "disabled"};
constexpr std::array<std::string_view, 4> kJobStateNames = {
    "running",
    "finished",
    "canceled",
    "failed"};
constexpr std::array<std::string_view, 3> kJobKindNames = {"recover", "resend", "cancel_endpoint"};

template <class Value, std::size_t kCount>
std::string_view name_of(const std::array<std::string_view, kCount>& names, Value value) {
    const auto index = static_cast<std::size_t>(value);
    POSTERN_ASSERT(index < kCount);
    return names[index];
}

}  // namespace

std::string_view to_text(DeliveryState state) {
    return name_of(kStateNames, state);
}

std::optional<DeliveryState> delivery_state_from_text(std::string_view text) {
    for (std::size_t i = 0; i < kStateNames.size(); ++i) {
        if (kStateNames[i] == text) return static_cast<DeliveryState>(i);
    }
    return std::nullopt;
}

std::string_view to_text(AttemptError error) {
    return name_of(kErrorNames, error);
}

std::string_view to_text(AttemptTrigger trigger) {
    return name_of(kTriggerNames, trigger);
}

std::string_view to_text(EndpointStatus status) {
    return name_of(kStatusNames, status);
}

std::string_view to_text(JobState state) {
    return name_of(kJobStateNames, state);
}

std::string_view to_text(JobKind kind) {
    return name_of(kJobKindNames, kind);
}

}  // namespace postern::storage
