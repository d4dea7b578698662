#include "daemon/payment_calls.hpp"

#include "tests/unit/daemon/payment_fixture.hpp"

namespace postern::daemon {
namespace {

class PaymentCallsTest : public PaymentFixture {};

TEST_F(PaymentCallsTest, AreUnknownWhereThereIsNoPaymentApi) {
    const auto stripes = send("POST", "/v1/payment_intents");
    EXPECT_EQ(stripes.reply.status, 404);
    EXPECT_TRUE(stripes["error.message"].string().starts_with("Unrecognized request URL"));
    const auto other = get("/api/v1/payments");
    EXPECT_EQ(other.reply.status, 404);
    EXPECT_EQ(other["error.code"].string(), "NOT_FOUND");
}

TEST_F(PaymentCallsTest, AreDoneWithTheirEventsAndNameTheRequest) {
    open_payments();
    const auto paid = pay({.key = "key-1"});
    ASSERT_EQ(paid.reply.status, 200) << paid.reply.body;
    EXPECT_EQ(paid["status"].string(), "succeeded");
    EXPECT_EQ(told(), "payment_intent.created charge.succeeded payment_intent.succeeded ");
    const auto events = get("/v1/events?type=payment_intent.succeeded");
    EXPECT_EQ(events["data.0.request.id"].string(), paid.field("Request-Id"));
    EXPECT_EQ(events["data.0.request.idempotency_key"].string(), "key-1");
    EXPECT_EQ(events["data.0.data.object.id"].string(), paid["id"].string());
}

TEST_F(PaymentCallsTest, AreDoneOnceForAKeyDeclinesIncluded) {
    open_payments();
    for (const char* card : {"4242424242424242", "4000000000000002"}) {
        SCOPED_TRACE(card);
        const auto first = pay({.card = card, .key = card});
        const std::string before = told();
        const auto second = pay({.card = card, .key = card});
        EXPECT_EQ(second.reply.status, first.reply.status);
        EXPECT_EQ(second.reply.body, first.reply.body);
        EXPECT_EQ(second.field("Idempotent-Replayed"), "true");
        EXPECT_EQ(second.field("Original-Request"), first.field("Request-Id"));
        EXPECT_EQ(told(), before);
    }
}

TEST_F(PaymentCallsTest, TellOfAReusedKeyBeforeAnythingElse) {
    open_payments();
    pay({.key = "key-1"});
    const auto other = pay({.key = "key-1", .more = "&description=x"});
    EXPECT_EQ(other["error.type"].string(), "idempotency_error");
    const auto invalid = pay({.key = "key-1", .more = "&no_such=x"});
    EXPECT_EQ(invalid["error.type"].string(), "idempotency_error");
    EXPECT_EQ(pay({.more = "&no_such=x"})["error.code"].string(), "parameter_unknown");
}

TEST_F(PaymentCallsTest, KeepNoRefusal) {
    open_payments();
    const std::string missing = "/v1/payment_intents/pi_0/cancel";
    EXPECT_EQ(post_form(missing, {}, "key-1").reply.status, 404);
    EXPECT_EQ(pay({.key = "key-1"}).reply.status, 200);
}

constexpr const char* kRcPayment =
    R"({"gateway_id":"stripe-main","amount":"10.99","currency":"USD","payment_method":{)"
    R"("type":"card","card":{"number":"4242424242424242","exp_month":"12","exp_year":"2034",)"
    R"("cvc":"123","name":"Jo"}})";

TEST_F(PaymentCallsTest, TakeTheKeyInABodyOfTheOtherDialect) {
    open_payments();
    const std::string body = std::string{kRcPayment} + R"(,"idempotency_key":"key-2"})";
    const auto first = post_json("/api/v1/payments", body);
    ASSERT_EQ(first.reply.status, 201) << first.reply.body;
    EXPECT_EQ(first["type"].string(), "success");
    EXPECT_EQ(first.field("Idempotency-Key"), "key-2");
    const auto second = post_json("/api/v1/payments", body);
    EXPECT_EQ(second.reply.body, first.reply.body);
    EXPECT_EQ(second.field("Idempotent-Replayed"), "true");
    const auto other = post_json("/api/v1/payments", std::string{kRcPayment} + "}", "key-2");
    EXPECT_EQ(other.reply.status, 409);
    EXPECT_EQ(other["error.code"].string(), "IDEMPOTENCY_KEY_REUSED");
}

TEST_F(PaymentCallsTest, TellOfAReusedKeyInABodyBeforeAnythingElse) {
    open_payments();
    const std::string end = R"(,"idempotency_key":"key-3"})";
    ASSERT_EQ(post_json("/api/v1/payments", kRcPayment + end).reply.status, 201);
    const auto invalid = post_json("/api/v1/payments", R"({"gateway_id":"no")" + end);
    EXPECT_EQ(invalid["error.code"].string(), "IDEMPOTENCY_KEY_REUSED") << invalid.reply.body;
}

// Everybody has the publishable key, and an order's number is easily guessed.
TEST_F(PaymentCallsTest, KeepTheKeysOfStrangersApartFromTheShops) {
    open_payments();
    const std::string publishable = add_key({.kind = storage::KeyKind::publishable});
    const auto taken = ask(
        {.method = "POST",
         .target = "/v1/payment_methods",
         .body = "type=card&card[token]=tok_visa",
         .fields = {{"Authorization", "Bearer " + publishable}, {"Idempotency-Key", "order-77"}}}
    );
    ASSERT_EQ(taken.reply.status, 200) << taken.reply.body;
    EXPECT_EQ(pay({.key = "order-77"}).reply.status, 200);
}

TEST_F(PaymentCallsTest, ExpandNothingThatAKeyMayNotRead) {
    open_payments();
    const auto paid = pay();
    const auto made =
        post_json("/api/v2/api-keys", R"({"kind":"restricted","scopes":["payments:read"]})");
    ASSERT_EQ(made.reply.status, 201) << made.reply.body;
    const std::string narrow{made["key"].string()};
    const std::string target = "/v1/payment_intents/" + std::string{paid["id"].string()};
    const auto asked = [&](std::string_view query) {
        return ask({.target = target + std::string{query},
                    .fields = {{"Authorization", "Bearer " + narrow}}}
        ).reply.status;
    };
    EXPECT_EQ(asked(""), 200);
    EXPECT_EQ(asked("?expand[]=customer"), 403);
    EXPECT_EQ(asked("?e%78pand%5B0%5D=latest_charge"), 403);
}

TEST_F(PaymentCallsTest, AnswerInTheLanguageThatWasAskedFor) {
    open_payments();
    const auto answer = ask(
        {.target = "/api/v1/payments/none",
         .fields = {{"Authorization", "Bearer " + secret_key_}, {"Accept-Language", "zh-CN,zh"}}}
    );
    EXPECT_EQ(answer["error.code"].string(), "PAYMENT_NOT_FOUND");
    EXPECT_NE(
        answer["error.message"].string(), get("/api/v1/payments/none")["error.message"].string()
    );
}

TEST_F(PaymentCallsTest, KeepModesAndAccountsApart) {
    open_payments();
    const auto paid = pay();
    const std::string target = "/v1/payment_intents/" + std::string{paid["id"].string()};
    const std::string live =
        add_key({.kind = storage::KeyKind::secret, .livemode = storage::Livemode::live});
    const auto seen = ask({.target = target, .fields = {{"Authorization", "Bearer " + live}}});
    EXPECT_EQ(seen.reply.status, 404);
    EXPECT_EQ(get(target).reply.status, 200);
    // No gateway moves real money here, and a sandbox must never seem to.
    const auto refused = ask(
        {.method = "POST",
         .target = "/v1/payment_intents",
         .body = "amount=500&currency=usd",
         .fields = {{"Authorization", "Bearer " + live}}}
    );
    EXPECT_EQ(refused.reply.status, 400) << refused.reply.body;
}

TEST_F(PaymentCallsTest, WaitForAGatewayThatTakesItsTime) {
    config_.payments.sandbox_latency = std::chrono::milliseconds{1};
    open_payments();
    const auto paid = pay({.key = "key-1"});
    ASSERT_EQ(paid.reply.status, 200) << paid.reply.body;
    EXPECT_EQ(paid["status"].string(), "succeeded");
    EXPECT_EQ(pay({.key = "key-1"}).reply.body, paid.reply.body);
    const auto declined = pay({.card = "4000000000000002", .key = "key-2"});
    EXPECT_EQ(declined.reply.status, 402);
    EXPECT_EQ(pay({.card = "4000000000000002", .key = "key-2"}).reply.body, declined.reply.body);
}

TEST_F(PaymentCallsTest, AnswerWithProcessingWhenTheGatewayIsLate) {
    config_.payments.sandbox_latency = std::chrono::milliseconds{1};
    config_.payments.gateway_wait = std::chrono::milliseconds{0};
    orders_are_ = Orders::rest;
    open_payments();
    orders_->stop();  // who waits is let go at once, as at the end of the process
    const auto paid = pay({.key = "key-1"});
    EXPECT_EQ(paid.reply.status, 200) << paid.reply.body;
    EXPECT_EQ(paid["status"].string(), "processing");
    EXPECT_EQ(pay({.key = "key-1"})["id"].string(), paid["id"].string());
}

}  // namespace
}  // namespace postern::daemon
