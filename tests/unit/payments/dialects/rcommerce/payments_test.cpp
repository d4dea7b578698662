#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

using RcommercePayments = RcommerceTest;
using Fields = std::vector<std::string>;

constexpr std::string_view kDocumentedMembers[] = {
    "id",
    "order_id",
    "amount",
    "currency",
    "status",
    "gateway",
    "payment_method",
    "gateway_payment_id",
    "description",
    "receipt_email",
    "receipt_url",
    "captured",
    "capture_method",
    "confirmation_method",
    "customer_id",
    "refunded_amount",
    "refunds",
    "dispute",
    "metadata",
    "created_at",
    "updated_at",
    "captured_at",
    "payment_id",
    "transaction_id",
    "completed_at"};

TEST_F(RcommercePayments, AnswersTheOlderFormWithThePayment) {
    const Answer answer = post(
        "/api/v1/payments",
        older_body(
            kGoodCard,
            R"("order_id":"550e8400-e29b-41d4-a716-446655440100","capture_method":"automatic",)"
            R"("receipt_email":"customer@example.com","description":"订单 #1001",)"
            R"("metadata":{"order_number":"1001"})"
        )
    );
    EXPECT_EQ(answer.status(), 201) << answer.body();
    for (const std::string_view member : kDocumentedMembers) {
        EXPECT_TRUE(answer.at(member).exists()) << member;
    }
    EXPECT_EQ(answer.text("amount"), "59.49");
    EXPECT_EQ(answer.text("currency"), "USD");
    EXPECT_EQ(answer.text("status"), "succeeded");
    EXPECT_EQ(answer.text("gateway"), "stripe");
    EXPECT_EQ(answer.text("order_id"), "550e8400-e29b-41d4-a716-446655440100");
    EXPECT_EQ(answer.text("description"), "订单 #1001");
    EXPECT_EQ(answer.text("receipt_email"), "customer@example.com");
    EXPECT_EQ(answer.text("metadata.order_number"), "1001");
    EXPECT_EQ(answer.at("captured").boolean(), true);
    EXPECT_EQ(answer.text("capture_method"), "automatic");
    EXPECT_EQ(answer.text("refunded_amount"), "0.00");
    EXPECT_EQ(answer.at("refunds").size(), 0U);
    EXPECT_TRUE(answer.at("dispute").is_null());
    EXPECT_EQ(answer.text("payment_method.type"), "card");
    EXPECT_EQ(answer.text("payment_method.card.brand"), "visa");
    EXPECT_EQ(answer.text("payment_method.card.last4"), "4242");
    EXPECT_EQ(answer.at("payment_method.card.exp_month").integer(), 12);
    EXPECT_EQ(answer.text("payment_method.method_type"), "card");
    EXPECT_EQ(answer.text("payment_method.last_four"), "4242");
    EXPECT_EQ(answer.text("payment_method.exp_month"), "12");
    EXPECT_EQ(answer.text("payment_method.exp_year"), "2025");
    EXPECT_EQ(answer.text("payment_id"), "pay_" + answer.text("id"));
    EXPECT_EQ(answer.text("transaction_id"), answer.text("gateway_payment_id"));
    EXPECT_TRUE(answer.text("transaction_id").starts_with("pi_"));
}

TEST_F(RcommercePayments, AnswersTheNewerFormWithAnOutcome) {
    for (const char* path : {"/api/v1/payments", "/api/v2/payments"}) {
        const Answer answer = post(path, newer_body(kGoodCard));
        EXPECT_EQ(answer.status(), 201) << answer.body();
        EXPECT_EQ(answer.text("type"), "success");
        EXPECT_TRUE(answer.text("payment_id").starts_with("pay_"));
        EXPECT_TRUE(answer.text("transaction_id").starts_with("pi_"));
        EXPECT_EQ(answer.text("payment_status"), "succeeded");
        EXPECT_EQ(answer.text("payment_method.method_type"), "card");
        EXPECT_EQ(answer.text("payment_method.last_four"), "4242");
        EXPECT_EQ(answer.text("payment_method.card_brand"), "visa");
        EXPECT_EQ(answer.text("payment_method.exp_month"), "12");
        EXPECT_EQ(answer.text("payment_method.exp_year"), "2025");
        EXPECT_EQ(answer.text("payment_method.cardholder_name"), "John Doe");
        EXPECT_TRUE(answer.at("payment_method.token").is_null());
        EXPECT_TRUE(answer.at("receipt_url").exists());
    }
}

TEST_F(RcommercePayments, LetsTheNewerKeyDecideWhereBothAreThere) {
    const Answer answer = post("/api/v1/payments", newer_body(kGoodCard, R"("gateway":"stripe")"));
    EXPECT_EQ(answer.text("type"), "success");
}

struct DeclineCase {
    std::string_view card;
    std::string_view code;
    std::string_view error_code;
};
constexpr DeclineCase kDeclines[] = {
    {"4000000000000002", "CARD_DECLINED", "card_declined"},
    {"4000000000009995", "INSUFFICIENT_FUNDS", "insufficient_funds"},
    {"4000000000000069", "EXPIRED_CARD", "expired_card"},
    {"4000000000000127", "INCORRECT_CVC", "incorrect_cvc"},
    {"4000000000000119", "PROCESSING_ERROR", "processing_error"},
};

TEST_F(RcommercePayments, SaysADeclineInBothForms) {
    for (const DeclineCase& test_case : kDeclines) {
        SCOPED_TRACE(test_case.card);
        const Answer older = post("/api/v1/payments", older_body(test_case.card));
        EXPECT_EQ(older.status(), 402);
        EXPECT_EQ(older.code(), test_case.code);
        EXPECT_FALSE(older.at("type").exists());
        const Answer newer = post("/api/v1/payments", newer_body(test_case.card));
        EXPECT_EQ(newer.status(), 402);
        EXPECT_EQ(newer.code(), test_case.code);
        EXPECT_EQ(newer.text("type"), "failed");
        EXPECT_EQ(newer.text("error_code"), test_case.error_code);
        EXPECT_EQ(newer.text("error_message"), newer.text("error.message"));
        EXPECT_EQ(newer.at("retry_allowed").boolean(), true);
        const Answer kept = get("/api/v1/payments/" + newer.text("payment_id"));
        EXPECT_EQ(kept.status(), 200);
        EXPECT_EQ(kept.text("status"), "failed");
        EXPECT_EQ(kept.text("failure_code"), test_case.error_code);
        EXPECT_EQ(kept.text("payment_method.last_four"), test_case.card.substr(12));
    }
}

TEST_F(RcommercePayments, SaysADeclineInChinese) {
    const Answer answer =
        ask({"POST", "/api/v1/payments", newer_body("4000000000000002"), Language::chinese});
    EXPECT_EQ(answer.text("error_message"), "您的卡被拒绝。");
}

TEST_F(RcommercePayments, SendsTheCustomerToProveWhoTheyAre) {
    const std::string more = R"("return_url":"https://yoursite.com/checkout/complete")";
    const Answer answer = post("/api/v1/payments", newer_body("4000002500003155", more));
    EXPECT_EQ(answer.status(), 201) << answer.body();
    EXPECT_EQ(answer.text("type"), "requires_action");
    EXPECT_EQ(answer.text("action_type"), "three_d_secure");
    EXPECT_EQ(answer.text("action_data.type"), "use_stripe_sdk");
    EXPECT_EQ(answer.text("action_data.stripe_js.type"), "three_d_secure_redirect");
    EXPECT_FALSE(answer.text("action_data.stripe_js.stripe_js").empty());
    EXPECT_TRUE(
        answer.text("action_data.redirect_url").starts_with("http://127.0.0.1:8080/sandbox/")
    );
    EXPECT_EQ(answer.text("expires_at"), "2026-01-28T10:30:00.000Z");
    const Answer payment = get("/api/v1/payments/" + answer.text("payment_id"));
    EXPECT_EQ(payment.text("status"), "pending");
    EXPECT_EQ(payment.text("next_action.action_type"), "three_d_secure");
}

TEST_F(RcommercePayments, SaysHowACardWasAuthenticatedWithoutAsking) {
    const Answer answer = post("/api/v1/payments", older_body("4000000000003220"));
    EXPECT_EQ(answer.text("status"), "succeeded") << answer.body();
    EXPECT_EQ(
        answer.text("payment_method.card.three_d_secure.authentication_flow"), "frictionless"
    );
    const Answer plain = post("/api/v1/payments", older_body(kGoodCard));
    EXPECT_TRUE(plain.at("payment_method.card.three_d_secure").is_null());
}

TEST_F(RcommercePayments, PaysByWalletsAndBanks) {
    const Answer alipay = post(
        "/api/v1/payments",
        R"({"gateway_id":"alipay","amount":"10.00","currency":"CNY",)"
        R"("payment_method":{"type":"alipay"}})"
    );
    EXPECT_EQ(alipay.text("type"), "requires_action") << alipay.body();
    EXPECT_EQ(alipay.text("action_type"), "redirect");
    EXPECT_FALSE(alipay.text("action_data.redirect_url").empty());
    const Answer wechat = post(
        "/api/v1/payments",
        R"({"gateway_id":"wechatpay","amount":"10.00","currency":"CNY",)"
        R"("payment_method":{"type":"wechat_pay"}})"
    );
    EXPECT_EQ(wechat.text("action_type"), "qr_code") << wechat.body();
    EXPECT_FALSE(wechat.text("action_data.qr_code").empty());
    const Answer bank = post(
        "/api/v1/payments",
        R"({"gateway_id":"stripe","amount":"10.00","currency":"USD","payment_method":{)"
        R"("type":"bank_transfer","bank_transfer":{"account_number":"000123456789",)"
        R"("routing_number":"110000000","account_holder_name":"John Doe","bank_name":"测试银行"}}})"
    );
    EXPECT_EQ(bank.text("type"), "success") << bank.body();
    EXPECT_EQ(bank.text("payment_status"), "processing");
    EXPECT_EQ(bank.text("payment_method.method_type"), "bank_transfer");
    EXPECT_EQ(bank.text("payment_method.last_four"), "6789");
}

TEST_F(RcommercePayments, SavesACardForTheNextPayment) {
    const std::string more =
        R"("customer_id":")" + std::string{kCustomer} + R"(","save_payment_method":true)";
    const Answer first = post("/api/v1/payments", newer_body(kGoodCard, more));
    const std::string token = first.text("payment_method.token");
    ASSERT_TRUE(token.starts_with("pm_")) << first.body();
    const Answer second = post(
        "/api/v1/payments",
        R"({"gateway_id":"stripe","amount":"1.00","currency":"USD",)"
        R"("payment_method":{"type":"saved_card","token":")"
            + token + R"("}})"
    );
    EXPECT_EQ(second.text("type"), "success") << second.body();
    EXPECT_EQ(second.text("payment_method.token"), token);
    const Answer payment = get("/api/v1/payments/" + second.text("payment_id"));
    EXPECT_EQ(payment.text("customer_id"), kCustomer);
}

TEST_F(RcommercePayments, GivesATokenEvenToNobodyInParticular) {
    const Answer first =
        post("/api/v1/payments", newer_body(kGoodCard, R"("save_payment_method":true)"));
    const std::string token = first.text("payment_method.token");
    ASSERT_TRUE(token.starts_with("pm_")) << first.body();
    for (int i = 0; i < 2; ++i) {
        const Answer again = post(
            "/api/v1/payments",
            R"({"gateway_id":"stripe","amount":"1.00","currency":"USD","payment_method":")" + token
                + R"("})"
        );
        EXPECT_EQ(again.text("type"), "success") << again.body();
    }
}

TEST_F(RcommercePayments, PaysACardThatWasNotSavedOnlyOnce) {
    const Answer payment = post("/api/v1/payments", older_body(kGoodCard));
    EXPECT_TRUE(payment.at("payment_method.token").is_null());
}

TEST_F(RcommercePayments, WaitsForAMethodWhereTheOlderFormNamesNone) {
    const Answer answer =
        post("/api/v1/payments", R"({"gateway":"stripe","amount":"5.00","currency":"USD"})");
    EXPECT_EQ(answer.status(), 201) << answer.body();
    EXPECT_EQ(answer.text("status"), "pending");
    EXPECT_TRUE(answer.at("payment_method").is_null());
    EXPECT_TRUE(answer.text("client_secret").starts_with(answer.text("transaction_id") + "_secret_")
    );
}

struct RefusalCase {
    std::string_view body;
    int status;
    std::string_view code;
    Fields fields;
};
const RefusalCase kRefusals[] = {
    {"", 400, "VALIDATION_ERROR", {"gateway_id", "amount", "currency"}},
    {R"({"amount":"5.00","currency":"USD"})", 400, "VALIDATION_ERROR", {"gateway_id"}},
    {R"({"gateway_id":"stripe","amount":"5.00","currency":"USD"})",
     400,
     "VALIDATION_ERROR",
     {"payment_method"}},
    {R"({"gateway":"nowhere","amount":"5.00","currency":"USD"})", 404, "GATEWAY_NOT_FOUND", {}},
    {R"({"gateway_id":"nowhere","amount":"5.00","currency":"USD","payment_method":"pm_card_visa"})",
     404,
     "GATEWAY_NOT_FOUND",
     {}},
    {R"({"gateway":"stripe","amount":"0.49","currency":"USD"})", 400, "INVALID_AMOUNT", {"amount"}},
    {R"({"gateway":"stripe","amount":"5.00","currency":"BTC"})",
     400,
     "INVALID_CURRENCY",
     {"currency"}},
    {R"({"gateway":"alipay","amount":"5.00","currency":"USD","payment_method":{"type":"alipay"}})",
     400,
     "INVALID_CURRENCY",
     {"currency"}},
    {R"({"gateway":"stripe","amount":"5.00","currency":"USD","customer_id":"someone"})",
     400,
     "VALIDATION_ERROR",
     {"customer_id"}},
    {R"({"gateway":"stripe","amount":"5.00","currency":"USD","return_url":"javascript:x"})",
     400,
     "VALIDATION_ERROR",
     {"return_url"}},
    {R"({"gateway":"stripe","amount":"5.00","currency":"USD","receipt_email":"x"})",
     400,
     "VALIDATION_ERROR",
     {"receipt_email"}},
    {R"({"gateway":"stripe","amount":"5.00","currency":"USD","capture_method":"later"})",
     400,
     "VALIDATION_ERROR",
     {"capture_method"}},
    {R"({"gateway":"stripe","amount":"5.00","currency":"USD","save_payment_method":"yes"})",
     400,
     "VALIDATION_ERROR",
     {"save_payment_method"}},
};

TEST_F(RcommercePayments, NamesWhatIsWrongAndMakesNothing) {
    for (const RefusalCase& test_case : kRefusals) {
        SCOPED_TRACE(test_case.body);
        const Answer answer = post("/api/v1/payments", std::string{test_case.body});
        EXPECT_EQ(answer.status(), test_case.status);
        EXPECT_EQ(answer.code(), test_case.code) << answer.body();
        EXPECT_EQ(answer.fields(), test_case.fields);
    }
    EXPECT_EQ(get("/api/v1/payments").at("meta.pagination.total").integer(), 0);
    EXPECT_TRUE(door_.told.empty());
}

TEST_F(RcommercePayments, RefusesATokenThatIsUnknown) {
    const std::string token = around_->ids.encode(PaymentMethodId{99});
    const Answer answer = post(
        "/api/v1/payments",
        R"({"gateway_id":"stripe","amount":"5.00","currency":"USD",)"
        R"("payment_method":{"type":"saved_card","token":")"
            + token + R"("}})"
    );
    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.code(), "INVALID_PAYMENT_METHOD");
}

TEST_F(RcommercePayments, FindsAPaymentByEverySpellingOfItsId) {
    const Answer made = post("/api/v1/payments", older_body(kGoodCard));
    for (const char* member : {"id", "payment_id", "transaction_id"}) {
        const Answer found = get("/api/v2/payments/" + made.text(member));
        EXPECT_EQ(found.status(), 200) << member;
        EXPECT_EQ(found.text("id"), made.text("id"));
    }
}

TEST_F(RcommercePayments, KnowsNoOtherPayments) {
    const Answer made = post("/api/v1/payments", older_body(kGoodCard));
    const std::string strange = bare_uuid(around_->ids, PaymentId{42});
    for (const std::string& id : {strange, std::string{"x"}, std::string{kCustomer}}) {
        const Answer answer = get("/api/v1/payments/" + id);
        EXPECT_EQ(answer.status(), 404);
        EXPECT_EQ(answer.code(), "PAYMENT_NOT_FOUND");
    }
    const Answer others = ask(
        {.method = "GET",
         .target = "/api/v1/payments/" + made.text("id"),
         .owner = {storage::kDefaultAccount, storage::Livemode::live}}
    );
    EXPECT_EQ(others.code(), "PAYMENT_NOT_FOUND");
}

TEST_F(RcommercePayments, HandsTheBodysKeyOn) {
    post("/api/v1/payments", newer_body(kGoodCard, R"("idempotency_key":"unique-key-123")"));
    EXPECT_EQ(last_idempotency_key(), "unique-key-123");
    post("/api/v1/payments", newer_body(kGoodCard));
    EXPECT_EQ(last_idempotency_key(), "");
}

}  // namespace
}  // namespace postern::payments::rcommerce
