#include "tests/unit/daemon/api/endpoint_testing.hpp"

namespace postern::daemon {
namespace {

using WebhookEndpoints = EndpointFixture;

TEST_F(WebhookEndpoints, AreCreatedWithASecretThatIsShownOnce) {
    const auto made = create(R"("uid":"orders","event_types":["payment.*"],"metadata":{"a":"b"})");
    ASSERT_EQ(made.reply.status, 201) << made.reply.body;
    EXPECT_TRUE(made["id"].string().starts_with("we_"));
    EXPECT_TRUE(made["secret"].string().starts_with("whsec_"));
    EXPECT_EQ(made["status"].string(), "enabled");
    EXPECT_EQ(made["uid"].string(), "orders");
    EXPECT_EQ(made["health.state"].string(), "healthy");
    EXPECT_EQ(made["event_types.0"].string(), "payment.*");
    EXPECT_EQ(made["livemode"].boolean(), false);
    const auto seen = get(at(made["id"].string()));
    EXPECT_EQ(seen.reply.status, 200);
    EXPECT_FALSE(seen["secret"].exists());
    EXPECT_EQ(seen["metadata.a"].string(), "b");
    const auto secret = get(at(made["id"].string(), "/secret"));
    EXPECT_EQ(secret["secret"].string(), made["secret"].string());
    EXPECT_EQ(secret["previous"].size(), 0U);
    EXPECT_EQ(endpoints_->all().size(), 1U);
}

TEST_F(WebhookEndpoints, RefuseWhatCannotWork) {
    struct Case {
        const char* name;
        const char* body;
        const char* code;
        const char* field;
    };
    const Case cases[] = {
        {"no url", "{}", "VALIDATION_ERROR", "url"},
        {"no JSON", "{", "VALIDATION_ERROR", "body"},
        {"a list", "[]", "VALIDATION_ERROR", "body"},
        {"a private address", R"({"url":"http://10.0.0.1:8080/h"})", "ADDRESS_BLOCKED", "url"},
        {"the metadata service", R"({"url":"http://169.254.169.254/"})", "ADDRESS_BLOCKED", "url"},
        {"no URL at all", R"({"url":"shop"})", "VALIDATION_ERROR", "url"},
        {"an unknown field",
         R"({"url":"https://a.example.com","urls":1})",
         "VALIDATION_ERROR",
         "urls"},
        {"a bad status",
         R"({"url":"https://a.example.com","status":"on"})",
         "VALIDATION_ERROR",
         "status"},
        {"a short secret",
         R"({"url":"https://a.example.com","secret":"whsec_YQ=="})",
         "VALIDATION_ERROR",
         "secret"},
        {"a bad uid", R"({"url":"https://a.example.com","uid":"a b"})", "VALIDATION_ERROR", "uid"},
        {"a key without a certificate",
         R"({"url":"https://a.example.com","client_key":"x"})",
         "VALIDATION_ERROR",
         "client_key"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto answer = send("POST", std::string{kEndpoints}, test_case.body);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.code"].string(), test_case.code);
        EXPECT_EQ(answer["error.details.0.field"].string(), test_case.field);
    }
    EXPECT_EQ(get(kEndpoints)["data"].size(), 0U);
}

TEST_F(WebhookEndpoints, SayWhatToChangeAboutABlockedAddress) {
    const auto answer =
        send("POST", std::string{kEndpoints}, R"({"url":"http://127.0.0.1:8080/hooks"})");
    EXPECT_NE(answer["error.message"].string().find("address_blocked"), std::string::npos);
    EXPECT_GT(answer["error.message"].string().size(), 40U);
}

TEST_F(WebhookEndpoints, HaveAUidOfTheirOwn) {
    const std::string first = created_id(R"("uid":"one")");
    EXPECT_EQ(create(R"("uid":"one")").reply.status, 409);
    const std::string second = created_id();
    EXPECT_EQ(send("PATCH", at(second), R"({"uid":"one"})").reply.status, 409);
    EXPECT_EQ(send("PATCH", at(first), R"({"uid":null})")["uid"].kind(), JsonKind::null);
    EXPECT_EQ(send("PATCH", at(second), R"({"uid":"one"})").reply.status, 200);
    EXPECT_EQ(send("DELETE", at(second)).reply.status, 200);
    EXPECT_EQ(create(R"("uid":"one")").reply.status, 201);
}

TEST_F(WebhookEndpoints, AreChangedFieldByField) {
    const std::string id = created_id(R"("description":"old","timeout_seconds":20)");
    clock_.advance(std::chrono::seconds{5});
    const auto changed =
        send("PATCH", at(id), R"({"url":"https://other.example.com/x","description":"new"})");
    ASSERT_EQ(changed.reply.status, 200) << changed.reply.body;
    EXPECT_EQ(changed["url"].string(), "https://other.example.com/x");
    EXPECT_EQ(changed["description"].string(), "new");
    EXPECT_EQ(changed["timeout_seconds"].integer(), 20);
    EXPECT_NE(changed["updated_at"].string(), changed["created_at"].string());
    EXPECT_EQ(endpoints_->all().front()->url, "https://other.example.com/x");
    EXPECT_EQ(send("PATCH", at(id), R"({"url":"http://10.1.1.1"})").reply.status, 400);
    EXPECT_EQ(send("PATCH", at(id), R"({"timeout_seconds":-1})").reply.status, 400);
    EXPECT_EQ(send("PATCH", at(id), R"({"secret":"whsec_x"})").reply.status, 400);
    EXPECT_EQ(get(at(id))["timeout_seconds"].integer(), 20);
}

TEST_F(WebhookEndpoints, AreDisabledAndEnabled) {
    const std::string id = created_id();
    const auto disabled = post(at(id, "/disable"));
    EXPECT_EQ(disabled["status"].string(), "disabled");
    EXPECT_EQ(disabled["disabled_reason"].string(), "manual");
    tell("evt_1");
    EXPECT_EQ(get(at(id, "/deliveries"))["data.0.state"].string(), "skipped");
    const auto enabled = post(at(id, "/enable"));
    EXPECT_EQ(enabled["status"].string(), "enabled");
    EXPECT_EQ(enabled["disabled_reason"].kind(), JsonKind::null);
    tell("evt_2");
    EXPECT_EQ(get(at(id, "/deliveries"))["data.0.state"].string(), "pending");
}

TEST_F(WebhookEndpoints, AreForgivenWhenAPersonEnablesThem) {
    const std::string id = created_id();
    const auto endpoint = *store_->ids.decode<EndpointId>(id);
    change([this, endpoint](storage::Transaction& transaction) {
        return storage::put_endpoint_health(
            transaction,
            {.endpoint = endpoint,
             .failing_since = clock_.now(),
             .failures = 9,
             .not_before = clock_.now() + std::chrono::hours{1},
             .breaker_openings = 2}
        );
    });
    EXPECT_EQ(get(at(id))["health.state"].string(), "paused");
    post(at(id, "/disable"));
    EXPECT_EQ(post(at(id, "/enable"))["health.state"].string(), "healthy");
}

TEST_F(WebhookEndpoints, RotateTheirSecret) {
    const auto made = create();
    const std::string id{made["id"].string()};
    const std::string first{made["secret"].string()};
    const auto rotated = send("POST", at(id, "/rotate-secret"), R"({"grace_seconds":60})");
    ASSERT_EQ(rotated.reply.status, 200) << rotated.reply.body;
    const std::string second{rotated["secret"].string()};
    EXPECT_NE(first, second);
    const auto both = get(at(id, "/secret"));
    EXPECT_EQ(both["secret"].string(), second);
    EXPECT_EQ(both["previous.0.secret"].string(), first);
    EXPECT_EQ(endpoints_->all().front()->keys->secrets().size(), 2U);
    clock_.advance(std::chrono::seconds{61});
    EXPECT_EQ(get(at(id, "/secret"))["previous"].size(), 0U);
    send("POST", at(id, "/rotate-secret"), R"({"grace_seconds":60})");
    send("POST", at(id, "/rotate-secret"), R"({"grace_seconds":0})");
    EXPECT_EQ(get(at(id, "/secret"))["previous"].size(), 0U);
    EXPECT_EQ(send("POST", at(id, "/rotate-secret"), R"({"grace_seconds":-1})").reply.status, 400);
    EXPECT_EQ(send("POST", at(id, "/rotate-secret"), R"({"grace":1})").reply.status, 400);
}

TEST_F(WebhookEndpoints, KeepNoMoreSecretsThanTheyMay) {
    const std::string id = created_id();
    for (std::size_t i = 1; i < dispatch::kEndpointSecretsMax; ++i) {
        EXPECT_EQ(post(at(id, "/rotate-secret")).reply.status, 200) << i;
    }
    EXPECT_EQ(post(at(id, "/rotate-secret")).reply.status, 409);
}

TEST_F(WebhookEndpoints, AreGoneWhenTheyAreDeleted) {
    const std::string id = created_id();
    const auto deleted = send("DELETE", at(id));
    EXPECT_EQ(deleted.reply.status, 200);
    EXPECT_EQ(deleted["deleted"].boolean(), true);
    for (const char* rest : {"", "/secret", "/deliveries", "/stats", "/gaps"}) {
        EXPECT_EQ(get(at(id, rest)).reply.status, 404) << rest;
    }
    EXPECT_EQ(send("DELETE", at(id)).reply.status, 404);
    EXPECT_EQ(get(kEndpoints)["data"].size(), 0U);
    EXPECT_EQ(endpoints_->all().size(), 0U);
    EXPECT_EQ(get("/api/v2/jobs")["data.0.kind"].string(), "cancel_endpoint");
}

TEST_F(WebhookEndpoints, ArePagedAndSurviveARestart) {
    for (int i = 0; i < 3; ++i) create();
    const auto page = get(std::string{kEndpoints} + "?limit=2");
    EXPECT_EQ(page["data"].size(), 2U);
    EXPECT_EQ(page["has_more"].boolean(), true);
    std::string next{kEndpoints};
    next += "?limit=2&cursor=";
    next += page["next_cursor"].string();
    EXPECT_EQ(get(next)["data"].size(), 1U);
    reopen();
    EXPECT_EQ(endpoints_->all().size(), 3U);
    EXPECT_EQ(get(kEndpoints)["data"].size(), 3U);
}

TEST_F(WebhookEndpoints, BelongToAnAccountAndAMode) {
    const std::string id = created_id();
    const std::string live = add_key({storage::KeyKind::secret, storage::Livemode::live});
    const auto as_live = [&](std::string method, std::string target) {
        return ask(
            {.method = std::move(method),
             .target = std::move(target),
             .fields = {{"Authorization", "Bearer " + live}}}
        );
    };
    EXPECT_EQ(as_live("GET", std::string{kEndpoints})["data"].size(), 0U);
    for (const char* rest : {"", "/secret", "/deliveries", "/stats", "/gaps"}) {
        EXPECT_EQ(as_live("GET", at(id, rest)).reply.status, 404) << rest;
    }
    for (const char* rest : {"/enable", "/disable", "/rotate-secret", "/ping", "/dry-run"}) {
        EXPECT_EQ(as_live("POST", at(id, rest)).reply.status, 404) << rest;
    }
    EXPECT_EQ(as_live("DELETE", at(id)).reply.status, 404);
}

TEST_F(WebhookEndpoints, ShowNoSecretToARestrictedKey) {
    const std::string id = created_id();
    const std::string key = add_key({storage::KeyKind::restricted, storage::Livemode::test});
    const auto as_restricted = [&](std::string method, std::string target) {
        return ask({.method = std::move(method),
                    .target = std::move(target),
                    .fields = {{"Authorization", "Bearer " + key}}}
        ).reply.status;
    };
    EXPECT_EQ(as_restricted("GET", at(id)), 200);
    EXPECT_EQ(as_restricted("GET", at(id, "/secret")), 403);
    EXPECT_EQ(as_restricted("POST", at(id, "/disable")), 403);
    EXPECT_EQ(as_restricted("DELETE", at(id)), 403);
}

TEST_F(WebhookEndpoints, TryOutAFilterOnTheLastEvents) {
    tell("evt_1", EventType::payment_succeeded);
    tell("evt_2", EventType::refund_created);
    const auto by_type =
        send("POST", std::string{kEndpoints} + "/dry-run", R"({"event_types":["refund.*"]})");
    ASSERT_EQ(by_type.reply.status, 200) << by_type.reply.body;
    EXPECT_EQ(by_type["looked_at"].integer(), 2);
    EXPECT_EQ(by_type["matched"].integer(), 1);
    EXPECT_EQ(by_type["data.0.matches"].boolean(), true);
    EXPECT_EQ(by_type["data.1.reason"].string(), "event_types");
    const std::string id = created_id(R"("event_types":["payment.*"])");
    const auto by_filter = send(
        "POST", at(id, "/dry-run"), R"({"filter":{"field":"data.object.amount_minor","gte":1000}})"
    );
    EXPECT_EQ(by_filter["matched"].integer(), 0);
    EXPECT_EQ(by_filter["data.0.reason"].string(), "event_types");
    EXPECT_EQ(by_filter["data.1.reason"].string(), "filter");
    EXPECT_EQ(
        send("POST", at(id, "/dry-run"), R"({"url":"https://x.example.com"})").reply.status, 400
    );
    EXPECT_EQ(send("POST", at(id, "/dry-run"), R"({"filter":{"x":1}})").reply.status, 400);
}

TEST_F(WebhookEndpoints, ShowTheSigningKeysToAnybody) {
    const auto answer = ask({.target = "/api/v2/signing-keys"});
    EXPECT_EQ(answer.reply.status, 200);
    EXPECT_EQ(answer["keys.0.crv"].string(), "Ed25519");
}

}  // namespace
}  // namespace postern::daemon
