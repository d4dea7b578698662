#pragma once

#include "core/unified_event.hpp"
#include "payments/service/payment_service.hpp"

#include <chrono>
#include <optional>

// Inside the payment service: what a provider's webhook tells about a payment.
namespace postern::payments {

// How much later than we told of something its provider may say that it was.
inline constexpr std::chrono::seconds kClocksDiffer{2};

// In the currency's minor units, if it is told in that currency and is a whole number of them.
std::optional<std::int64_t> told_minor(const UnifiedEvent& event, const Currency& currency);

[[nodiscard]] Result<Effect, StoreError>
settle_news(Work& work, FullPayment& full, const UnifiedEvent& event);

// What was asked and is answered by the news.
struct AnsweredOrders {
    PaymentId payment;
    std::optional<OrderKind> kind = {};  // absent: all that move the payment
    std::int64_t object = 0;
};
[[nodiscard]] Result<void, StoreError>
close_orders_about(Work& work, const AnsweredOrders& answered);

}  // namespace postern::payments
