#pragma once

#include "payments/domain/payment.hpp"

#include <optional>
#include <string>

namespace postern::payments {

enum class RefundStatus : std::uint8_t { pending, succeeded, failed, canceled, requires_action };
std::string_view to_text(RefundStatus status);

struct Refund {
    RefundId id;
    Owner owner;
    PaymentId payment;
    ChargeId charge;
    Money amount;
    RefundStatus status = RefundStatus::pending;
    std::string reason;  // duplicate, fraudulent, requested_by_customer; empty: none
    std::string failure_reason;
    std::string gateway_refund_id;
    std::optional<BalanceTransactionId> balance_transaction;
    Metadata metadata;
    TimePoint created_at;
    TimePoint updated_at;
    bool operator==(const Refund&) const = default;
};

enum class RefundFault {
    nothing_captured,
    nothing_left,
    over_what_is_left,
    not_positive,
    disputed,
};
// The sum of refunds that are not failed or canceled never exceeds what was captured.
// Any dispute of the payment forbids it.
std::optional<RefundFault> why_not_refund(const Payment& payment, std::int64_t minor);
// For a caller who has looked at the dispute: an inquiry or one that was won forbids nothing, see
// bars_refunds.
enum class DisputeBar : std::uint8_t { none, stands };
std::optional<RefundFault>
why_not_refund(const Payment& payment, std::int64_t minor, DisputeBar dispute);

struct RefundFact {
    RefundStatus status = RefundStatus::succeeded;
    std::string failure_reason;
};
// Forward only: pending → requires_action → succeeded | failed | canceled; succeeded → failed (the
// bank sent it back). A refund that fails or is canceled leaves `payment.refunded_minor`, so that
// its money can be refunded again; one that ends either way leaves `payment.refunding_minor`.
Effect apply(Refund& refund, Payment& payment, const RefundFact& fact, TimePoint now);

}  // namespace postern::payments
