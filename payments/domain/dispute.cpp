#include "payments/domain/dispute.hpp"

#include <algorithm>
#include <array>

namespace postern::payments {
namespace {

constexpr std::array kStatuses = {
    DisputeStatus::needs_response,
    DisputeStatus::under_review,
    DisputeStatus::won,
    DisputeStatus::lost,
    DisputeStatus::warning_needs_response,
    DisputeStatus::warning_under_review,
    DisputeStatus::warning_closed,
};

bool is_inquiry(DisputeStatus status) {
    return status == DisputeStatus::warning_needs_response
           || status == DisputeStatus::warning_under_review
           || status == DisputeStatus::warning_closed;
}

bool waits_for_merchant(DisputeStatus status) {
    return status == DisputeStatus::needs_response
           || status == DisputeStatus::warning_needs_response;
}

// What is not here is either the same again or too late. Steps may be missing: a bank can decide
// before any evidence was sent, and news of the steps between can be lost.
bool is_forward(DisputeStatus from, DisputeStatus to) {
    if (is_ended(from)) return false;
    if (is_inquiry(from) && !is_inquiry(to)) return true;
    if (is_inquiry(from) != is_inquiry(to)) return false;
    return is_ended(to) || waits_for_merchant(from);
}

}  // namespace

std::string_view to_text(DisputeStatus status) {
    switch (status) {
        case DisputeStatus::needs_response: return "needs_response";
        case DisputeStatus::under_review: return "under_review";
        case DisputeStatus::won: return "won";
        case DisputeStatus::lost: return "lost";
        case DisputeStatus::warning_needs_response: return "warning_needs_response";
        case DisputeStatus::warning_under_review: return "warning_under_review";
        case DisputeStatus::warning_closed: return "warning_closed";
    }
    return "";
}

std::optional<DisputeStatus> dispute_status_from_text(std::string_view text) {
    for (const DisputeStatus status : kStatuses) {
        if (to_text(status) == text) return status;
    }
    return std::nullopt;
}

bool is_ended(DisputeStatus status) {
    return status == DisputeStatus::won || status == DisputeStatus::lost
           || status == DisputeStatus::warning_closed;
}

bool holds_funds(DisputeStatus status) {
    return !is_inquiry(status) && status != DisputeStatus::won;
}

bool bars_refunds(DisputeStatus status) {
    return holds_funds(status);
}

DisputeStatus status_when_opened(DisputeStatus status) {
    if (!is_ended(status)) return status;
    return is_inquiry(status) ? DisputeStatus::warning_needs_response
                              : DisputeStatus::needs_response;
}

DisputeStatus status_when_closed(DisputeStatus status) {
    return is_inquiry(status) ? DisputeStatus::warning_closed : DisputeStatus::lost;
}

bool may_take_evidence(const Dispute& dispute, TimePoint now) {
    return waits_for_merchant(dispute.status) && (!dispute.due_by || now < *dispute.due_by);
}

bool may_close(const Dispute& dispute) {
    return waits_for_merchant(dispute.status);
}

bool is_past_due(const Dispute& dispute, TimePoint now) {
    if (!dispute.due_by || dispute.submissions > 0) return false;
    return *dispute.due_by <= std::min(now, dispute.closed_at.value_or(now));
}

Effect apply(Dispute& dispute, const DisputeFact& fact, TimePoint now) {
    if (dispute.status == fact.status) return Effect::already;
    if (!is_forward(dispute.status, fact.status)) return Effect::stale;
    dispute.status = fact.status;
    if (is_ended(fact.status)) dispute.closed_at = now;
    dispute.updated_at = now;
    return Effect::moved;
}

}  // namespace postern::payments
