#include "dispatch/endpoint.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

EventContent event_of(std::string type) {
    EventContent event;
    event.type = std::move(type);
    event.gateway = "stripe";
    event.object = R"({"gateway_payment_id":"pi_1","amount_minor":500})";
    return event;
}

struct PatternCase {
    const char* pattern;
    const char* type;
    bool expected;
};

const PatternCase kPatterns[] = {
    {"*", "payment.succeeded", true},
    {"payment.*", "payment.succeeded", true},
    {"payment.*", "payment.", false},
    {"payment.*", "payments.made", false},
    {"payment.succeeded", "payment.succeeded", true},
    {"payment.succeeded", "payment.succeeded.late", false},
    {"payment", "payment.succeeded", false},
};

TEST(Endpoint, MatchesTypesExactlyByFamilyOrAll) {
    for (const PatternCase& test_case : kPatterns) {
        SCOPED_TRACE(std::string{test_case.pattern} + " and " + test_case.type);
        EXPECT_EQ(type_matches(test_case.pattern, test_case.type), test_case.expected);
    }
}

struct SubscriptionCase {
    const char* name;
    EventKind kind;
    std::string type;
    std::vector<std::string> event_types;
    bool expected;
};

const SubscriptionCase kSubscriptions[] = {
    {"everything", EventKind::unified, "refund.failed", {"*"}, true},
    {"one of several", EventKind::unified, "refund.failed", {"payment.*", "refund.failed"}, true},
    {"none of several", EventKind::unified, "refund.failed", {"payment.*", "dispute.*"}, false},
    {"a name of Stripe's", EventKind::unified, "dispute.created", {"charge.dispute.created"}, true},
    {"another name of Stripe's",
     EventKind::unified,
     "dispute.closed",
     {"charge.dispute.created"},
     false},
    {"a message among everything", EventKind::message, "order.shipped", {"*"}, true},
    {"a message by name", EventKind::message, "order.shipped", {"order.shipped"}, true},
    {"an operational event is not everything",
     EventKind::operational,
     "endpoint.disabled",
     {"*"},
     false},
    {"an operational event by family",
     EventKind::operational,
     "endpoint.disabled",
     {"*", "endpoint.*"},
     true},
    {"an operational event by name",
     EventKind::operational,
     "delivery.exhausted",
     {"delivery.exhausted"},
     true},
};

TEST(Endpoint, SubscribesToWhatItNames) {
    for (const SubscriptionCase& test_case : kSubscriptions) {
        SCOPED_TRACE(test_case.name);
        EndpointSettings settings;
        settings.event_types = test_case.event_types;
        EventContent event = event_of(test_case.type);
        event.kind = test_case.kind;
        EXPECT_EQ(is_subscribed(settings, event), test_case.expected);
        EXPECT_EQ(is_subscribed(settings, event, JsonValue{}), test_case.expected);
    }
}

TEST(Endpoint, HearsMessagesOfItsChannelsOnly) {
    EndpointSettings settings;
    settings.channels = {"shop-1", "shop-2"};
    EventContent message = event_of("order.shipped");
    message.kind = EventKind::message;
    EXPECT_FALSE(is_subscribed(settings, message));
    message.channels = {"shop-3", "shop-2"};
    EXPECT_TRUE(is_subscribed(settings, message));
    message.channels = {"shop-3"};
    EXPECT_FALSE(is_subscribed(settings, message));
    EXPECT_TRUE(is_subscribed(settings, event_of("payment.failed")));
}

TEST(Endpoint, LooksIntoTheObjectWhenItHasAFilter) {
    EndpointSettings settings;
    const auto filter = EventFilter::parse(R"({"field":"data.object.amount_minor","gt":400})");
    ASSERT_TRUE(filter.has_value());
    settings.filter = *filter;
    EventContent event = event_of("payment.succeeded");
    EXPECT_TRUE(is_subscribed(settings, event));
    event.object = R"({"amount_minor":400})";
    EXPECT_FALSE(is_subscribed(settings, event));
    const auto object = JsonDocument::parse(R"({"amount_minor":401})");
    EXPECT_TRUE(is_subscribed(settings, event, object->root()));
    event.object = "broken";
    EXPECT_FALSE(is_subscribed(settings, event));
}

TEST(Endpoint, OrdersTheEventsOfOnePayment) {
    const std::int64_t key = order_key_of(event_of("payment.created"));
    EXPECT_GT(key, 0);
    EXPECT_EQ(order_key_of(event_of("refund.succeeded")), key);
    EventContent other = event_of("payment.created");
    other.gateway = "adyen";
    EXPECT_NE(order_key_of(other), key);
    other = event_of("payment.created");
    other.object = R"({"gateway_payment_id":"pi_2"})";
    EXPECT_NE(order_key_of(other), key);
}

TEST(Endpoint, OrdersNothingThatBelongsToNoPayment) {
    EventContent event = event_of("payout.paid");
    for (const char* object : {"{}", R"({"gateway_payment_id":null})", "broken", ""}) {
        event.object = object;
        EXPECT_EQ(order_key_of(event), 0) << object;
    }
    EventContent message = event_of("order.shipped");
    message.kind = EventKind::message;
    EXPECT_EQ(order_key_of(message), 0);
}

TEST(Endpoint, KeepsTheOrderKeyBetweenVersions) {
    // Stored with deliveries that wait: another hash would let later events overtake them.
    EXPECT_EQ(order_key_of(event_of("payment.created")), 4469590647536883501);
}

TEST(Endpoint, RetriesByTypeWhereItSaysSo) {
    EndpointSettings settings;
    settings.retry_by_type["payment.succeeded"].maximum_age = std::chrono::hours{1};
    EXPECT_EQ(retry_policy_of(settings, "payment.succeeded").maximum_age, std::chrono::hours{1});
    EXPECT_EQ(retry_policy_of(settings, "payment.failed"), settings.retry);
}

struct OwnFormCase {
    const char* name;
    EventKind kind;
    const char* type;
    const char* stripe_type;
    PayloadFormat format;
    const char* pattern;
    bool expected;
};

constexpr auto kUnified = PayloadFormat::unified;
constexpr auto kStripe = PayloadFormat::stripe;

const OwnFormCase kOwnForms[] = {
    {"its Stripe name",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kStripe,
     "payment_intent.succeeded",
     true},
    {"its family there",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kStripe,
     "payment_intent.*",
     true},
    {"its unified name",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kStripe,
     "payment.succeeded",
     true},
    {"everything",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kStripe,
     "*",
     true},
    {"no alias, for the charge is told by itself",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kStripe,
     "charge.succeeded",
     false},
    {"no alias in the other format either",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kUnified,
     "charge.succeeded",
     false},
    {"its Stripe name in the other format",
     EventKind::unified,
     "payment.succeeded",
     "payment_intent.succeeded",
     kUnified,
     "payment_intent.succeeded",
     true},
    {"an own name among everything",
     EventKind::stripe,
     "charge.succeeded",
     "charge.succeeded",
     kStripe,
     "*",
     true},
    {"an own name by its family",
     EventKind::stripe,
     "charge.succeeded",
     "charge.succeeded",
     kStripe,
     "charge.*",
     true},
    {"an own name by another",
     EventKind::stripe,
     "charge.succeeded",
     "charge.succeeded",
     kStripe,
     "charge.failed",
     false},
    {"everything unified is no own name",
     EventKind::stripe,
     "charge.succeeded",
     "charge.succeeded",
     kUnified,
     "*",
     false},
    {"an own name that is named",
     EventKind::stripe,
     "charge.succeeded",
     "charge.succeeded",
     kUnified,
     "charge.succeeded",
     true},
    {"a family that only Stripe's users know",
     EventKind::stripe,
     "customer.created",
     "customer.created",
     kUnified,
     "customer.*",
     true},
    {"a unified family",
     EventKind::stripe,
     "payout.updated",
     "payout.updated",
     kUnified,
     "payout.*",
     false},
    {"the same at an endpoint that speaks as Stripe does",
     EventKind::stripe,
     "payout.updated",
     "payout.updated",
     kStripe,
     "payout.*",
     true},
};

TEST(Endpoint, SelectsEventsThatCarryTheirOwnStripeForm) {
    for (const OwnFormCase& test_case : kOwnForms) {
        SCOPED_TRACE(test_case.name);
        EventContent event = event_of(test_case.type);
        event.kind = test_case.kind;
        event.stripe_type = test_case.stripe_type;
        event.stripe_object = R"({"id":"pi_1"})";
        EndpointSettings settings;
        settings.format = test_case.format;
        settings.event_types = {test_case.pattern};
        EXPECT_EQ(is_subscribed(settings, event), test_case.expected);
    }
}

TEST(Endpoint, OrdersOwnEventsByTheirPayment) {
    const auto key_of = [](EventKind kind, std::string stripe_object) {
        EventContent event = event_of("payment.succeeded");
        event.kind = kind;
        event.stripe_object = std::move(stripe_object);
        return order_key_of(event);
    };
    const auto payment = key_of(
        EventKind::unified, R"({"object":"payment_intent","id":"pi_1","payment_intent":"x"})"
    );
    EXPECT_NE(payment, 0);
    const std::string charge = R"({"object":"charge","id":"ch_1","payment_intent":"pi_1"})";
    EXPECT_EQ(key_of(EventKind::stripe, charge), payment);
    EXPECT_EQ(
        key_of(EventKind::unified, R"({"object":"refund","payment_intent":"pi_1"})"), payment
    );
    EXPECT_NE(
        key_of(EventKind::unified, R"({"object":"refund","payment_intent":"pi_2"})"), payment
    );
    EXPECT_EQ(key_of(EventKind::stripe, R"({"object":"customer","id":"cus_1"})"), 0);
}

}  // namespace
}  // namespace postern::dispatch
