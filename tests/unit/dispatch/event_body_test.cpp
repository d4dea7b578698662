#include "dispatch/event_body.hpp"

#include "core/json_document.hpp"
#include "core/unified_event.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::dispatch {
namespace {

const IdCodec kIds{SipKey{1, 2}};

constexpr std::string_view kPayment =
    R"({"object":"payment","gateway":"main","status":"succeeded","captured":null,)"
    R"("amount":"49.90","amount_minor":4990,"currency":"USD","gateway_payment_id":"pi_1",)"
    R"("gateway_refund_id":null,"gateway_dispute_id":null,"gateway_payout_id":null,)"
    R"("merchant_reference":"order-7","order_id":"order-7","reason":null,"outcome":null,)"
    R"("occurred_at":"2026-01-28T09:00:00.000Z","gateway_livemode":null})";
constexpr std::string_view kRefund =
    R"({"object":"refund","gateway":"main","status":"succeeded","amount":"5.00",)"
    R"("amount_minor":500,"currency":"USD","gateway_payment_id":"pi_1","gateway_refund_id":"re_1",)"
    R"("merchant_reference":null,"reason":"duplicate","occurred_at":null})";

EventContent event_of(std::string_view type, std::string_view object) {
    return {
        .id = EventId{1'000'000'000'001},
        .kind = EventKind::unified,
        .account = AccountId{7},
        .livemode = storage::Livemode::test,
        .type = std::string{type},
        .gateway = "main",
        .gateway_event_id = "evt_1",
        .gateway_event_type = "payment_intent.succeeded",
        .trace_id = "whk_1",
        .created_at = *from_iso8601("2026-01-28T10:00:00.123Z"),
        .channels = {},
        .object = std::string{object}};
}

EndpointSettings stripe_settings(std::vector<std::string> event_types) {
    EndpointSettings settings;
    settings.event_types = std::move(event_types);
    settings.format = PayloadFormat::stripe;
    return settings;
}

// A body parsed together with the text that it points into.
struct Body {
    std::string text;
    JsonDocument document;

    JsonValue operator[](std::string_view path) const { return document.root().path(path); }
};

Body body_of(const EndpointSettings& settings, const EventContent& event) {
    std::string text = compose_body(settings, event, kIds);
    auto document = JsonDocument::parse(text);
    EXPECT_TRUE(document.has_value()) << text;
    return {std::move(text), *std::move(document)};
}

TEST(EventBody, IsTheEventOfTheApi) {
    const EventContent event = event_of("payment.succeeded", kPayment);
    std::string expected = R"({"id":")";
    expected += kIds.encode(event.id);
    expected += R"(","type":"payment.succeeded","timestamp":"2026-01-28T10:00:00.123Z",)";
    expected += R"("account_id":")";
    expected += kIds.encode(event.account);
    expected += R"(","livemode":false,"gateway":"main","gateway_event_id":"evt_1",)";
    expected += R"("gateway_event_type":"payment_intent.succeeded","trace_id":"whk_1",)";
    expected += R"("data":{"object":)";
    expected += kPayment;
    expected += "}}";
    EXPECT_EQ(compose_body({}, event, kIds), expected);
    EXPECT_EQ(compose_body({}, event, kIds), expected);
    EXPECT_EQ(message_id_of(event, kIds), kIds.encode(event.id));
}

TEST(EventBody, NamesTheTraceThatTheEventBelongsTo) {
    constexpr std::string_view told = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    EventContent event = event_of("payment.succeeded", kPayment);
    event.trace = *parse_traceparent(told);
    EXPECT_EQ(body_of({}, event)["traceparent"].string(), told);
    EndpointSettings thin;
    thin.payload = PayloadSize::thin;
    EXPECT_EQ(body_of(thin, event)["traceparent"].string(), told);
}

TEST(EventBody, IsTheBareIdsWhereThinIsAskedFor) {
    EndpointSettings settings;
    settings.payload = PayloadSize::thin;
    const std::string body = compose_body(settings, event_of("payment.succeeded", kPayment), kIds);
    EXPECT_TRUE(body.ends_with(
        R"("data":{"object":{"object":"payment","gateway_payment_id":"pi_1",)"
        R"("gateway_refund_id":null,"gateway_dispute_id":null,"gateway_payout_id":null,)"
        R"("merchant_reference":"order-7","order_id":"order-7"}}})"
    )) << body;
}

TEST(EventBody, IsAMerchantsMessageByteForByte) {
    EventContent event = event_of("order.created", "{ \"a\" : 1.0 }");
    event.kind = EventKind::message;
    EndpointSettings settings;
    EXPECT_EQ(compose_body(settings, event, kIds), event.object);
    settings.payload = PayloadSize::thin;
    EXPECT_EQ(compose_body(settings, event, kIds), event.object);
    EXPECT_TRUE(message_id_of(event, kIds).starts_with("msg_"));

    const Body wrapped = body_of(stripe_settings({"*"}), event);
    EXPECT_EQ(wrapped["type"].string(), "order.created");
    EXPECT_EQ(wrapped["object"].string(), "event");
    EXPECT_NE(wrapped.text.find(event.object), std::string::npos);
}

TEST(EventBody, NamesNoGatewayWhereThereIsNone) {
    EventContent event = event_of("endpoint.disabled", R"({"object":"endpoint"})");
    event.kind = EventKind::operational;
    event.gateway.clear();
    event.gateway_event_id.clear();
    EndpointSettings settings;
    settings.payload = PayloadSize::thin;
    const Body body = body_of(settings, event);
    EXPECT_TRUE(body["gateway"].is_null());
    EXPECT_EQ(body["data.object.object"].string(), "endpoint");
}

TEST(StripeEvent, HasTheShapeThatStripesLibrariesRead) {
    EndpointSettings settings = stripe_settings({"*"});
    settings.api_version = "2025-01-27.acacia";
    const Body body = body_of(settings, event_of("payment.succeeded", kPayment));
    EXPECT_TRUE(body["id"].string().starts_with("evt_"));
    EXPECT_EQ(body["object"].string(), "event");
    EXPECT_EQ(body["api_version"].string(), "2025-01-27.acacia");
    EXPECT_EQ(body["created"].integer(), 1769594400);
    EXPECT_EQ(body["livemode"].boolean(), false);
    EXPECT_EQ(body["pending_webhooks"].integer(), 0);
    EXPECT_TRUE(body["request.idempotency_key"].is_null());
    EXPECT_EQ(body["type"].string(), "payment_intent.succeeded");
    EXPECT_EQ(body["data.object.id"].string(), "pi_1");
    EXPECT_EQ(body["data.object.object"].string(), "payment_intent");
    EXPECT_EQ(body["data.object.amount"].integer(), 4990);
    EXPECT_EQ(body["data.object.amount_received"].integer(), 4990);
    EXPECT_EQ(body["data.object.amount_capturable"].integer(), 0);
    EXPECT_EQ(body["data.object.currency"].string(), "usd");
    EXPECT_EQ(body["data.object.created"].integer(), 1769590800);
    EXPECT_EQ(body["data.object.metadata.order_id"].string(), "order-7");
    EXPECT_TRUE(body["data.object.last_payment_error"].is_null());
}

TEST(StripeEvent, TellsEachPaymentStateInStripesWords) {
    struct Case {
        std::string_view type;
        std::string_view name;
        std::string_view status;
    };
    constexpr Case kCases[] = {
        {"payment.created", "payment_intent.created", "requires_payment_method"},
        {"payment.succeeded", "payment_intent.succeeded", "succeeded"},
        {"payment.failed", "payment_intent.payment_failed", "requires_payment_method"},
        {"payment.captured", "charge.captured", "succeeded"},
        {"payment.canceled", "payment_intent.canceled", "canceled"},
        {"payment.requires_action", "payment_intent.requires_action", "requires_action"},
        {"payment.action_completed", "payment.action_completed", "processing"},
        {"refund.created", "refund.created", "pending"},
        {"refund.succeeded", "refund.updated", "succeeded"},
        {"refund.failed", "refund.failed", "failed"},
        {"dispute.created", "charge.dispute.created", "needs_response"},
        {"dispute.updated", "charge.dispute.updated", "needs_response"},
        {"dispute.closed", "charge.dispute.closed", "needs_response"},
        {"payout.created", "payout.created", "pending"},
        {"payout.paid", "payout.paid", "paid"},
        {"payout.failed", "payout.failed", "failed"},
    };
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.type);
        const Body body = body_of(stripe_settings({"*"}), event_of(test_case.type, "{}"));
        EXPECT_EQ(body["type"].string(), test_case.name);
        EXPECT_EQ(body["data.object.status"].string(), test_case.status);
        EXPECT_EQ(body["data.object.id"].string(), body["id"].string());
        EXPECT_TRUE(body["data.object.amount"].is_null());
    }
}

TEST(StripeEvent, TellsWhyAPaymentFailed) {
    const Body body = body_of(
        stripe_settings({"*"}), event_of("payment.failed", R"({"reason":"insufficient_funds"})")
    );
    EXPECT_EQ(body["data.object.last_payment_error.type"].string(), "card_error");
    EXPECT_EQ(body["data.object.last_payment_error.code"].string(), "insufficient_funds");
}

TEST(StripeEvent, HoldsMoneyThatIsNotCaptured) {
    const EventContent event =
        event_of("payment.succeeded", R"({"captured":false,"amount_minor":7,"currency":"EUR"})");
    const Body body = body_of(stripe_settings({"*"}), event);
    EXPECT_EQ(body["data.object.status"].string(), "requires_capture");
    EXPECT_EQ(body["data.object.amount_capturable"].integer(), 7);
    EXPECT_EQ(body["data.object.amount_received"].integer(), 0);
}

TEST(StripeEvent, IsNamedAsItWasSubscribedTo) {
    struct Case {
        std::string name;
        std::vector<std::string> event_types;
        std::string_view type;
        std::string_view named;
        std::string_view object;
    };
    const std::vector<Case> cases = {
        {"by everything", {"*"}, "refund.succeeded", "refund.updated", "refund"},
        {"by our name", {"refund.succeeded"}, "refund.succeeded", "refund.updated", "refund"},
        {"by its name", {"refund.updated"}, "refund.succeeded", "refund.updated", "refund"},
        {"as a charge", {"charge.refunded"}, "refund.succeeded", "charge.refunded", "charge"},
        {"by two names",
         {"charge.refunded", "refund.updated"},
         "refund.succeeded",
         "refund.updated",
         "refund"},
        {"a failure as an update", {"refund.updated"}, "refund.failed", "refund.updated", "refund"},
        {"a failure by its name",
         {"refund.updated", "refund.failed"},
         "refund.failed",
         "refund.failed",
         "refund"},
        {"a payment as a charge",
         {"charge.succeeded"},
         "payment.succeeded",
         "charge.succeeded",
         "charge"},
        {"by a family", {"payment.*"}, "payment.captured", "charge.captured", "charge"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const Body body =
            body_of(stripe_settings(test_case.event_types), event_of(test_case.type, kRefund));
        EXPECT_EQ(body["type"].string(), test_case.named);
        EXPECT_EQ(body["data.object.object"].string(), test_case.object);
    }
}

TEST(StripeEvent, TellsOfARefundOnlyWhatIsKnown) {
    const EventContent event = event_of("refund.succeeded", kRefund);
    const Body refund = body_of(stripe_settings({"refund.updated"}), event);
    EXPECT_EQ(refund["data.object.id"].string(), "re_1");
    EXPECT_EQ(refund["data.object.payment_intent"].string(), "pi_1");
    EXPECT_EQ(refund["data.object.reason"].string(), "duplicate");
    const Body charge = body_of(stripe_settings({"charge.refunded"}), event);
    EXPECT_EQ(charge["data.object.amount_refunded"].integer(), 500);
    EXPECT_TRUE(charge["data.object.amount"].is_null());
    EXPECT_TRUE(charge["data.object.refunded"].is_null());
    EXPECT_EQ(charge["data.object.refunds.data.0.id"].string(), "re_1");
}

TEST(StripeEvent, IsThinOnRequest) {
    EndpointSettings settings = stripe_settings({"*"});
    settings.payload = PayloadSize::thin;
    const std::string body = compose_body(settings, event_of("refund.created", kRefund), kIds);
    EXPECT_NE(body.find(R"("data":{"object":{"id":"re_1","object":"refund"}})"), std::string::npos);
}

TEST(StripeTypes, StandForUnifiedOnes) {
    struct Case {
        std::string_view name;
        std::vector<std::string> types;
    };
    const std::vector<Case> cases = {
        {"payment_intent.succeeded", {"payment.succeeded"}},
        {"charge.dispute.created", {"dispute.created"}},
        {"refund.updated", {"refund.succeeded", "refund.failed"}},
        {"refund.created", {"refund.created"}},
        {"charge.refunded", {"refund.succeeded"}},
        {"payment.succeeded", {"payment.succeeded"}},
        {"payment.*", {"payment.*"}},
        {"*", {"*"}},
        {"customer.created", {"customer.created"}},
        {"order.created", {}},
        {"", {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(unified_types_of(test_case.name), test_case.types);
    }
}

TEST(StripeTypes, AreEachAcceptedAndEachListedOnce) {
    const auto& types = all_stripe_types();
    EXPECT_TRUE(std::is_sorted(types.begin(), types.end()));
    EXPECT_EQ(std::adjacent_find(types.begin(), types.end()), types.end());
    for (const std::string_view type : types) EXPECT_FALSE(unified_types_of(type).empty()) << type;
    for (const EventType type : all_event_types()) {
        const auto back = unified_types_of(stripe_type_of(to_text(type)));
        EXPECT_NE(std::find(back.begin(), back.end(), to_text(type)), back.end()) << to_text(type);
    }
}

// An event of our own payment API, with the objects as they were when it happened.
EventContent own_event() {
    EventContent event = event_of("payment.succeeded", R"({"object":"payment","id":"p-1"})");
    event.gateway_event_id.clear();
    event.gateway_event_type.clear();
    event.stripe_type = "payment_intent.succeeded";
    event.stripe_object = R"({"id":"pi_1","object":"payment_intent","amount": 5})";
    event.request_id = "req_1";
    event.idempotency_key = "key-1";
    return event;
}

TEST(StripeEvent, ShowsOurOwnObjectByteForByteWithTheRequestThatMadeIt) {
    const EventContent event = own_event();
    const Body body = body_of(stripe_settings({"*"}), event);
    EXPECT_EQ(body["type"].string(), "payment_intent.succeeded");
    EXPECT_NE(
        body.text.find(R"("data":{"object":)" + event.stripe_object + "}"), std::string::npos
    );
    EXPECT_EQ(body["request.id"].string(), "req_1");
    EXPECT_EQ(body["request.idempotency_key"].string(), "key-1");
    EXPECT_FALSE(body["data.previous_attributes"].exists());
}

TEST(StripeEvent, KeepsItsNameWhicheverNameSelectedIt) {
    for (const char* pattern : {"*", "payment.succeeded", "payment_intent.*", "charge.succeeded"}) {
        const Body body = body_of(stripe_settings({pattern}), own_event());
        EXPECT_EQ(body["type"].string(), "payment_intent.succeeded") << pattern;
    }
}

TEST(StripeEvent, TellsWhatAnUpdateChanged) {
    EventContent event = own_event();
    event.kind = EventKind::stripe;
    event.type = event.stripe_type = "customer.updated";
    event.stripe_previous = R"({"email":null})";
    EndpointSettings settings = stripe_settings({"*"});
    const Body body = body_of(settings, event);
    EXPECT_EQ(body["type"].string(), "customer.updated");
    EXPECT_TRUE(body["data.previous_attributes.email"].is_null());
    settings.payload = PayloadSize::thin;
    const Body thin = body_of(settings, event);
    EXPECT_EQ(thin["data.object.id"].string(), "pi_1");
    EXPECT_EQ(thin["data.object.object"].string(), "payment_intent");
    EXPECT_FALSE(thin["data.object.amount"].exists());
    EXPECT_FALSE(thin["data.previous_attributes"].exists());
}

TEST(StripeEvent, HasNoOtherNameThanItsOwnWhereStripeHasNone) {
    EventContent event = own_event();
    event.type = "payment.action_completed";
    event.stripe_type.clear();
    EXPECT_EQ(stripe_type_of(event), "payment.action_completed");
    const Body body = body_of(stripe_settings({"payment_intent.processing", "*"}), event);
    EXPECT_EQ(body["type"].string(), "payment.action_completed");
}

}  // namespace
}  // namespace postern::dispatch
