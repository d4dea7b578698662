#include "daemon/payment_news.hpp"

#include "storage/api_key_repository.hpp"
#include "tests/unit/daemon/payment_fixture.hpp"

namespace postern::daemon {
namespace {

class PaymentNewsTest : public PaymentFixture {
 protected:
    // What the provider says about one of our payments.
    storage::IngestOutcome
    tell(const std::string& id, EventType type, const std::string& gateway_payment_id) {
        const UnifiedEvent unified{
            .type = type,
            .gateway_payment_id = gateway_payment_id,
            .amount = "10.99",
            .currency = "USD"};
        return arrive(
            {.gateway = "stripe-main",
             .body = "{\"id\":\"" + id + "\"}",
             .events = {{.id = id, .type = "as the provider says", .unified = unified}}}
        );
    }
    std::string add_key_of(AccountId account) {
        std::string key = make_api_key({.kind = storage::KeyKind::secret});
        change([this, &key, account](storage::Transaction& transaction) -> StoreResult {
            const auto inserted = storage::insert_api_key(
                transaction,
                {.account = account,
                 .kind = storage::KeyKind::secret,
                 .key_hash = hash_api_key(database_->keys(), key),
                 .hint = api_key_hint(key)}
            );
            if (!inserted) return inserted.error();
            return {};
        });
        return key;
    }
    ApiAnswer challenged() { return pay({.card = "4000002500003155"}); }
    std::string status_of(const ApiAnswer& payment) {
        const auto now = get("/v1/payment_intents/" + std::string{payment["id"].string()});
        return std::string{now["status"].string()};
    }
    static std::string id_of(const ApiAnswer& payment) {
        return std::string{payment["id"].string()};
    }
};

TEST_F(PaymentNewsTest, LinkWhatWasToldBeforeToTheEventThatToldIt) {
    open_payments();
    const auto paid = pay();
    const std::string before = told();
    const auto outcome = tell("evt_1", EventType::payment_succeeded, id_of(paid));
    EXPECT_EQ(told(), before);
    const auto event = get("/v1/events?type=payment_intent.succeeded");
    EXPECT_EQ(inbox_events(), std::string{event["data.0.id"].string()} + " ");
    EXPECT_EQ(event_id(outcome), event["data.0.id"].string());
}

TEST_F(PaymentNewsTest, MoveAPaymentAndTellItWithBothObjects) {
    open_payments();
    const auto payment = challenged();
    ASSERT_EQ(payment["status"].string(), "requires_action") << payment.reply.body;
    const auto outcome = tell("evt_1", EventType::payment_succeeded, id_of(payment));
    EXPECT_EQ(status_of(payment), "succeeded");
    const auto event = get("/v1/events/" + event_id(outcome));
    EXPECT_EQ(event["type"].string(), "payment_intent.succeeded");
    EXPECT_EQ(event["data.object.id"].string(), id_of(payment));
    EXPECT_EQ(event["data.object.status"].string(), "succeeded");
    const auto unified = get("/api/v2/events/" + event_id(outcome));
    EXPECT_EQ(unified["data.object.status"].string(), "succeeded");
    EXPECT_EQ(unified["gateway_event_id"].string(), "evt_1");
    EXPECT_EQ(get("/v1/events?type=payment_intent.succeeded")["data"].size(), 1U);
}

TEST_F(PaymentNewsTest, FlagWhatComesTooLate) {
    open_payments();
    const auto paid = pay();
    const auto outcome = tell("evt_1", EventType::payment_failed, id_of(paid));
    EXPECT_EQ(status_of(paid), "succeeded");
    const auto event = get("/api/v2/events/" + event_id(outcome));
    EXPECT_EQ(event["type"].string(), "payment.failed");
    EXPECT_EQ(event["data.object.stale"].boolean(), true);
    EXPECT_EQ(event["data.object.status"].string(), "succeeded") << "as it stands";
    const auto stripes = get("/v1/events/" + event_id(outcome));
    EXPECT_EQ(stripes["data.object.stale"].boolean(), true);
    EXPECT_EQ(stripes["data.object.status"].string(), "succeeded");
    EXPECT_NE(metrics_.render().find("postern_payments_stale_news_total 1"), std::string::npos);
}

TEST_F(PaymentNewsTest, LeaveWhatIsNotOursAsTold) {
    open_payments();
    pay();
    const auto outcome = tell("evt_1", EventType::payment_succeeded, "pi_of_somebody");
    const auto event = get("/api/v2/events/" + event_id(outcome));
    EXPECT_EQ(event["data.object.gateway_payment_id"].string(), "pi_of_somebody");
    EXPECT_FALSE(event["data.object.stale"].exists());
    EXPECT_EQ(inbox_events(), event_id(outcome) + " ");
}

TEST_F(PaymentNewsTest, AreNotMoreForAWebhookThatComesTwice) {
    open_payments();
    const auto payment = challenged();
    tell("evt_1", EventType::payment_succeeded, id_of(payment));
    const std::string before = told();
    tell("evt_1", EventType::payment_succeeded, id_of(payment));
    tell("evt_2", EventType::payment_succeeded, id_of(payment));
    EXPECT_EQ(told(), before);
    EXPECT_EQ(status_of(payment), "succeeded");
}

TEST_F(PaymentNewsTest, AreDeliveredOnceInTheirFullForm) {
    open_payments();
    const auto endpoint = send(
        "POST",
        "/api/v2/webhook-endpoints",
        R"({"url":"https://shop.example.com/h","event_types":["payment.succeeded"]})"
    );
    ASSERT_EQ(endpoint.reply.status, 201) << endpoint.reply.body;
    const auto payment = challenged();
    tell("evt_1", EventType::payment_succeeded, id_of(payment));
    tell("evt_2", EventType::payment_succeeded, id_of(payment));
    const auto deliveries =
        get("/api/v2/webhook-endpoints/" + std::string{endpoint["id"].string()} + "/deliveries");
    EXPECT_EQ(deliveries["data"].size(), 1U) << deliveries.reply.body;
    EXPECT_EQ(
        get("/v1/events?type=payment_intent.succeeded")["data.0.pending_webhooks"].integer(), 1
    );
}

TEST_F(PaymentNewsTest, BelongToWhomThePaymentBelongs) {
    open_payments();
    const std::string key = add_key_of(foreign_account_);
    const auto asked = [this, &key](std::string method, std::string target, std::string body = {}) {
        return ask(
            {.method = std::move(method),
             .target = std::move(target),
             .body = std::move(body),
             .fields = {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}}}
        );
    };
    const auto payment = asked(
        "POST",
        "/api/v1/payments",
        R"({"gateway":"stripe-main","amount":"10.99","currency":"USD","payment_method":{)"
        R"("type":"card","card":{"number":"4000002500003155","exp_month":12,"exp_year":2034,)"
        R"("cvc":"123"}}})"
    );
    ASSERT_EQ(payment.reply.status, 201) << payment.reply.body;
    const auto outcome = tell(
        "evt_1", EventType::payment_succeeded, std::string{payment["gateway_payment_id"].string()}
    );
    EXPECT_EQ(asked("GET", "/api/v2/events/" + event_id(outcome)).reply.status, 200);
    EXPECT_EQ(asked("GET", "/api/v2/inbox/" + inbox_id(outcome)).reply.status, 200);
    EXPECT_EQ(get("/api/v2/events/" + event_id(outcome)).reply.status, 404);
    EXPECT_EQ(get("/api/v2/inbox/" + inbox_id(outcome)).reply.status, 404);
}

// A webhook that nobody understood when it came, read again by a program that does.
TEST_F(PaymentNewsTest, AreTakenFromAWebhookThatIsReadAgain) {
    open_payments();
    const auto payment = challenged();
    std::string body = R"({"id":"evt_1","object":"event","type":"payment_intent.succeeded",)";
    body += R"("created":1700000000,"livemode":false,"data":{"object":{"id":")" + id_of(payment);
    body += R"(","object":"payment_intent","amount":1099,"amount_received":1099,)";
    body += R"("currency":"usd","status":"succeeded"}}})";
    const auto outcome = arrive({.body = body, .verdict = storage::Verdict::unrecognised});
    EXPECT_EQ(status_of(payment), "requires_action");
    const std::string target = "/api/v2/inbox/" + inbox_id(outcome) + "/reprocess";
    const auto again = post(target);
    ASSERT_EQ(again.reply.status, 200) << again.reply.body;
    EXPECT_EQ(status_of(payment), "succeeded");
    const auto event = get("/v1/events?type=payment_intent.succeeded");
    EXPECT_EQ(event["data"].size(), 1U);
    EXPECT_EQ(event["data.0.data.object.status"].string(), "succeeded");
    EXPECT_EQ(again["event_ids.0"].string(), event["data.0.id"].string());
    const std::string before = told();
    EXPECT_EQ(post(target).reply.status, 200);
    EXPECT_EQ(told(), before);
}

TEST_F(PaymentNewsTest, AreForgottenWithoutThePaymentApi) {
    const auto outcome = tell("evt_1", EventType::payment_succeeded, "pi_1");
    EXPECT_EQ(get("/api/v2/events/" + event_id(outcome))["type"].string(), "payment.succeeded");
    EXPECT_TRUE(outcome.turns.empty());
}

}  // namespace
}  // namespace postern::daemon
