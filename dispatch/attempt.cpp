#include "dispatch/attempt.hpp"

#include "core/http_message.hpp"
#include "core/numbers.hpp"
#include "dispatch/http_date.hpp"
#include "dispatch/retry_policy.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

using storage::AttemptError;

constexpr int kGone = 410;

bool is_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

AttemptError error_of(int status) {
    if (status >= 200 && status < 300) return AttemptError::none;
    if (status >= 300 && status < 400) return AttemptError::redirected;
    if (status >= 400 && status < 500) return AttemptError::http_4xx;
    if (status >= 500 && status < 600) return AttemptError::http_5xx;
    return AttemptError::http_other;
}

// The spoken word goes before the status: a receiver that says "abort-message" with a 410 means
// this message, and dropping one message is the smaller harm.
ReceiverWish wish_of(const AnswerHead& head) {
    const std::string_view word = trim_spaces(head.webhook_delivery);
    if (equal_ignoring_case(word, "disable")) return ReceiverWish::stop_endpoint;
    if (equal_ignoring_case(word, "abort-message")) return ReceiverWish::stop_message;
    return head.status == kGone ? ReceiverWish::stop_endpoint : ReceiverWish::none;
}

}  // namespace

std::string_view to_text(SkipReason reason) {
    switch (reason) {
        case SkipReason::unsubscribed: return "unsubscribed";
        case SkipReason::filtered: return "filtered";
        case SkipReason::endpoint_disabled: return "endpoint_disabled";
        case SkipReason::endpoint_deleted: return "endpoint_deleted";
        case SkipReason::event_gone: return "event_gone";
        case SkipReason::superseded: return "superseded";
    }
    return "";
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, TimePoint now) {
    text = trim_spaces(text);
    if (text.empty()) return std::nullopt;
    if (is_digits(text)) {
        // More digits than a number holds still say "very long".
        const auto cap = static_cast<std::uint64_t>(kRetryAfterMax.count());
        const std::uint64_t wish = std::min(parse_unsigned(text).value_or(cap), cap);
        return std::chrono::seconds{static_cast<std::int64_t>(wish)};
    }
    const auto date = parse_http_date(text, now);
    if (!date) return std::nullopt;
    const auto wait = std::chrono::ceil<std::chrono::seconds>(*date - now);
    return std::clamp(wait, std::chrono::seconds{0}, kRetryAfterMax);
}

AnswerMeaning meaning_of(const AnswerHead& head, TimePoint now) {
    AnswerMeaning meaning{.error = error_of(head.status), .wish = wish_of(head)};
    // A 2xx is delivered: there is nothing to retry and no message left to abort.
    if (meaning.error != AttemptError::none) {
        meaning.retry_after = parse_retry_after(head.retry_after, now);
    } else if (meaning.wish == ReceiverWish::stop_message) {
        meaning.wish = ReceiverWish::none;
    }
    return meaning;
}

}  // namespace postern::dispatch
