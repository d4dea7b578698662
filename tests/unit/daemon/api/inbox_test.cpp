#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

using storage::Verdict;

const ProviderEvent kSuccess{
    .id = "evt_1",
    .type = "payment_intent.succeeded",
    .unified = UnifiedEvent{.type = EventType::payment_succeeded, .gateway_payment_id = "pi_1"}};

class Inbox : public ApiFixture {
 protected:
    std::string bodies(const ApiAnswer& answer) {
        std::string text;
        for (const JsonValue item : answer["data"].items()) {
            text += item["gateway_event_id"].string();
            text += ' ';
        }
        return text;
    }
};

TEST_F(Inbox, ShowsAWebhookAsReceivedAndWhatCameOfIt) {
    const auto outcome = arrive({.body = "{\"raw\":1}", .events = {kSuccess}});
    const auto answer = get("/api/v2/inbox/" + inbox_id(outcome));
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["id"].string(), inbox_id(outcome));
    EXPECT_EQ(answer["gateway"].string(), "stripe-main");
    EXPECT_EQ(answer["gateway_event_id"].string(), "evt_1");
    EXPECT_EQ(answer["received_at"].string(), "2023-11-14T22:13:20.000Z");
    EXPECT_EQ(answer["verdict"].string(), "verified");
    EXPECT_TRUE(answer["reason"].is_null());
    EXPECT_TRUE(answer["duplicate_of"].is_null());
    EXPECT_EQ(answer["event_ids.0"].string(), event_id(outcome));
    EXPECT_EQ(answer["headers"]["Content-Type"].string(), "application/json");
    EXPECT_EQ(answer["headers"]["Authorization"].string(), "***");
    EXPECT_EQ(answer["body_base64"].string(), to_base64("{\"raw\":1}"));
    EXPECT_EQ(answer["body_sha256"].string(), to_hex(sha256("{\"raw\":1}")));
    EXPECT_EQ(answer["events.0.id"].string(), event_id(outcome));
    EXPECT_EQ(answer["events.0.data.object.gateway_payment_id"].string(), "pi_1");
}

TEST_F(Inbox, ListsWithoutHeadersAndBodies) {
    arrive({.body = "a", .events = {kSuccess}});
    const auto answer = get("/api/v2/inbox");
    ASSERT_EQ(answer["data"].size(), 1u);
    EXPECT_FALSE(answer["data.0.headers"].exists());
    EXPECT_FALSE(answer["data.0.body_base64"].exists());
    EXPECT_EQ(answer["data.0.body_sha256"].string(), to_hex(sha256("a")));
}

TEST_F(Inbox, IsFilteredAndPaged) {
    const Verdict verdicts[] = {Verdict::verified, Verdict::unrecognised, Verdict::malformed};
    for (int i = 0; i < 6; ++i) {
        clock_.advance(std::chrono::seconds{1});
        const std::string id = std::to_string(i);
        arrive(
            {.gateway = i == 5 ? "stripe-other" : "stripe-main",
             .body = id,
             .events = {{.id = id, .type = "t", .unified = std::nullopt}},
             .verdict = verdicts[i % 3]}
        );
    }
    arrive({.gateway = "stripe-live", .body = "live"});
    arrive({.gateway = "stripe-foreign", .body = "foreign"});
    const std::pair<const char*, const char*> cases[] = {
        {"", "5 4 3 2 1 0 "},
        {"?order=asc", "0 1 2 3 4 5 "},
        {"?verdict=verified", "3 0 "},
        {"?verdict=malformed&gateway=stripe-main", "2 "},
        {"?gateway=stripe-other", "5 "},
        {"?since=1700000002&until=1700000004", "2 1 "},
    };
    for (const auto& [query, expected] : cases) {
        SCOPED_TRACE(query);
        EXPECT_EQ(bodies(get(std::string{"/api/v2/inbox"} + query)), expected);
    }
    const auto first = get("/api/v2/inbox?limit=4");
    EXPECT_EQ(first["has_more"].boolean(), true);
    const std::string cursor{first["next_cursor"].string()};
    EXPECT_EQ(bodies(get("/api/v2/inbox?limit=4&cursor=" + cursor)), "1 0 ");
}

TEST_F(Inbox, NamesWhatAFilterMayBe) {
    const std::pair<const char*, const char*> cases[] = {
        {"verdict=good", "verdict"},
        {"gateway=none", "gateway"},
        {"cursor=evt_1", "cursor"},
        {"verdct=verified", "verdct"},
    };
    for (const auto& [query, field] : cases) {
        SCOPED_TRACE(query);
        const auto answer = get(std::string{"/api/v2/inbox?"} + query);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.details.0.field"].string(), field);
    }
}

TEST_F(Inbox, OfOthersIsAbsent) {
    const auto live = arrive({.gateway = "stripe-live", .body = "live"});
    const auto foreign = arrive({.gateway = "stripe-foreign", .body = "foreign"});
    for (const std::string& id : {inbox_id(live), inbox_id(foreign), std::string{"whk_none"}}) {
        EXPECT_EQ(get("/api/v2/inbox/" + id).reply.status, 404) << id;
        EXPECT_EQ(post("/api/v2/inbox/" + id + "/reprocess").reply.status, 404) << id;
    }
}

}  // namespace
}  // namespace postern::daemon
