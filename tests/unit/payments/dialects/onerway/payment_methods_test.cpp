#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(PaymentMethodsTest);

constexpr std::string_view kCard =
    "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2025&card[cvc]=123";

TEST_P(PaymentMethodsTest, KeepACardWithoutItsNumber) {
    std::string form{kCard};
    form += "&billing_details[name]=John Doe&billing_details[email]=john@example.com";
    const Answer answer = post("/v1/payment_methods", form);
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_TRUE(answer.id().starts_with("pm_"));
    EXPECT_EQ(answer.at("card.brand"), "visa");
    EXPECT_EQ(answer.at("card.last4"), "4242");
    EXPECT_EQ(answer.at("card.exp_month"), "12");
    EXPECT_EQ(answer.at("card.exp_year"), "2025");
    EXPECT_EQ(answer.at("billing_details.name"), "John Doe");
    EXPECT_EQ(answer.at("customer"), "null");
    EXPECT_EQ(answer.body().find("4242424242424242"), std::string::npos);
    EXPECT_EQ(get("/v1/payment_methods/" + answer.id()).body(), answer.body());
}

TEST_P(PaymentMethodsTest, AreRefusedInStripesWords) {
    const std::string year = "&card[exp_year]=2034";
    const std::pair<std::string, const char*> cases[] = {
        {"", "400 parameter_missing|type|Missing required param: type."},
        {"type=cash",
         "400 |type|Invalid type: must be one of alipay, card, us_bank_account, or wechat_pay"},
        {"type=card", "400 parameter_missing|card|Missing required param: card."},
        {"type=card&card[exp_month]=1" + year,
         "400 parameter_missing|card[number]|Missing required param: card[number]."},
        {"type=card&card[number]=4242424242424242" + year,
         "400 parameter_missing|card[exp_month]|Missing required param: card[exp_month]."},
        {"type=card&card[number]=4242424242424241&card[exp_month]=1" + year,
         "402 invalid_number|card|Your card number is incorrect."},
        {"type=card&card[number]=abc&card[exp_month]=1" + year,
         "402 invalid_number|card|Your card number is incorrect."},
        {"type=card&card[number]=4242424242424242&card[exp_month]=13" + year,
         "402 invalid_expiry_month|card|Your card's expiration month is invalid."},
        {"type=card&card[number]=4242424242424242&card[exp_month]=1&card[exp_year]=1999",
         "402 invalid_expiry_year|card|Your card's expiration year is invalid."},
        {"type=card&card[number]=4242424242424242&card[exp_month]=1&card[cvc]=12" + year,
         "402 invalid_cvc|card|Your card's security code is invalid."},
        {std::string{kCard} + "&card[pin]=1",
         "400 parameter_unknown|card[pin]|Received unknown parameter: card[pin]"},
        {std::string{kCard} + "&billing_details[email]=x",
         "400 email_invalid|billing_details[email]|Invalid email address: x"},
        {"type=us_bank_account&us_bank_account[account_number]=000123456789",
         "400 parameter_missing|us_bank_account[routing_number]|Missing required param: "
         "us_bank_account[routing_number]."},
    };
    for (const auto& [form, error] : cases) {
        SCOPED_TRACE(form);
        EXPECT_EQ(post("/v1/payment_methods", form).error(), error);
    }
    EXPECT_EQ(rows("payment_methods"), 0);
}

TEST_P(PaymentMethodsTest, TakeOnlyCardsOfToday_WhereMoneyIsReal) {
    owner_.livemode = storage::Livemode::live;
    const Answer answer = post(
        "/v1/payment_methods",
        "type=card&card[number]=4539578763621486&card[exp_month]=10&card[exp_year]=2023"
    );
    EXPECT_EQ(answer.error(), "402 expired_card|card|Your card has expired.");
}

TEST_P(PaymentMethodsTest, MayBeABankAccountAWalletOrAToken) {
    const Answer bank = post(
        "/v1/payment_methods",
        "type=us_bank_account&us_bank_account[account_number]=000123456789"
        "&us_bank_account[routing_number]=110000000&us_bank_account[account_holder_type]=individual"
        "&billing_details[name]=Jenny"
    );
    EXPECT_EQ(bank.at("us_bank_account.last4"), "6789") << bank.body();
    EXPECT_EQ(post("/v1/payment_methods", "type=alipay").at("alipay"), "{}");
    EXPECT_EQ(
        post("/v1/payment_methods", "type=card&card[token]=tok_visa").at("card.last4"), "4242"
    );
    EXPECT_EQ(
        post("/v1/payment_methods", "type=card&card[token]=tok_nothing").error(),
        "400 resource_missing|card[token]|No such token: 'tok_nothing'"
    );
}

TEST_P(PaymentMethodsTest, ChangePartByPart) {
    const std::string id = made(
        "/v1/payment_methods",
        std::string{kCard} + "&billing_details[name]=John&billing_details[email]=j@example.com"
    );
    const Answer answer = post(
        "/v1/payment_methods/" + id, "billing_details[name]=Jane&card[exp_year]=2035&metadata[a]=1"
    );
    EXPECT_EQ(answer.at("billing_details.name"), "Jane") << answer.body();
    EXPECT_EQ(answer.at("billing_details.email"), "j@example.com");
    EXPECT_EQ(answer.at("card.exp_year"), "2035");
    EXPECT_EQ(answer.at("metadata.a"), "1");
    EXPECT_EQ(
        post("/v1/payment_methods/" + id, "card[exp_month]=99999999999").error(),
        "402 invalid_expiry_month|card[exp_month]|Your card's expiration month is invalid."
    );
    EXPECT_EQ(post("/v1/payment_methods/" + id, "card[number]=4").status(), 400);
}

TEST_P(PaymentMethodsTest, AreAttachedAndDetached) {
    const std::string customer = made("/v1/customers", "");
    const std::string id = made("/v1/payment_methods", kCard.data());
    const std::string path = "/v1/payment_methods/" + id;
    EXPECT_EQ(
        post(path + "/attach").error(),
        "400 parameter_missing|customer|Missing required param: customer."
    );
    EXPECT_EQ(
        post(path + "/attach", "customer=cus_nobody").error(),
        "400 resource_missing|customer|No such customer: 'cus_nobody'"
    );
    EXPECT_EQ(post(path + "/attach", "customer=" + customer).at("customer"), customer);
    EXPECT_EQ(post(path + "/detach").at("customer"), "null");
    EXPECT_EQ(post(path + "/detach").status(), 400);
    EXPECT_EQ(post(path + "/attach", "customer=" + customer).status(), 400);
    EXPECT_EQ(
        post("/v1/payment_methods/pm_card_visa/attach", "customer=" + customer).at("customer"),
        customer
    );
}

TEST_P(PaymentMethodsTest, AreReadyMadeAndMadeByUseAlone) {
    const std::string path = "/v1/payment_methods/pm_card_mastercard";
    for (const KeyKind key : {KeyKind::secret, KeyKind::restricted}) {
        const Answer answer = ask({.method = "GET", .target = path, .key = key});
        EXPECT_EQ(answer.at("card.brand"), "mastercard") << answer.body();
        EXPECT_EQ(answer.id(), "pm_card_mastercard");
        EXPECT_NE(answer.at("card.fingerprint"), "null");
    }
    EXPECT_EQ(post(path, "card[exp_month]=13").status(), 402);
    EXPECT_TRUE(get("/v1/payment_methods").ids().empty());
    const Answer changed = post(path, "card[exp_month]=11");
    EXPECT_EQ(changed.at("card.exp_month"), "11") << changed.body();
    EXPECT_EQ(get("/v1/payment_methods").ids(), std::vector{changed.id()});
}

TEST_P(PaymentMethodsTest, AreMadeByABrowserToo) {
    const Answer answer = ask(
        {.method = "POST",
         .target = "/v1/payment_methods",
         .body = kCard,
         .key = KeyKind::publishable}
    );
    EXPECT_EQ(answer.status(), 200) << answer.body();
}

}  // namespace
}  // namespace postern::payments::onerway
