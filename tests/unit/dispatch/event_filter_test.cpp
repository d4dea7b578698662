#include "dispatch/event_filter.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::dispatch {
namespace {

constexpr const char* kEvent = R"({
    "id": "evt_1", "type": "payment.succeeded", "gateway": "stripe", "gateway_event_id": "e1",
    "livemode": false, "data": {"object": {
        "amount": "100.50", "amount_minor": 10050, "currency": "USD", "captured": true,
        "reason": null, "occurred_at": "2026-01-28T10:00:00.000Z",
        "customer": {"id": "cus_1"}, "items": [{"sku": "a"}, {"sku": "b"}],
        "large": 9007199254740993}}})";

struct Match {
    const char* filter;
    bool expected;
};

const Match kMatches[] = {
    {R"({"field":"type","equals":"payment.succeeded"})", true},
    {R"({"field":"type","prefix":"payment."})", true},
    {R"({"field":"type","prefix":"refund."})", false},
    {R"({"field":"gateway","in":["adyen","stripe"]})", true},
    {R"({"field":"gateway","not_in":["adyen","stripe"]})", false},
    {R"({"field":"livemode","equals":false})", true},
    {R"({"field":"livemode","equals":true})", false},
    {R"({"field":"gateway_event_type","exists":true})", false},
    {R"({"field":"data.object.currency","equals":"USD"})", true},
    {R"({"field":"data.object.currency","not_equals":"USD"})", false},
    {R"({"field":"data.object.currency","not_equals":"EUR"})", true},
    {R"({"field":"data.object.amount_minor","gte":10050})", true},
    {R"({"field":"data.object.amount_minor","gt":10050})", false},
    {R"({"field":"data.object.amount_minor","lt":1.00505e4})", true},
    {R"({"field":"data.object.amount_minor","lte":10049.999})", false},
    {R"({"field":"data.object.amount_minor","equals":1005e1})", true},
    {R"({"field":"data.object.large","gt":9007199254740992})", true},
    {R"({"field":"data.object.large","equals":9007199254740992})", false},
    {R"({"field":"data.object.amount","gte":"100.5"})", true},
    {R"({"field":"data.object.amount","gt":"100.5"})", false},
    {R"({"field":"data.object.occurred_at","gt":"2026-01-28T10:59:00+01:00"})", true},
    {R"({"field":"data.object.occurred_at","lt":"2026-01-28"})", false},
    {R"({"field":"data.object.customer.id","prefix":"cus_"})", true},
    {R"({"field":"data.object.items.1.sku","equals":"b"})", true},
    {R"({"field":"data.object.items.2.sku","exists":false})", true},
    {R"({"field":"data.object.reason","exists":false})", true},
    {R"({"field":"data.object.customer","exists":true})", true},
    // A value of another kind never matches.
    {R"({"field":"data.object.amount","gt":1})", false},
    {R"({"field":"data.object.amount","equals":100.50})", false},
    {R"({"field":"data.object.amount_minor","not_equals":"10050"})", false},
    {R"({"field":"data.object.missing","not_equals":"x"})", false},
    {R"({"field":"data.object.missing","not_in":["x"]})", false},
    {R"({"field":"data.object.amount_minor","prefix":"1"})", false},
    {R"({"not":{"field":"data.object.missing","equals":"x"}})", true},
    {R"({"and":[{"field":"gateway","equals":"stripe"},{"field":"data.object.captured",
        "equals":true}]})",
     true},
    {R"({"and":[{"field":"gateway","equals":"stripe"},{"field":"type","equals":"x"}]})", false},
    {R"({"or":[{"field":"gateway","equals":"adyen"},{"field":"livemode","equals":false}]})", true},
    {R"({"or":[{"field":"gateway","equals":"adyen"},{"field":"livemode","equals":true}]})", false},
};

TEST(EventFilter, MatchesEventsByWhatIsInThem) {
    const auto event = JsonDocument::parse(kEvent);
    ASSERT_TRUE(event.has_value());
    for (const Match& match : kMatches) {
        SCOPED_TRACE(match.filter);
        const auto filter = EventFilter::parse(match.filter);
        ASSERT_TRUE(filter.has_value()) << filter.error().message;
        EXPECT_EQ(filter->matches(event->root()), match.expected);
        const FilterView view{
            .type = "payment.succeeded",
            .gateway = "stripe",
            .gateway_event_id = "e1",
            .gateway_event_type = {},
            .livemode = storage::Livemode::test,
            .object = event->root().path("data.object")};
        EXPECT_EQ(filter->matches(view), match.expected);
    }
}

struct Refusal {
    const char* filter;
    const char* complaint;
};

const Refusal kRefusals[] = {
    {"[]", "filter must be an object"},
    {"{}", "filter must hold a field with one comparison"},
    {R"({"and":[]})", "filter.and must be a list"},
    {R"({"and":[{"or":3}]})", "filter.and.0.or must be a list"},
    {R"({"xor":[]})", "filter.xor is none of"},
    {R"({"not":{"field":"amount","gt":1}})", "filter.not.field must be type"},
    {R"({"field":"data.object.","gt":1})", "filter.field must be"},
    {R"({"field":"data.object.a..b","gt":1})", "filter.field must be"},
    {R"({"field":"type"})", "exactly one comparison"},
    {R"({"field":"type","gt":1,"lt":2})", "exactly one comparison"},
    {R"({"field":"type","equal":"x"})", "filter.equal is none of"},
    {R"({"field":"type","equals":null})", "filter.equals must be a text"},
    {R"({"field":"type","equals":["x"]})", "filter.equals must be a text"},
    {R"({"field":"type","in":"x"})", "filter.in must be a list"},
    {R"({"field":"type","in":[]})", "filter.in must be a list"},
    {R"({"field":"type","in":[{}]})", "filter.in may hold only"},
    {R"({"field":"data.object.a","gt":"many"})", "filter.gt must be a number"},
    {R"({"field":"data.object.a","gt":1e999999999})", "filter.gt must be a number"},
    {R"({"field":"data.object.a","equals":1e999999999})", "filter.equals must be"},
    {R"({"field":"type","prefix":""})", "filter.prefix must be a text"},
    {R"({"field":"type","exists":"yes"})", "filter.exists must be true or false"},
    {"nonsense", "not valid JSON"},
};

TEST(EventFilter, RefusesWhatItDoesNotUnderstandAndNamesThePlace) {
    for (const Refusal& refusal : kRefusals) {
        SCOPED_TRACE(refusal.filter);
        const auto filter = EventFilter::parse(refusal.filter);
        ASSERT_FALSE(filter.has_value());
        EXPECT_NE(filter.error().message.find(refusal.complaint), std::string::npos)
            << filter.error().message;
    }
}

std::string conditions(std::size_t count) {
    std::string text = R"({"or":[)";
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) text += ',';
        text += R"({"field":"type","equals":"x"})";
    }
    return text + "]}";
}

std::string nested(std::size_t depth) {
    std::string text = R"({"field":"type","equals":"x"})";
    for (std::size_t i = 1; i < depth; ++i) text = R"({"not":)" + text + "}";
    return text;
}

TEST(EventFilter, HasBounds) {
    EXPECT_TRUE(EventFilter::parse(conditions(50)).has_value());
    EXPECT_FALSE(EventFilter::parse(conditions(51)).has_value());
    EXPECT_TRUE(EventFilter::parse(nested(8)).has_value());
    EXPECT_FALSE(EventFilter::parse(nested(9)).has_value());
    const std::string text = R"({"field":"type","equals":")" + std::string(8 * 1024, 'x') + "\"}";
    EXPECT_FALSE(EventFilter::parse(text).has_value());
}

TEST(EventFilter, KeepsItsTextWithoutSpaces) {
    const auto filter =
        EventFilter::parse(R"( { "not" : { "field" : "data.object.a" , "in" : [ 1.50, true ] } } )"
        );
    ASSERT_TRUE(filter.has_value());
    EXPECT_EQ(filter->json(), R"({"not":{"field":"data.object.a","in":[1.50,true]}})");
    const auto again = EventFilter::parse(filter->json());
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE(*again == *filter);
}

}  // namespace
}  // namespace postern::dispatch
