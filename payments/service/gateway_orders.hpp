#pragma once

#include "payments/service/payment_service.hpp"

#include <cstdint>
#include <string_view>

// Inside the payment service: what gateways are asked, and how their answers are taken.
namespace postern::payments {

struct Asking {
    OrderKind kind = OrderKind::authorize;
    std::int64_t minor = 0;
    std::string_view reason = {};  // to cancel
};
// Asks the payment's gateway, which must be there. An answer at once is settled at once; otherwise
// an order is left to be called for. `full` is then as the payment stands.
[[nodiscard]] Result<void, StoreError>
ask_about_payment(Work& work, FullPayment& full, const Asking& asking);
[[nodiscard]] Result<void, StoreError> ask_about_refund(Work& work, FullRefund& full);
// What the gateway answers at once is in the store afterwards, for the caller to read again.
[[nodiscard]] Result<void, StoreError>
ask_about_payout(Work& work, const Payout& payout, OrderKind kind);
struct Disputed {
    const Dispute& dispute;
    const Payment& payment;
};
[[nodiscard]] Result<void, StoreError>
ask_about_dispute(Work& work, const Disputed& disputed, OrderKind kind);
// Whether the gateway was asked so about it and has not answered yet. `payment` is 0 of a payout.
struct OpenQuestion {
    PaymentId payment;
    std::int64_t object = 0;
    OrderKind kind = OrderKind::payout_cancel;
};
[[nodiscard]] Result<bool, StoreError> is_asked(const Work& work, const OpenQuestion& question);

}  // namespace postern::payments
