#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(PaymentInputTest);

// A payment with something said besides.
#define POSTERN_BASE "amount=1000&currency=usd&"

TEST_P(PaymentInputTest, KeepsWhatIsOnlyShown) {
    const Answer answer = post(
        "/v1/payment_intents",
        POSTERN_BASE
        "description=a book&statement_descriptor=SHOP&statement_descriptor_suffix=ORDER 1"
        "&receipt_email=j@shop.example&setup_future_usage=off_session&transfer_group=g"
        "&confirmation_method=manual&capture_method=manual"
        "&shipping[name]=Jenny&shipping[address][line1]=Street 1"
    );
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_EQ(answer.at("description"), "a book");
    EXPECT_EQ(answer.at("statement_descriptor"), "SHOP");
    EXPECT_EQ(answer.at("statement_descriptor_suffix"), "ORDER 1");
    EXPECT_EQ(answer.at("receipt_email"), "j@shop.example");
    EXPECT_EQ(answer.at("setup_future_usage"), "off_session");
    EXPECT_EQ(answer.at("transfer_group"), "g");
    EXPECT_EQ(answer.at("confirmation_method"), "manual");
    EXPECT_EQ(answer.at("capture_method"), "manual");
    EXPECT_EQ(answer.at("shipping.address.line1"), "Street 1");
    EXPECT_EQ(answer.at("shipping.carrier"), "null");
}

TEST_P(PaymentInputTest, ChoosesMethodTypes) {
    struct Case {
        const char* form;
        const char* automatic;
        const char* first_type;
    };
    const Case cases[] = {
        {POSTERN_BASE, "true", "card"},
        {POSTERN_BASE "automatic_payment_methods[enabled]=true", "true", "card"},
        {POSTERN_BASE
         "automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never",
         "true",
         "card"},
        {POSTERN_BASE "automatic_payment_methods[enabled]=false", "missing", "card"},
        {POSTERN_BASE "payment_method_types[]=alipay", "missing", "alipay"},
        {POSTERN_BASE "payment_method_types[]=customer_balance", "missing", "customer_balance"},
        {POSTERN_BASE "payment_method_types=", "true", "card"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.form);
        const Answer answer = post("/v1/payment_intents", test_case.form);
        EXPECT_EQ(answer.at("automatic_payment_methods.enabled"), test_case.automatic);
        EXPECT_EQ(answer.at("payment_method_types.0"), test_case.first_type);
    }
    EXPECT_EQ(
        post(
            "/v1/payment_intents",
            POSTERN_BASE "automatic_payment_methods[enabled]=true&payment_method_types[]=card"
        )
            .error(),
        "400 |automatic_payment_methods|You may only specify one of these parameters: "
        "automatic_payment_methods, payment_method_types."
    );
}

TEST_P(PaymentInputTest, PassesOverWhatClientsSayAsAMatterOfCourse) {
    const Answer answer = post(
        "/v1/payment_intents",
        POSTERN_BASE
        "payment_method=pm_card_visa&confirm=true&off_session=true&use_stripe_sdk=true"
        "&mandate_data[customer_acceptance][type]=online"
    );
    EXPECT_EQ(answer.at("status"), "succeeded") << answer.body();
}

TEST_P(PaymentInputTest, RefusesWordsItDoesNotKnow) {
    const std::pair<const char*, const char*> cases[] = {
        {POSTERN_BASE "confirmation_method=later", "confirmation_method"},
        {POSTERN_BASE "setup_future_usage=never", "setup_future_usage"},
        {POSTERN_BASE "payment_method_types[]=barter", "payment_method_types"},
        {POSTERN_BASE "payment_method_types=card", "payment_method_types"},
        {POSTERN_BASE "automatic_payment_methods[allow_redirects]=always",
         "automatic_payment_methods[enabled]"},
        {POSTERN_BASE "payment_method_options[card][request_three_d_secure]=no",
         "payment_method_options[card][request_three_d_secure]"},
        {POSTERN_BASE "return_url=javascript://x", "return_url"},
    };
    for (const auto& [form, parameter] : cases) {
        SCOPED_TRACE(form);
        const Answer answer = post("/v1/payment_intents", form);
        EXPECT_EQ(answer.status(), 400);
        EXPECT_EQ(answer.at("error.param"), parameter);
    }
}

}  // namespace
}  // namespace postern::payments::onerway
