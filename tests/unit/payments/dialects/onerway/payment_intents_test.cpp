#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(PaymentIntentsTest);

TEST_P(PaymentIntentsTest, AreMadeAndConfirmedInOneRequest) {
    const Answer answer = post(
        "/v1/payment_intents",
        "amount=212&currency=USD&payment_method=pm_card_visa&confirm=true&metadata[a]=1"
    );
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_EQ(answer.at("object"), "payment_intent");
    EXPECT_EQ(answer.at("status"), "succeeded");
    EXPECT_EQ(answer.at("currency"), "usd");
    EXPECT_EQ(answer.at("amount_received"), "212");
    EXPECT_EQ(answer.at("capture_method"), "automatic_async");
    EXPECT_EQ(answer.at("automatic_payment_methods.enabled"), "true");
    EXPECT_EQ(answer.at("metadata.a"), "1");
    EXPECT_TRUE(answer.at("client_secret").starts_with(answer.id() + "_secret_"));
    EXPECT_TRUE(answer.at("latest_charge").starts_with("ch_"));
    EXPECT_TRUE(answer.at("payment_method").starts_with("pm_"));
}

TEST_P(PaymentIntentsTest, TakeJsonAsWell) {
    const Answer answer = ask(
        {.method = "POST",
         .target = "/v1/payment_intents",
         .body = R"({"amount":2000,"currency":"usd","payment_method_types":["card"],)"
                 R"("metadata":{"order_id":"order_123"}})",
         .content_type = "application/json"}
    );
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_EQ(answer.at("status"), "requires_payment_method");
    EXPECT_EQ(answer.at("automatic_payment_methods"), "null");
    EXPECT_EQ(answer.at("payment_method_types.0"), "card");
    EXPECT_EQ(answer.at("metadata.order_id"), "order_123");
}

struct Refused {
    const char* form;
    const char* error;
};

TEST_P(PaymentIntentsTest, AreRefusedInStripesWords) {
    const Refused cases[] = {
        {"currency=usd", "400 parameter_missing|amount|Missing required param: amount."},
        {"amount=1000", "400 parameter_missing|currency|Missing required param: currency."},
        {"amount=9.99&currency=usd", "400 parameter_invalid_integer|amount|Invalid integer: 9.99"},
        {"amount=18446744073709551617&currency=usd",
         "400 parameter_invalid_integer|amount|Invalid integer: 18446744073709551617"},
        {"amount=-5&currency=usd", "400 parameter_invalid_integer|amount|Invalid positive integer"},
        {"amount=0&currency=usd",
         "400 parameter_invalid_integer|amount|This value must be greater than or equal to 1."},
        {"amount=49&currency=usd",
         "400 amount_too_small|amount|Amount must be at least 50 in the smallest currency unit "
         "(0.50 usd)"},
        {"amount=100000000&currency=usd",
         "400 amount_too_large|amount|Amount must be no more than 99999999 in the smallest "
         "currency unit (999999.99 usd)"},
        {"amount=1000&currency=xyz",
         "400 |currency|Invalid currency: xyz. Give the three-letter ISO code of a currency in "
         "use, such as usd."},
        {"amount=1000&currency=usd&typo=1",
         "400 parameter_unknown|typo|Received unknown parameter: typo"},
        {"amount=1000&currency=usd&capture_method=later",
         "400 |capture_method|Invalid capture_method: must be one of automatic, automatic_async, "
         "or manual"},
        {"amount=1000&currency=usd&confirm=yes", "400 |confirm|Invalid boolean: yes"},
        {"amount=1000&currency=usd&receipt_email=nobody",
         "400 email_invalid|receipt_email|Invalid email address: nobody"},
        {"amount=1000&currency=usd&return_url=nowhere",
         "400 url_invalid|return_url|Not a valid URL"},
        {"amount=1000&currency=usd&customer=cus_nobody",
         "400 resource_missing|customer|No such customer: 'cus_nobody'"},
        {"amount=1000&currency=usd&payment_method=pm_nothing",
         "400 resource_missing|payment_method|No such PaymentMethod: 'pm_nothing'"},
        {"amount=1000&currency=usd&expand[0]=nothing",
         "400 |expand|This property cannot be expanded (nothing)."},
        {"amount=1000&currency=usd&shipping[name]=Jenny",
         "400 parameter_missing|shipping[address]|Missing required param: shipping[address]."},
    };
    for (const Refused& test_case : cases) {
        SCOPED_TRACE(test_case.form);
        EXPECT_EQ(post("/v1/payment_intents", test_case.form).error(), test_case.error);
    }
    EXPECT_EQ(rows("payments"), 0);
}

TEST_P(PaymentIntentsTest, SayWhatTheBankSaidWhenACardIsDeclined) {
    struct Case {
        const char* card;
        const char* code;
        const char* decline_code;
    };
    const Case cases[] = {
        {"pm_card_chargeDeclined", "card_declined", "generic_decline"},
        {"pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"},
        {"pm_card_chargeDeclinedExpiredCard", "expired_card", "missing"},
        {"pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "missing"},
        {"pm_card_chargeDeclinedProcessingError", "processing_error", "missing"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.card);
        std::string form = "amount=1000&currency=usd&confirm=true&payment_method=";
        form += test_case.card;
        const Answer answer = ask(
            {.method = "POST",
             .target = "/v1/payment_intents",
             .body = form,
             .is_stripe_client = true}
        );
        EXPECT_EQ(answer.status(), 402) << answer.body();
        EXPECT_EQ(answer.at("error.type"), "card_error");
        EXPECT_EQ(answer.at("error.code"), test_case.code);
        EXPECT_EQ(answer.at("error.decline_code"), test_case.decline_code);
        EXPECT_EQ(answer.at("error.param"), "payment_method");
        EXPECT_TRUE(answer.at("error.charge").starts_with("ch_"));
        EXPECT_EQ(answer.at("error.payment_intent.status"), "requires_payment_method");
        EXPECT_EQ(answer.at("error.payment_intent.last_payment_error.type"), "card_error");
        EXPECT_EQ(answer.at("error.payment_intent.payment_method"), "null");
        EXPECT_EQ(answer.at("error.payment_method.object"), "payment_method");
        EXPECT_EQ(
            answer.at("error.payment_intent.last_payment_error.payment_method.id"),
            answer.at("error.payment_method.id")
        );
        EXPECT_TRUE(answer.at("error.doc_url").starts_with("https://"));
        EXPECT_EQ(get("/v1/payment_intents/" + answer.at("error.payment_intent.id")).status(), 200);
    }
}

TEST_P(PaymentIntentsTest, NameALackOfFundsAsTheDocumentsDo) {
    const Answer answer = post(
        "/v1/payment_intents",
        "amount=1000&currency=usd&confirm=true"
        "&payment_method=pm_card_chargeDeclinedInsufficientFunds"
    );
    EXPECT_EQ(answer.at("error.code"), "insufficient_funds");
    EXPECT_EQ(answer.at("error.decline_code"), "insufficient_funds");
    EXPECT_EQ(answer.at("error.payment_intent.last_payment_error.code"), "card_declined");
}

TEST_P(PaymentIntentsTest, BlameTheCardWhenItCameInline) {
    const Answer answer = post(
        "/v1/payment_intents",
        "amount=1000&currency=usd&confirm=true&payment_method_data[type]=card"
        "&payment_method_data[card][number]=4000000000000002"
        "&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=2034"
    );
    EXPECT_EQ(answer.status(), 402) << answer.body();
    EXPECT_EQ(answer.at("error.param"), "card");
}

TEST_P(PaymentIntentsTest, AskForTheChallengeWithOrWithoutAPlaceToReturnTo) {
    const std::string form =
        "amount=1000&currency=usd&confirm=true&payment_method=pm_card_authenticationRequired";
    const Answer browser =
        post("/v1/payment_intents", form + "&return_url=https://shop.example/done");
    EXPECT_EQ(browser.at("status"), "requires_action") << browser.body();
    EXPECT_EQ(browser.at("next_action.type"), "redirect_to_url");
    EXPECT_EQ(browser.at("next_action.redirect_to_url.return_url"), "https://shop.example/done");
    EXPECT_TRUE(browser.at("next_action.redirect_to_url.url").starts_with("http://"));
    const Answer script = post("/v1/payment_intents", form);
    EXPECT_EQ(script.at("next_action.type"), "use_stripe_sdk");
    EXPECT_EQ(script.at("next_action.use_stripe_sdk.type"), "three_d_secure_redirect");
    EXPECT_TRUE(script.at("next_action.use_stripe_sdk.stripe_js").starts_with("http://"));
}

TEST_P(PaymentIntentsTest, AreConfirmedLaterWithTheMethodNamedThen) {
    const std::string id = made("/v1/payment_intents", "amount=1000&currency=usd");
    const std::string path = "/v1/payment_intents/" + id;
    const Answer without = post(path + "/confirm");
    EXPECT_EQ(without.status(), 400);
    EXPECT_EQ(without.at("error.code"), "payment_intent_unexpected_state");
    EXPECT_EQ(without.at("error.payment_intent.id"), id);
    EXPECT_EQ(post(path + "/confirm", "payment_method=pm_card_visa").at("status"), "succeeded");
    const Answer again = post(path + "/confirm", "payment_method=pm_card_visa");
    EXPECT_EQ(again.status(), 400);
    EXPECT_EQ(
        again.at("error.message"),
        "You cannot confirm this PaymentIntent because it has already succeeded after being "
        "previously confirmed."
    );
}

TEST_P(PaymentIntentsTest, AreCapturedInPart) {
    const std::string id = paid("&capture_method=manual");
    const std::string path = "/v1/payment_intents/" + id;
    EXPECT_EQ(get(path).at("status"), "requires_capture");
    EXPECT_EQ(get(path).at("amount_capturable"), "1000");
    EXPECT_EQ(
        post(path + "/capture", "amount_to_capture=1001").error().substr(0, 41),
        "400 amount_too_large|amount_to_capture|Th"
    );
    const Answer answer = post(path + "/capture", "amount_to_capture=600");
    EXPECT_EQ(answer.at("status"), "succeeded") << answer.body();
    EXPECT_EQ(answer.at("amount_received"), "600");
    const Answer again = post(path + "/capture");
    EXPECT_EQ(again.at("error.code"), "payment_intent_unexpected_state");
    EXPECT_TRUE(again.at("error.message").ends_with("may be captured: requires_capture."));
}

TEST_P(PaymentIntentsTest, AreCanceledForAReason) {
    const std::string id = made("/v1/payment_intents", "amount=1000&currency=usd");
    const std::string path = "/v1/payment_intents/" + id + "/cancel";
    EXPECT_EQ(
        post(path, "cancellation_reason=boredom").error(),
        "400 |cancellation_reason|Invalid cancellation_reason: must be one of abandoned, "
        "duplicate, fraudulent, or requested_by_customer"
    );
    const Answer answer = post(path, "cancellation_reason=abandoned");
    EXPECT_EQ(answer.at("status"), "canceled") << answer.body();
    EXPECT_EQ(answer.at("cancellation_reason"), "abandoned");
    EXPECT_NE(answer.at("canceled_at"), "null");
    EXPECT_EQ(post(path).at("error.code"), "payment_intent_unexpected_state");
}

TEST_P(PaymentIntentsTest, AreUpdatedAndClearedPartByPart) {
    const std::string id = made(
        "/v1/payment_intents",
        "amount=1000&currency=usd&description=first&metadata[a]=1&metadata[b]=2"
        "&receipt_email=a@shop.example"
    );
    const std::string path = "/v1/payment_intents/" + id;
    Answer answer = post(path, "amount=1500&description=&metadata[a]=&metadata[c]=3");
    EXPECT_EQ(answer.status(), 200) << answer.body();
    EXPECT_EQ(answer.at("amount"), "1500");
    EXPECT_EQ(answer.at("currency"), "usd");
    EXPECT_EQ(answer.at("description"), "null");
    EXPECT_EQ(answer.at("receipt_email"), "a@shop.example");
    EXPECT_EQ(answer.at("metadata.a"), "missing");
    EXPECT_EQ(answer.at("metadata.b"), "2");
    EXPECT_EQ(answer.at("metadata.c"), "3");
    answer = post(path, "metadata=");
    EXPECT_EQ(answer.json("metadata").size(), 0U);
    answer = ask({.method = "PUT", .target = path, .body = "currency=eur"});
    EXPECT_EQ(answer.at("currency"), "eur");
    EXPECT_EQ(answer.at("amount"), "1500");
}

TEST_P(PaymentIntentsTest, LoseWhatIsSentEmpty) {
    const std::string id = made(
        "/v1/payment_intents",
        "amount=1000&currency=usd&payment_method=pm_card_visa&setup_future_usage=off_session"
        "&description=d&receipt_email=a@shop.example&statement_descriptor=s"
        "&statement_descriptor_suffix=x&transfer_group=g&shipping[name]=n"
        "&shipping[address][line1]=x&payment_method_types[]=card&metadata[a]=b"
    );
    const std::string path = "/v1/payment_intents/" + id;
    EXPECT_EQ(get(path).at("status"), "requires_confirmation");
    const Answer bare = post(
        path,
        "payment_method=&setup_future_usage=&description=&receipt_email=&statement_descriptor="
        "&statement_descriptor_suffix=&transfer_group=&shipping=&payment_method_types=&metadata="
    );
    EXPECT_EQ(bare.at("status"), "requires_payment_method") << bare.body();
    for (const char* name :
         {"payment_method",
          "setup_future_usage",
          "description",
          "receipt_email",
          "statement_descriptor",
          "statement_descriptor_suffix",
          "transfer_group",
          "shipping"}) {
        EXPECT_EQ(bare.at(name), "null") << name;
    }
    EXPECT_EQ(bare.at("automatic_payment_methods.enabled"), "true");
    EXPECT_EQ(bare.json("metadata").size(), 0U);
    EXPECT_EQ(
        post(path + "/confirm", "payment_method=").at("error.code"),
        "payment_intent_unexpected_state"
    ) << "with nothing to pay with";
    EXPECT_EQ(
        post("/v1/payment_intents/" + paid(), "payment_method=").at("error.code"),
        "payment_intent_unexpected_state"
    ) << "what has paid stays";
}

TEST_P(PaymentIntentsTest, RedirectNobodyWhereThatIsNotAllowed) {
    constexpr std::string_view kStays =
        "amount=1000&currency=cny&automatic_payment_methods[enabled]=true"
        "&automatic_payment_methods[allow_redirects]=never";
    constexpr std::string_view kAlipay = "&payment_method_data[type]=alipay";
    const std::string stays{kStays};
    const std::string id = made("/v1/payment_intents", stays);
    const Answer shown = get("/v1/payment_intents/" + id);
    EXPECT_EQ(shown.at("automatic_payment_methods.allow_redirects"), "never") << shown.body();
    EXPECT_EQ(shown.at("automatic_payment_methods.enabled"), "true");
    for (const std::string_view confirm : {"", "&confirm=true"}) {
        std::string form = stays;
        form += kAlipay;
        form += confirm;
        const Answer refused = post("/v1/payment_intents", form);
        EXPECT_EQ(refused.status(), 400) << refused.body();
        EXPECT_EQ(refused.at("error.code"), "payment_intent_incompatible_payment_method");
        EXPECT_EQ(refused.at("error.param"), "payment_method");
    }
    EXPECT_EQ(
        post("/v1/payment_intents", stays + "&payment_method=pm_card_visa&confirm=true")
            .at("status"),
        "succeeded"
    ) << "a card goes nowhere";
    std::string always = "amount=1000&currency=cny&confirm=true";
    always += kAlipay;
    const Answer sent = post("/v1/payment_intents", always);
    EXPECT_EQ(sent.at("next_action.type"), "alipay_handle_redirect") << sent.body();
    EXPECT_EQ(sent.at("automatic_payment_methods.allow_redirects"), "always");
}

TEST_P(PaymentIntentsTest, CannotBecomeMoreExpensiveOnceTheyArePaid) {
    const Answer answer = post("/v1/payment_intents/" + paid(), "amount=2000");
    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.at("error.code"), "payment_intent_unexpected_state");
    EXPECT_EQ(answer.at("error.payment_intent.amount"), "1000");
}

TEST_P(PaymentIntentsTest, CountMetadataWithWhatIsThere) {
    std::string form = "amount=1000&currency=usd";
    for (int i = 0; i < 50; ++i) form += "&metadata[k" + std::to_string(i) + "]=v";
    const std::string id = made("/v1/payment_intents", form);
    const Answer answer = post("/v1/payment_intents/" + id, "metadata[one_more]=v");
    EXPECT_EQ(
        answer.error(), "400 |metadata|Metadata can have up to 50 keys, but this would make 51."
    );
    EXPECT_EQ(post("/v1/payment_intents/" + id, "metadata[k1]=w").at("metadata.k1"), "w");
}

TEST_P(PaymentIntentsTest, AreAbsentWhereNobodyMadeThem) {
    for (const char* target :
         {"/v1/payment_intents/pi_nothing",
          "/v1/payment_intents/pi_00000000000000000000000000000000"}) {
        SCOPED_TRACE(target);
        const std::string id{std::string_view{target}.substr(20)};
        EXPECT_EQ(
            get(target).error(), "404 resource_missing|intent|No such payment_intent: '" + id + "'"
        );
    }
    const std::string id = paid();
    owner_.livemode = storage::Livemode::live;
    EXPECT_EQ(get("/v1/payment_intents/" + id).status(), 404);
}

TEST_P(PaymentIntentsTest, ShowAPublishableKeyWhatItNeeds) {
    const Answer made = post("/v1/payment_intents", "amount=1000&currency=usd&metadata[a]=secret");
    const std::string path = "/v1/payment_intents/" + made.id();
    const std::string secret = made.at("client_secret");
    const auto as_browser = [&](std::string_view method,
                                const std::string& target,
                                const std::string& body) {
        return ask({.method = method, .target = target, .body = body, .key = KeyKind::publishable});
    };
    const Answer seen = as_browser("GET", path + "?client_secret=" + secret, "");
    EXPECT_EQ(seen.status(), 200) << seen.body();
    EXPECT_EQ(seen.at("amount"), "1000");
    EXPECT_EQ(seen.at("metadata"), "missing");
    EXPECT_EQ(seen.at("customer"), "missing");
    EXPECT_EQ(
        as_browser("GET", path, "").error(),
        "400 parameter_missing|client_secret|Missing required param: client_secret."
    );
    EXPECT_EQ(as_browser("GET", path + "?client_secret=" + secret + "x", "").status(), 404);
    const std::string confirm = path + "/confirm";
    EXPECT_EQ(as_browser("POST", confirm, "payment_method=pm_card_visa").status(), 400);
    EXPECT_EQ(
        as_browser("POST", confirm, "description=mine&client_secret=" + secret).error(),
        "400 parameter_unknown|description|Received unknown parameter: description"
    );
    EXPECT_EQ(
        as_browser("POST", confirm, "payment_method=pm_card_visa&client_secret=wrong").status(), 400
    );
    const Answer confirmed =
        as_browser("POST", confirm, "payment_method=pm_card_visa&client_secret=" + secret);
    EXPECT_EQ(confirmed.at("status"), "succeeded") << confirmed.body();
    EXPECT_EQ(confirmed.at("latest_charge"), "missing");
}

TEST_P(PaymentIntentsTest, WriteOutWhatIsExpanded) {
    const std::string customer = made("/v1/customers", "email=a@shop.example");
    const Answer answer = post(
        "/v1/payment_intents",
        "amount=1000&currency=usd&payment_method=pm_card_visa&confirm=true&customer=" + customer
            + "&expand[]=customer&expand[]=latest_charge.balance_transaction&expand[]=payment_"
              "method"
    );
    EXPECT_EQ(answer.at("customer.email"), "a@shop.example") << answer.body();
    EXPECT_EQ(answer.at("latest_charge.object"), "charge");
    EXPECT_EQ(answer.at("latest_charge.balance_transaction.object"), "balance_transaction");
    EXPECT_EQ(answer.at("payment_method.card.brand"), "visa");
}

}  // namespace
}  // namespace postern::payments::onerway
