#pragma once

#include "payments/domain/payout.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/work.hpp"

#include <string_view>

// Every event that the payment API makes, with the snapshots of both dialects. `previous` is a JSON
// object of what an update changed, by the /v1 names; empty: nothing to tell.
namespace postern::payments {

using Announced = Result<void, storage::StoreError>;

// payment.created, payment.succeeded … with payment_intent.created …
[[nodiscard]] Announced announce_payment(Work& work, EventType type, const FullPayment& payment);
// Names that only Stripe's users know: "payment_intent.processing",
// "payment_intent.amount_capturable_updated", "charge.succeeded", "charge.failed",
// "charge.refunded", "charge.updated", "charge.expired".
[[nodiscard]] Announced
announce_payment_only(Work& work, std::string_view stripe_type, const FullPayment& payment);
[[nodiscard]] Announced announce_charge(
    Work& work,
    std::string_view stripe_type,
    const Charge& charge,
    const FullPayment& payment,
    std::string_view previous = {}
);
[[nodiscard]] Announced announce_refund(Work& work, EventType type, const FullRefund& refund);
// "refund.updated" where its metadata changed and nothing else.
[[nodiscard]] Announced
announce_refund_only(Work& work, std::string_view stripe_type, const FullRefund& refund);
[[nodiscard]] Announced
announce_dispute(Work& work, EventType type, const Dispute& dispute, const Payment& payment);
[[nodiscard]] Announced announce_dispute_funds(
    Work& work,
    std::string_view stripe_type,  // "charge.dispute.funds_withdrawn", "…funds_reinstated"
    const Dispute& dispute,
    const Payment& payment
);
[[nodiscard]] Announced announce_payout(Work& work, EventType type, const Payout& payout);
[[nodiscard]] Announced
announce_payout_only(Work& work, std::string_view stripe_type, const Payout& payout);
[[nodiscard]] Announced announce_customer(
    Work& work,
    std::string_view stripe_type,
    const Customer& customer,
    std::string_view previous = {}
);
[[nodiscard]] Announced announce_method(
    Work& work,
    std::string_view stripe_type,
    const PaymentMethod& method,
    std::string_view previous = {}
);
[[nodiscard]] Announced
announce_transfer(Work& work, std::string_view stripe_type, const Transfer& transfer);
[[nodiscard]] Announced announce_balance_available(Work& work);

}  // namespace postern::payments
