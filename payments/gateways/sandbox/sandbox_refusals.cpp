#include "payments/gateways/sandbox/sandbox_refusals.hpp"

#include <array>

namespace postern::payments {
namespace {

struct FailingAccount {
    std::string_view number;  // one of Stripe's test accounts
    std::string_view failure;
};
constexpr std::array kFailingAccounts = {
    FailingAccount{"000111111113", "account_closed"},
    FailingAccount{"000111111116", "no_account"},
    FailingAccount{"000222222227", "insufficient_funds"},
    FailingAccount{"000333333335", "debit_not_authorized"},
    FailingAccount{"000444444440", "invalid_currency"},
};

}  // namespace

std::optional<PaymentError> decline_of(CardScenario scenario) {
    switch (scenario) {
        case CardScenario::generic_decline:
            return PaymentError{"card_declined", "generic_decline", "Your card was declined."};
        case CardScenario::insufficient_funds:
            return PaymentError{
                "card_declined", "insufficient_funds", "Your card has insufficient funds."};
        case CardScenario::expired_card:
            return PaymentError{"expired_card", "", "Your card has expired."};
        case CardScenario::incorrect_cvc:
            return PaymentError{"incorrect_cvc", "", "Your card's security code is incorrect."};
        case CardScenario::processing_error:
            return PaymentError{
                "processing_error",
                "",
                "An error occurred while processing your card. Try again in a little bit."};
        case CardScenario::succeeds:
        case CardScenario::three_d_secure_required:
        case CardScenario::three_d_secure_frictionless:
        case CardScenario::three_d_secure_challenge:
        case CardScenario::disputed:
        case CardScenario::available_at_once:
        case CardScenario::refund_pends:
        case CardScenario::refund_fails:
        case CardScenario::gateway_silent: return std::nullopt;
    }
    return std::nullopt;
}

PaymentError authentication_failure() {
    return {
        "payment_intent_authentication_failure",
        "",
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
        "or a new PaymentMethod to attempt to fulfill this PaymentIntent again."};
}

std::string_view bank_failure_of(const BankAccount& account) {
    for (const FailingAccount& row : kFailingAccounts) {
        if (row.number.ends_with(account.last4) && !account.last4.empty()) return row.failure;
    }
    return {};
}

std::string_view payout_failure_of(std::string_view destination) {
    for (const FailingAccount& row : kFailingAccounts) {
        if (destination.ends_with(row.number)) return row.failure;
    }
    return {};
}

}  // namespace postern::payments
