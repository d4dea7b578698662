#pragma once

#include "core/time.hpp"
#include "core/trace.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/delivery_values.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace postern::dispatch {

// What the endpoint asked for with its answer.
enum class ReceiverWish : std::uint8_t {
    none,
    stop_endpoint,  // 410, or webhook-delivery: disable
    stop_message,   // webhook-delivery: abort-message
};

// Why a delivery is not sent after all.
enum class SkipReason : std::uint8_t {
    unsubscribed,
    filtered,
    endpoint_disabled,
    endpoint_deleted,
    event_gone,  // its event fell out of retention
    superseded,
};
std::string_view to_text(SkipReason reason);

// One try, as it ended.
struct AttemptResult {
    TimePoint started_at;
    storage::AttemptPhases phases;
    int status = 0;
    storage::AttemptError error = storage::AttemptError::none;  // none: 2xx
    ReceiverWish wish = ReceiverWish::none;
    std::optional<std::chrono::seconds> retry_after;
    std::string address;
    std::string response_headers;
    std::string response_body;
    TraceContext trace = {};  // as the endpoint was told it
};

// Seconds or an HTTP date; nullopt when it is neither. Never negative; capped by kRetryAfterMax.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, TimePoint now);

// The sender's view of a whole answer: what its status and fields mean.
struct AnswerMeaning {
    storage::AttemptError error = storage::AttemptError::none;
    ReceiverWish wish = ReceiverWish::none;
    std::optional<std::chrono::seconds> retry_after;
};
struct AnswerHead {
    int status = 0;
    std::string_view retry_after;       // empty: not there
    std::string_view webhook_delivery;  // the stop header
};
AnswerMeaning meaning_of(const AnswerHead& head, TimePoint now);

}  // namespace postern::dispatch
