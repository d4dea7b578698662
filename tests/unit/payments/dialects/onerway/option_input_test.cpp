#include "payments/dialects/onerway/option_input.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(OptionInputTest);

// A payment with something said besides.
#define POSTERN_BASE "amount=1000&currency=usd&"

TEST_P(OptionInputTest, ShowsOptionsWithTheirDefaults) {
    const Answer none = post("/v1/payment_intents", POSTERN_BASE);
    EXPECT_EQ(none.at("payment_method_options.card.request_three_d_secure"), "automatic");
    const Answer some = post(
        "/v1/payment_intents",
        POSTERN_BASE
        "payment_method_options[card][request_three_d_secure]=any"
        "&payment_method_options[wechat_pay][client]=web"
    );
    EXPECT_EQ(some.at("payment_method_options.card.request_three_d_secure"), "any") << some.body();
    EXPECT_EQ(some.at("payment_method_options.card.network"), "null");
    EXPECT_EQ(some.at("payment_method_options.wechat_pay.client"), "web");
    EXPECT_EQ(
        post("/v1/payment_intents", POSTERN_BASE "payment_method_options=x").error(),
        "400 |payment_method_options|Invalid object"
    );
}

TEST_P(OptionInputTest, TakesNoOptionThatItDoesNotKnow) {
    const std::pair<const char*, const char*> cases[] = {
        {"[card][cvc]=987", "[card][cvc]"},
        {"[card][number]=4000056655665556", "[card][number]"},
        {"[card][network][number]=4000056655665556", "[card][network]"},
        {"[card][request_three_d_secure]=4000056655665556", "[card][request_three_d_secure]"},
        {"[card][capture_method]=automatic", "[card][capture_method]"},
        {"[paper][color]=red", "[paper]"},
        {"[wechat_pay]=x", "[wechat_pay]"},
        {"[customer_balance][bank_transfer][iban]=x", "[customer_balance][bank_transfer][iban]"},
    };
    for (const auto& [option, parameter] : cases) {
        SCOPED_TRACE(option);
        const std::string form = std::string{POSTERN_BASE "payment_method_options"} + option;
        const Answer answer = post("/v1/payment_intents", form);
        EXPECT_EQ(answer.status(), 400);
        EXPECT_EQ(answer.at("error.param"), std::string{"payment_method_options"} + parameter);
    }
}

TEST_P(OptionInputTest, HonoursTheOptionsOfACard) {
    const Answer held = post(
        "/v1/payment_intents",
        POSTERN_BASE
        "payment_method=pm_card_visa&confirm=true&payment_method_options[card][capture_method]="
        "manual"
    );
    EXPECT_EQ(held.at("status"), "requires_capture") << held.body();
    EXPECT_EQ(held.at("amount_received"), "0");
    EXPECT_EQ(held.at("payment_method_options.card.capture_method"), "manual");
    for (const char* wish : {"any", "challenge"}) {
        const Answer challenged = post(
            "/v1/payment_intents",
            std::string{POSTERN_BASE "payment_method=pm_card_visa&confirm=true"
                                     "&payment_method_options[card][request_three_d_secure]="}
                + wish
        );
        EXPECT_EQ(challenged.at("status"), "requires_action") << challenged.body();
    }
}

}  // namespace
}  // namespace postern::payments::onerway
