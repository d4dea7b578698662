#include "payments/domain/test_cards.hpp"

#include <gtest/gtest.h>

#include <set>

namespace postern::payments {
namespace {

using enum CardScenario;

struct NumberCase {
    const char* number;
    CardScenario scenario;
};

TEST(TestCards, DoWhatTheContractSays) {
    const NumberCase cases[] = {
        {"4242424242424242", succeeds},
        {"4000000000000002", generic_decline},
        {"4000000000009995", insufficient_funds},
        {"4000000000000069", expired_card},
        {"4000000000000127", incorrect_cvc},
        {"4000000000000119", processing_error},
        {"4000002500003155", three_d_secure_required},
        {"4000000000003220", three_d_secure_frictionless},
        {"4000008400001629", three_d_secure_challenge},
        {"4000000000000259", disputed},
        {"4000000000000077", available_at_once},
        {"4000000000007726", refund_pends},
        {"4000000000005126", refund_fails},
        {"4000009999990008", gateway_silent},
        {"4111111111111111", succeeds},
        {"", succeeds},
    };
    for (const NumberCase& test_case : cases) {
        EXPECT_EQ(scenario_of(test_case.number), test_case.scenario) << test_case.number;
    }
}

struct NameCase {
    const char* name;
    const char* number;
};

TEST(TestCards, HaveReadyMadeMethods) {
    const NameCase cases[] = {
        {"pm_card_visa", "4242424242424242"},
        {"pm_card_visa_debit", "4000056655665556"},
        {"pm_card_mastercard", "5555555555554444"},
        {"pm_card_amex", "378282246310005"},
        {"pm_card_discover", "6011111111111117"},
        {"pm_card_diners", "3056930009020004"},
        {"pm_card_jcb", "3566002020360505"},
        {"pm_card_unionpay", "6200000000000005"},
        {"pm_card_chargeDeclined", "4000000000000002"},
        {"pm_card_visa_chargeDeclined", "4000000000000002"},
        {"pm_card_chargeDeclinedInsufficientFunds", "4000000000009995"},
        {"pm_card_visa_chargeDeclinedInsufficientFunds", "4000000000009995"},
        {"pm_card_chargeDeclinedExpiredCard", "4000000000000069"},
        {"pm_card_chargeDeclinedIncorrectCvc", "4000000000000127"},
        {"pm_card_chargeDeclinedProcessingError", "4000000000000119"},
        {"pm_card_threeDSecure2Required", "4000002500003155"},
        {"pm_card_authenticationRequired", "4000002500003155"},
        {"pm_card_createDispute", "4000000000000259"},
        {"pm_card_bypassPending", "4000000000000077"},
        {"pm_card_pendingRefund", "4000000000007726"},
        {"pm_card_refundFail", "4000000000005126"},
        {"pm_card_gatewaySilent", "4000009999990008"},
    };
    for (const NameCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const TestCard* card = find_ready_made(test_case.name);
        ASSERT_NE(card, nullptr);
        EXPECT_EQ(card->number, test_case.number);
    }
    EXPECT_EQ(find_ready_made(""), nullptr);
    EXPECT_EQ(find_ready_made("pm_card_"), nullptr);
}

TEST(TestCards, AreWholeAndAgreeWithEachOther) {
    const HmacKey key{HashAlgorithm::sha256, "secret"};
    std::set<std::string_view> names;
    for (const TestCard& test_card : test_cards()) {
        SCOPED_TRACE(test_card.number);
        CardInput input;
        input.number = test_card.number;
        input.exp_month = "12";
        input.exp_year = "2030";
        const auto card = tokenise(input, key, {});
        ASSERT_TRUE(card);
        EXPECT_EQ(card->brand, test_card.brand);
        EXPECT_EQ(card->scenario, test_card.scenario);
        EXPECT_EQ(card->funding, test_card.funding);
        if (test_card.ready_made.empty()) continue;
        EXPECT_TRUE(names.insert(test_card.ready_made).second) << test_card.ready_made;
    }
}

}  // namespace
}  // namespace postern::payments
