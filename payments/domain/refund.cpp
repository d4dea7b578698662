#include "payments/domain/refund.hpp"

#include "core/assert.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

// What is not here is either the same again or too late. A bank may send back what it had taken,
// so succeeded is not the last word; failed and canceled are. Once the customer was asked for
// something, "pending" is old news: the end is told by itself.
bool is_forward(RefundStatus from, RefundStatus to) {
    switch (from) {
        case RefundStatus::pending: return to != RefundStatus::pending;
        case RefundStatus::requires_action:
            return to != RefundStatus::pending && to != RefundStatus::requires_action;
        case RefundStatus::succeeded: return to == RefundStatus::failed;
        case RefundStatus::failed:
        case RefundStatus::canceled: return false;
    }
    return false;
}

bool gives_back(RefundStatus status) {
    return status == RefundStatus::failed || status == RefundStatus::canceled;
}

bool is_under_way(RefundStatus status) {
    return status == RefundStatus::pending || status == RefundStatus::requires_action;
}

}  // namespace

std::string_view to_text(RefundStatus status) {
    switch (status) {
        case RefundStatus::pending: return "pending";
        case RefundStatus::succeeded: return "succeeded";
        case RefundStatus::failed: return "failed";
        case RefundStatus::canceled: return "canceled";
        case RefundStatus::requires_action: return "requires_action";
    }
    return "";
}

std::optional<RefundFault> why_not_refund(const Payment& payment, std::int64_t minor) {
    return why_not_refund(payment, minor, payment.dispute ? DisputeBar::stands : DisputeBar::none);
}

std::optional<RefundFault>
why_not_refund(const Payment& payment, std::int64_t minor, DisputeBar dispute) {
    if (payment.received_minor == 0) return RefundFault::nothing_captured;
    if (dispute == DisputeBar::stands) return RefundFault::disputed;
    const std::int64_t left = payment.received_minor - payment.refunded_minor;
    if (left <= 0) return RefundFault::nothing_left;
    if (minor <= 0) return RefundFault::not_positive;
    if (minor > left) return RefundFault::over_what_is_left;
    return std::nullopt;
}

Effect apply(Refund& refund, Payment& payment, const RefundFact& fact, TimePoint now) {
    POSTERN_ASSERT(refund.payment == payment.id);
    if (refund.status == fact.status) return Effect::already;
    if (!is_forward(refund.status, fact.status)) return Effect::stale;
    if (gives_back(fact.status)) {
        POSTERN_ASSERT(payment.refunded_minor >= refund.amount.minor);
        payment.refunded_minor -= refund.amount.minor;
        payment.updated_at = now;
    }
    if (is_under_way(refund.status) && !is_under_way(fact.status)) {
        // A stored payment may be without this sum: it then stands at 0 while a refund is open.
        payment.refunding_minor =
            std::max<std::int64_t>(payment.refunding_minor - refund.amount.minor, 0);
        payment.updated_at = now;
    }
    refund.status = fact.status;
    if (fact.status == RefundStatus::failed) refund.failure_reason = fact.failure_reason;
    refund.updated_at = now;
    return Effect::moved;
}

}  // namespace postern::payments
