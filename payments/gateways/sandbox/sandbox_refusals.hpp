#pragma once

#include "payments/domain/charge.hpp"
#include "payments/domain/payment_method.hpp"

#include <optional>
#include <string_view>

// What the sandbox refuses, and in which words.
namespace postern::payments {

// Why a card of that scenario is declined; nullopt: it is not.
std::optional<PaymentError> decline_of(CardScenario scenario);
// The customer failed, gave up or never came: the payment needs another try.
PaymentError authentication_failure();
// Why a debit of that account comes back; empty: it does not. By the account's last four digits,
// as Stripe's test accounts have them.
std::string_view bank_failure_of(const BankAccount& account);
// Why a payout there fails; empty: it does not. A destination that ends in the number of one of
// Stripe's failing test accounts fails for the same reason.
std::string_view payout_failure_of(std::string_view destination);

}  // namespace postern::payments
