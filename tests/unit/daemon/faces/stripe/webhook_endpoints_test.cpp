#include "storage/account_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

constexpr const char* kPath = "/v1/webhook_endpoints";
const std::string kUrl = "url=https%3A%2F%2Fshop.example.com%2Fhook";

class StripeWebhookEndpoints : public ApiFixture {
 protected:
    ApiAnswer create(const std::string& more) { return send("POST", kPath, kUrl + more); }
    std::string made() {
        clock_.advance(std::chrono::seconds{1});
        return std::string{create("&enabled_events[]=*")["id"].string()};
    }
    std::string ids(const ApiAnswer& answer) {
        std::string text;
        for (const JsonValue item : answer["data"].items()) {
            text += item["id"].string();
            text += ' ';
        }
        return text;
    }
};

TEST_F(StripeWebhookEndpoints, ShowTheSecretOnlyWhenTheyAreMade) {
    const auto created = create(
        "&enabled_events[0]=payment_intent.succeeded&description=orders&metadata[k]=v"
        "&api_version=2024-06-20"
    );
    ASSERT_EQ(created.reply.status, 200) << created.reply.body;
    const std::string id{created["id"].string()};
    EXPECT_TRUE(id.starts_with("we_"));
    EXPECT_TRUE(created["secret"].string().starts_with("whsec_"));
    EXPECT_TRUE(created.field("Request-Id").starts_with("req_"));
    const auto read = get(std::string{kPath} + '/' + id);
    EXPECT_EQ(read["object"].string(), "webhook_endpoint");
    EXPECT_EQ(read["url"].string(), "https://shop.example.com/hook");
    EXPECT_EQ(read["enabled_events.0"].string(), "payment_intent.succeeded");
    EXPECT_EQ(read["metadata.k"].string(), "v");
    EXPECT_EQ(read["api_version"].string(), "2024-06-20");
    EXPECT_EQ(read["status"].string(), "enabled");
    EXPECT_EQ(read["created"].integer(), 1'700'000'000);
    EXPECT_TRUE(read["application"].is_null());
    EXPECT_FALSE(read["secret"].exists());
    const auto owner = dispatch::EndpointDirectory::Owner{.account = storage::kDefaultAccount};
    ASSERT_EQ(endpoints_->of(owner)->size(), 1U);
    const dispatch::EndpointSettings& settings = endpoints_->of(owner)->front()->settings;
    EXPECT_EQ(settings.format, dispatch::PayloadFormat::stripe);
}

TEST_F(StripeWebhookEndpoints, AreChangedInParts) {
    const std::string path = std::string{kPath} + '/' + made();
    const auto changed = send("POST", path, "disabled=true&metadata[a]=1&metadata[b]=2");
    EXPECT_EQ(changed["status"].string(), "disabled");
    EXPECT_FALSE(changed["secret"].exists());
    const auto merged = send("PUT", path, "metadata[a]=&metadata[c]=3&disabled=false");
    EXPECT_EQ(merged["status"].string(), "enabled");
    EXPECT_EQ(merged["metadata"].size(), 2U);
    EXPECT_EQ(merged["metadata.c"].string(), "3");
    EXPECT_EQ(send("POST", path, "metadata=")["metadata"].size(), 0U);
    EXPECT_EQ(get(path)["enabled_events.0"].string(), "*");
}

TEST_F(StripeWebhookEndpoints, PageBothWays) {
    const std::string first = made();
    const std::string second = made();
    const std::string third = made();
    const std::string path = kPath;
    EXPECT_EQ(ids(get(path)), third + ' ' + second + ' ' + first + ' ');
    const auto page = get(path + "?limit=1&starting_after=" + third);
    EXPECT_EQ(ids(page), second + ' ');
    EXPECT_EQ(page["has_more"].boolean(), true);
    EXPECT_EQ(page["url"].string(), path);
    EXPECT_EQ(ids(get(path + "?ending_before=" + first)), third + ' ' + second + ' ');
    EXPECT_EQ(ids(get(path + "?limit=1&ending_before=" + first)), second + ' ');
    EXPECT_EQ(get(path + "?starting_after=" + second)["has_more"].boolean(), false);
}

TEST_F(StripeWebhookEndpoints, AreGoneOnceDeleted) {
    const std::string id = made();
    const std::string path = std::string{kPath} + '/' + id;
    const auto deleted = send("DELETE", path);
    EXPECT_EQ(deleted.reply.status, 200);
    EXPECT_EQ(deleted["id"].string(), id);
    EXPECT_EQ(deleted["deleted"].boolean(), true);
    for (const char* method : {"GET", "POST", "DELETE"}) {
        SCOPED_TRACE(method);
        const auto answer = send(method, path);
        EXPECT_EQ(answer.reply.status, 404);
        EXPECT_EQ(answer["error.code"].string(), "resource_missing");
        EXPECT_EQ(answer["error.message"].string(), "No such webhook endpoint: '" + id + "'");
    }
    EXPECT_EQ(get(kPath)["data"].size(), 0U);
}

TEST_F(StripeWebhookEndpoints, AreMadeOnceForEachKey) {
    const std::vector<std::pair<std::string, std::string>> fields = {
        {"Authorization", "Bearer " + secret_key_}, {"Idempotency-Key", "once"}};
    const std::string body = kUrl + "&enabled_events[]=*";
    const auto first = ask({.method = "POST", .target = kPath, .body = body, .fields = fields});
    const auto again = ask({.method = "POST", .target = kPath, .body = body, .fields = fields});
    EXPECT_EQ(again.reply.body, first.reply.body);
    EXPECT_EQ(again.field("Idempotent-Replayed"), "true");
    EXPECT_EQ(again.field("Idempotency-Key"), "once");
    const auto other =
        ask({.method = "POST", .target = kPath, .body = body + "&description=x", .fields = fields});
    EXPECT_EQ(other.reply.status, 400);
    EXPECT_EQ(other["error.type"].string(), "idempotency_error");
    EXPECT_EQ(get(kPath)["data"].size(), 1U);
}

TEST_F(StripeWebhookEndpoints, NameTheParameterThatIsWrong) {
    struct Case {
        std::string body;
        const char* code;
        const char* parameter;
    };
    const Case cases[] = {
        {"enabled_events[]=*", "parameter_missing", "url"},
        {kUrl, "parameter_missing", "enabled_events"},
        {kUrl + "&enabled_events[]=payment_intent.suceeded", "", "enabled_events[0]"},
        {kUrl + "&enabled_events=x", "", "enabled_events"},
        {kUrl + "&enabled_events[]=*&disabled=true", "parameter_unknown", "disabled"},
        {"url=ftp%3A%2F%2Fx&enabled_events[]=*", "url_invalid", "url"},
        {"url=http%3A%2F%2F10.0.0.1&enabled_events[]=*", "url_invalid", "url"},
        {kUrl + "&enabled_events[]=*&metadata[" + std::string(41, 'k') + "]=v", "", nullptr},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.body);
        const auto answer = send("POST", kPath, test_case.body);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.type"].string(), "invalid_request_error");
        EXPECT_EQ(answer["error.code"].string(), test_case.code);
        if (test_case.parameter != nullptr) {
            EXPECT_EQ(answer["error.param"].string(), test_case.parameter);
        }
    }
}

TEST_F(StripeWebhookEndpoints, AnswerStrangersAndUnknownRoutesInTheSameEnvelope) {
    const auto stranger = ask({.target = kPath});
    EXPECT_EQ(stranger.reply.status, 401);
    EXPECT_EQ(stranger["error.type"].string(), "invalid_request_error");
    const auto unknown = get("/v1/nothing");
    EXPECT_EQ(unknown.reply.status, 404);
    EXPECT_EQ(unknown["error.type"].string(), "invalid_request_error");
    const auto method = send("PATCH", kPath);
    EXPECT_EQ(method.reply.status, 405);
    EXPECT_EQ(method.field("Allow"), "GET, HEAD, POST");
    const std::string reader = add_key({storage::KeyKind::restricted, storage::Livemode::test});
    const auto forbidden =
        ask({.method = "POST", .target = kPath, .fields = {{"Authorization", "Bearer " + reader}}});
    EXPECT_EQ(forbidden.reply.status, 403);
    EXPECT_EQ(forbidden["error.type"].string(), "invalid_request_error");
}

class StripeEvents : public ApiFixture {
 protected:
    std::string tell(const std::string& id, EventType type) {
        clock_.advance(std::chrono::seconds{1});
        const UnifiedEvent unified{.type = type, .amount = "9.99", .currency = "EUR"};
        const auto outcome = arrive(
            {.body = "{\"id\":\"" + id + "\"}",
             .events = {{.id = id, .type = "their word", .unified = unified}}}
        );
        return event_id(outcome);
    }
    std::size_t count(const std::string& query) {
        return get("/v1/events?" + query)["data"].size();
    }
};

TEST_F(StripeEvents, AreShownUnderStripesNames) {
    const std::string id = tell("1", EventType::payment_succeeded);
    const auto answer = get("/v1/events/" + id);
    EXPECT_EQ(answer["id"].string(), id);
    EXPECT_EQ(answer["object"].string(), "event");
    EXPECT_EQ(answer["type"].string(), "payment_intent.succeeded");
    EXPECT_EQ(answer["created"].integer(), 1'700'000'001);
    EXPECT_EQ(get("/v1/events/evt_none")["error.code"].string(), "resource_missing");
    EXPECT_EQ(get("/v1/events")["data.0.id"].string(), id);
}

TEST_F(StripeEvents, AreFiltered) {
    tell("1", EventType::payment_succeeded);
    tell("2", EventType::refund_created);
    tell("3", EventType::payout_paid);
    const std::pair<const char*, std::size_t> cases[] = {
        {"", 3},
        {"type=payment_intent.succeeded", 1},
        {"type=payment.succeeded", 1},
        {"type=payout.*", 1},
        {"types[0]=payment_intent.succeeded&types[1]=payout.paid", 2},
        {"created[gte]=1700000002", 2},
        {"created[gt]=1700000002", 1},
        {"created[lt]=1700000002", 1},
        {"created[lte]=1700000002", 2},
        {"created=1700000002", 1},
        {"limit=2", 2},
    };
    for (const auto& [query, wanted] : cases) {
        SCOPED_TRACE(query);
        EXPECT_EQ(count(query), wanted);
    }
    const std::pair<const char*, const char*> wrong[] = {
        {"type=nothing.known", "type"},
        {"types[]=nothing.known", "types"},
        {"created[near]=1", "created[near]"},
        {"created[gt]=x", "created[gt]"},
        {"typo=1", "typo"},
    };
    for (const auto& [query, parameter] : wrong) {
        SCOPED_TRACE(query);
        const auto answer = get(std::string{"/v1/events?"} + query);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.param"].string(), parameter);
    }
}

}  // namespace
}  // namespace postern::daemon
