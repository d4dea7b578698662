#pragma once

#include "payments/domain/ids.hpp"
#include "payments/domain/payment.hpp"

#include <optional>
#include <string>

namespace postern::payments {

enum class DisputeStatus : std::uint8_t {
    needs_response,
    under_review,
    won,
    lost,
    warning_needs_response,
    warning_under_review,
    warning_closed,
};
std::string_view to_text(DisputeStatus status);
std::optional<DisputeStatus> dispute_status_from_text(std::string_view text);

struct Dispute {
    DisputeId id;
    Owner owner;
    PaymentId payment;
    ChargeId charge;
    Money amount;
    DisputeStatus status = DisputeStatus::needs_response;
    std::string reason = "general";
    std::string gateway_dispute_id;
    Metadata evidence;  // by Stripe's names, in the order given
    std::int64_t submissions = 0;
    std::optional<TimePoint> due_by;
    std::optional<BalanceTransactionId> withdrawn;
    std::optional<BalanceTransactionId> reinstated;
    Metadata metadata;
    TimePoint created_at;
    TimePoint updated_at;
    std::optional<TimePoint> closed_at;
    bool operator==(const Dispute&) const = default;
};

// Commands of the merchant.
bool may_take_evidence(const Dispute& dispute, TimePoint now);
bool may_close(const Dispute& dispute);
// Its deadline passed while it was open and nothing had been submitted.
bool is_past_due(const Dispute& dispute, TimePoint now);

struct DisputeFact {
    DisputeStatus status = DisputeStatus::needs_response;
};
// Forward only: needs_response → under_review → won | lost, and the same for an inquiry (warning_…)
// up to warning_closed; an open inquiry may become a dispute proper, never the other way.
Effect apply(Dispute& dispute, const DisputeFact& fact, TimePoint now);
bool is_ended(DisputeStatus status);
// Is the money away from the merchant? Not by an inquiry, and no more once it is won. A move from
// no to yes withdraws it, one from yes to no reinstates it.
bool holds_funds(DisputeStatus status);
bool bars_refunds(DisputeStatus status);  // the money has gone back by the dispute, or may yet
// Where a dispute began that stands so when it is first told of: one that is over was open before,
// and its money was withheld.
DisputeStatus status_when_opened(DisputeStatus status);
// What a merchant's giving in makes of it: lost, or warning_closed for an inquiry.
DisputeStatus status_when_closed(DisputeStatus status);

}  // namespace postern::payments
