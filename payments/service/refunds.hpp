#pragma once

#include "payments/service/payment_service.hpp"

#include <string>

// Inside the payment service: refunds, whether we were asked for them or a provider tells of one
// that was made elsewhere.
namespace postern::payments {

struct NewRefund {
    std::int64_t minor = 0;
    std::string reason = {};
    std::string gateway_refund_id = {};
    Metadata metadata = {};
};
// Pending, booked and announced. That the sum is free to be refunded is the caller's to look at.
[[nodiscard]] Result<FullRefund, StoreError>
add_refund(Work& work, FullPayment full, const NewRefund& wanted);

}  // namespace postern::payments
