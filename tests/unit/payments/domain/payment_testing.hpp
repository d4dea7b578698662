#pragma once

#include "payments/domain/payment.hpp"

#include <string>

// Payments that stand at each status, and what no payment may ever be.
namespace postern::payments {

inline constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
inline constexpr std::int64_t kAmount = 10'000;

inline const PaymentError kGenericDecline{"card_declined", "generic_decline", "No."};
inline const PaymentError kNoFunds{"card_declined", "insufficient_funds", "No money."};

inline NextAction page(std::int64_t number) {
    const std::string url = "https://example.test/page/" + std::to_string(number);
    return {.id = ActionId{number}, .url = url, .expires_at = kNow};
}

Payment new_payment();
Payment payment_at(PaymentStatus status);
Payment failed_payment(const PaymentError& error);

// A sentence about the first thing that cannot be; empty: the payment is possible.
std::string impossible(const Payment& payment);

}  // namespace postern::payments
