#include "core/bytes.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

class Events : public ApiFixture {
 protected:
    storage::IngestOutcome
    tell(const std::string& id, EventType type, const std::string& gateway = "stripe-main") {
        clock_.advance(std::chrono::seconds{1});
        const UnifiedEvent unified{.type = type, .amount = "9.99", .currency = "EUR"};
        return arrive(
            {.gateway = gateway,
             .body = "{\"id\":\"" + id + "\"}",
             .events = {{.id = id, .type = "as the provider says", .unified = unified}}}
        );
    }
    std::string ids(const ApiAnswer& answer) {
        std::string text;
        for (const JsonValue item : answer["data"].items()) {
            text += item["gateway_event_id"].string();
            text += ' ';
        }
        return text;
    }
};

TEST_F(Events, AreShownWhole) {
    const auto outcome = tell("evt_1", EventType::payment_succeeded);
    const auto answer = get("/api/v2/events/" + event_id(outcome));
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["id"].string(), event_id(outcome));
    EXPECT_EQ(answer["type"].string(), "payment.succeeded");
    EXPECT_EQ(answer["timestamp"].string(), "2023-11-14T22:13:21.000Z");
    EXPECT_TRUE(answer["account_id"].string().starts_with("acct_"));
    EXPECT_EQ(answer["livemode"].boolean(), false);
    EXPECT_EQ(answer["gateway"].string(), "stripe-main");
    EXPECT_EQ(answer["gateway_event_id"].string(), "evt_1");
    EXPECT_EQ(answer["gateway_event_type"].string(), "as the provider says");
    EXPECT_EQ(answer["trace_id"].string(), inbox_id(outcome));
    EXPECT_EQ(answer["data.object.amount_minor"].integer(), 999);
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
}

TEST_F(Events, AreFilteredAndOrdered) {
    tell("1", EventType::payment_created);
    tell("2", EventType::refund_created);
    tell("3", EventType::payment_succeeded, "stripe-other");
    tell("4", EventType::payment_captured);
    tell("live", EventType::payment_created, "stripe-live");
    tell("foreign", EventType::payment_created, "stripe-foreign");
    const std::pair<const char*, const char*> cases[] = {
        {"", "4 3 2 1 "},
        {"?order=asc", "1 2 3 4 "},
        {"?type=payment.created", "1 "},
        {"?type=payment.*", "4 3 1 "},
        {"?type=payment.*&order=asc", "1 3 4 "},
        {"?type=payout.*", ""},
        {"?gateway=stripe-other", "3 "},
        {"?type=payment.*&gateway=stripe-main", "4 1 "},
        {"?since=1700000002&until=1700000004", "3 2 "},
        {"?since=2023-11-14T22:13:24Z", "4 "},
    };
    for (const auto& [query, expected] : cases) {
        SCOPED_TRACE(query);
        const auto answer = get(std::string{"/api/v2/events"} + query);
        EXPECT_EQ(answer.reply.status, 200);
        EXPECT_EQ(ids(answer), expected);
        EXPECT_TRUE(answer["next_cursor"].is_null());
    }
}

TEST_F(Events, ArePagedWithoutGapsOrRepeats) {
    constexpr EventType types[] = {
        EventType::payment_created, EventType::refund_created, EventType::payment_failed};
    for (int i = 0; i < 9; ++i) tell(std::to_string(i), types[i % 3]);
    const std::pair<const char*, const char*> cases[] = {
        {"limit=2", "8 7 6 5 4 3 2 1 0 "},
        {"limit=2&order=asc", "0 1 2 3 4 5 6 7 8 "},
        {"limit=2&type=payment.*", "8 6 5 3 2 0 "},
        {"limit=3&type=payment.*&order=asc", "0 2 3 5 6 8 "},
    };
    for (const auto& [query, expected] : cases) {
        SCOPED_TRACE(query);
        std::string seen;
        std::string target = std::string{"/api/v2/events?"} + query;
        std::string next = target;
        for (int pages = 0; pages < 10 && !next.empty(); ++pages) {
            const auto answer = get(next);
            seen += ids(answer);
            const std::string_view cursor = answer["next_cursor"].string();
            EXPECT_EQ(answer["has_more"].boolean(), !cursor.empty());
            next = cursor.empty() ? "" : target + "&cursor=" + encode_percent(cursor);
        }
        EXPECT_EQ(seen, expected);
    }
}

TEST_F(Events, OfOthersAreAbsent) {
    const auto live = tell("live", EventType::payment_created, "stripe-live");
    const auto foreign = tell("foreign", EventType::payment_created, "stripe-foreign");
    for (const std::string& id : {event_id(live), event_id(foreign), std::string{"evt_none"}}) {
        const auto answer = get("/api/v2/events/" + id);
        EXPECT_EQ(answer.reply.status, 404) << id;
        EXPECT_EQ(answer["error.message"].string(), "There is no event of this id");
    }
}

TEST_F(Events, NameWhatAFilterMayBe) {
    const std::pair<const char*, const char*> cases[] = {
        {"type=payment", "type"},
        {"type=*", "type"},
        {"type=.*", "type"},
        {"gateway=none", "gateway"},
        {"gateway=stripe-foreign", "gateway"},
        {"limit=0", "limit"},
    };
    for (const auto& [query, field] : cases) {
        SCOPED_TRACE(query);
        const auto answer = get(std::string{"/api/v2/events?"} + query);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.code"].string(), "VALIDATION_ERROR");
        EXPECT_EQ(answer["error.details.0.field"].string(), field);
    }
}

}  // namespace
}  // namespace postern::daemon
