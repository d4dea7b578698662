#pragma once

#include "payments/service/payment_service.hpp"

#include <optional>
#include <string>

// Inside the payment service: how facts become state, charges, books and events.
namespace postern::payments {

// What an answer says beside its facts. A webhook says none of it: then it is worked out from the
// method and the gateway.
struct AnswerTerms {
    std::string gateway_payment_id;  // empty: as before
    Charge::ThreeDSecure three_d_secure = Charge::ThreeDSecure::none;
    std::optional<Bucket> bucket;
    std::optional<std::int64_t> fee_minor;
    std::string gateway_charge_id;
};

// Moves the payment by one fact, with all that belongs to it; leaves `full` as it stands then.
[[nodiscard]] Result<Effect, StoreError>
settle_fact(Work& work, FullPayment& full, const PaymentFact& fact, const AnswerTerms& terms);

// The payment's row, where it is still the one that was read: `before`, untouched. A payment that
// is not stored yet gets its row here.
[[nodiscard]] Result<void, StoreError>
save_payment(Work& work, Payment& payment, const Payment& before);

[[nodiscard]] Result<Effect, StoreError>
settle_refund_of(Work& work, FullRefund& full, const RefundFact& fact);

}  // namespace postern::payments
