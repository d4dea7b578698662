#include "payments/domain/test_cards.hpp"

#include <algorithm>
#include <array>

namespace postern::payments {
namespace {

using enum CardBrand;
using enum CardScenario;

// Lost, stolen, too often, blocked: Stripe gives them decline codes of their own and asks merchants
// to show them as any other decline, which is what they are here.
constexpr std::array kTestCards = std::to_array<TestCard>({
    {"4242424242424242", visa, succeeds, "pm_card_visa"},
    {"4242424242424242", visa, succeeds, "pm_card_us"},
    {"4000056655665556", visa, succeeds, "pm_card_visa_debit", "debit"},
    {"4012888888881881", visa, succeeds},
    {"5555555555554444", mastercard, succeeds, "pm_card_mastercard"},
    {"2223003122003222", mastercard, succeeds},
    {"5200828282828210", mastercard, succeeds, "pm_card_mastercard_debit", "debit"},
    {"5105105105105100", mastercard, succeeds, "pm_card_mastercard_prepaid", "prepaid"},
    {"378282246310005", amex, succeeds, "pm_card_amex"},
    {"371449635398431", amex, succeeds},
    {"6011111111111117", discover, succeeds, "pm_card_discover"},
    {"6011000990139424", discover, succeeds},
    {"6011981111111113", discover, succeeds, "", "debit"},
    {"3056930009020004", diners, succeeds, "pm_card_diners"},
    {"36227206271667", diners, succeeds},
    {"3566002020360505", jcb, succeeds, "pm_card_jcb"},
    {"6200000000000005", unionpay, succeeds, "pm_card_unionpay"},
    {"6200000000000047", unionpay, succeeds},
    {"6205500000000000004", unionpay, succeeds},
    {"4000000000000002", visa, generic_decline, "pm_card_chargeDeclined"},
    {"4000000000000002", visa, generic_decline, "pm_card_visa_chargeDeclined"},
    {"4000000000009995", visa, insufficient_funds, "pm_card_chargeDeclinedInsufficientFunds"},
    {"4000000000009995", visa, insufficient_funds, "pm_card_visa_chargeDeclinedInsufficientFunds"},
    {"4000000000000069", visa, expired_card, "pm_card_chargeDeclinedExpiredCard"},
    {"4000000000000069", visa, expired_card, "pm_card_visa_chargeDeclinedExpiredCard"},
    {"4000000000000127", visa, incorrect_cvc, "pm_card_chargeDeclinedIncorrectCvc"},
    {"4000000000000127", visa, incorrect_cvc, "pm_card_visa_chargeDeclinedIncorrectCvc"},
    {"4000000000000119", visa, processing_error, "pm_card_chargeDeclinedProcessingError"},
    {"4000000000000119", visa, processing_error, "pm_card_visa_chargeDeclinedProcessingError"},
    {"4000000000009987", visa, generic_decline, "pm_card_chargeDeclinedLostCard"},
    {"4000000000009987", visa, generic_decline, "pm_card_visa_chargeDeclinedLostCard"},
    {"4000000000009979", visa, generic_decline, "pm_card_chargeDeclinedStolenCard"},
    {"4000000000009979", visa, generic_decline, "pm_card_visa_chargeDeclinedStolenCard"},
    {"4000000000006975", visa, generic_decline, "pm_card_chargeDeclinedVelocityLimitExceeded"},
    {"4000000000000341", visa, generic_decline, "pm_card_chargeCustomerFail"},
    {"4100000000000019", visa, generic_decline, "pm_card_radarBlock"},
    {"4000002500003155", visa, three_d_secure_required, "pm_card_threeDSecure2Required"},
    {"4000002500003155", visa, three_d_secure_required, "pm_card_authenticationRequired"},
    {"4000002500003155", visa, three_d_secure_required, "pm_card_authenticationRequiredOnSetup"},
    {"4000002760003184", visa, three_d_secure_required},
    {"4000003800000446",
     visa,
     three_d_secure_required,
     "pm_card_authenticationRequiredSetupForOffSession"},
    {"4000000000003063", visa, three_d_secure_required, "pm_card_threeDSecureRequired"},
    {"4000000000003220", visa, three_d_secure_frictionless},
    {"4000008400001629", visa, three_d_secure_challenge},
    {"4000000000000259", visa, disputed, "pm_card_createDispute"},
    {"4000000000000077", visa, available_at_once, "pm_card_bypassPending"},
    {"4000003720000278", visa, available_at_once},
    {"4000000000007726", visa, refund_pends, "pm_card_pendingRefund"},
    {"4000000000005126", visa, refund_fails, "pm_card_refundFail"},
    {"4000009999990008", visa, gateway_silent, "pm_card_gatewaySilent"},
});

}  // namespace

std::span<const TestCard> test_cards() {
    return kTestCards;
}

const TestCard* find_test_card(std::string_view digits) {
    const auto found =
        std::find_if(kTestCards.begin(), kTestCards.end(), [&](const TestCard& card) {
            return card.number == digits;
        });
    return found == kTestCards.end() ? nullptr : &*found;
}

const TestCard* find_ready_made(std::string_view name) {
    if (name.empty()) return nullptr;
    const auto found =
        std::find_if(kTestCards.begin(), kTestCards.end(), [&](const TestCard& card) {
            return card.ready_made == name;
        });
    return found == kTestCards.end() ? nullptr : &*found;
}

bool is_test_number(std::string_view typed) {
    const ForgottenText digits{typed_digits(typed)};
    return find_test_card(digits.text()) != nullptr;
}

CardScenario scenario_of(std::string_view digits) {
    const TestCard* card = find_test_card(digits);
    return card ? card->scenario : CardScenario::succeeds;
}

}  // namespace postern::payments
