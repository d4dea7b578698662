#include "storage/account_repository.hpp"
#include "storage/event_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

const std::string kApps = "/api/v1/app";

class SvixFace : public ApiFixture {
 protected:
    std::string app(const std::string& uid) {
        clock_.advance(std::chrono::seconds{1});
        const auto made = send("POST", kApps, R"({"name":"Shop","uid":")" + uid + R"("})");
        EXPECT_EQ(made.reply.status, 201) << made.reply.body;
        return std::string{made["id"].string()};
    }
    ApiAnswer endpoint(const std::string& uid, const std::string& more = {}) {
        return send(
            "POST",
            kApps + "/shop/endpoint",
            R"({"url":"https://shop.example.com/hook","uid":")" + uid + '"' + more + '}'
        );
    }
    ApiAnswer message(const std::string& more) {
        return send("POST", kApps + "/shop/msg", R"({"eventType":"order.paid",)" + more + '}');
    }
    std::string listed(const std::string& target, std::string_view field) {
        const auto answer = get(target);
        EXPECT_EQ(answer.reply.status, 200) << answer.reply.body;
        std::string text;
        for (const JsonValue item : answer["data"].items()) {
            text += item[field].text();
            text += ' ';
        }
        return text + (answer["done"].boolean() == true ? "done" : "more");
    }
};

TEST_F(SvixFace, KnowsApplicationsByIdAndUid) {
    const std::string id = app("shop");
    EXPECT_TRUE(id.starts_with("app_"));
    for (const std::string& target : {kApps + "/shop", kApps + "/shop/", kApps + '/' + id}) {
        SCOPED_TRACE(target);
        EXPECT_EQ(get(target)["id"].string(), id);
    }
    EXPECT_EQ(send("POST", kApps, R"({"name":"x","uid":"shop"})").reply.status, 409);
    const std::string same = kApps + "?get_if_exists=true";
    EXPECT_EQ(send("POST", same, R"({"name":"x","uid":"shop"})")["id"].string(), id);
    EXPECT_EQ(send("PATCH", kApps + "/shop", R"({"metadata":{"a":"b"}})")["name"].string(), "Shop");
    EXPECT_EQ(send("PUT", kApps + "/other", R"({"name":"made"})").reply.status, 201);
    EXPECT_EQ(get(kApps + "/other")["uid"].string(), "other");
    EXPECT_EQ(get(kApps + "/none").reply.status, 404);
    EXPECT_EQ(get(kApps + "/none")["code"].string(), "not_found");
}

TEST_F(SvixFace, ListsApplicationsWithTheKeysOwnAccountAsTheOldest) {
    app("a");
    app("b");
    EXPECT_EQ(listed(kApps, "name"), "Shop Shop default done");
    EXPECT_EQ(listed(kApps, "uid"), "b a  done");
    EXPECT_EQ(listed(kApps + "?order=ascending&limit=2", "uid"), " a more");
    const auto first = get(kApps + "?limit=2");
    EXPECT_EQ(first["done"].boolean(), false);
    const std::string iterator{first["iterator"].string()};
    EXPECT_EQ(listed(kApps + "?limit=2&iterator=" + iterator, "name"), "default done");
    const auto second = get(kApps + "?limit=2&iterator=" + iterator);
    const std::string previous{second["prevIterator"].string()};
    EXPECT_EQ(listed(kApps + "?limit=2&iterator=" + previous, "uid"), "b a done");
}

TEST_F(SvixFace, KeepsApplicationsOfOthersOutOfSight) {
    const std::string id = app("shop");
    AccountId stranger;
    change([&stranger](storage::Transaction& transaction) -> StoreResult {
        const auto made = storage::insert_account(transaction, "stranger");
        if (!made) return made.error();
        stranger = *made;
        return {};
    });
    const std::string foreign = store_->ids.encode(stranger).replace(0, 5, "app_");
    EXPECT_EQ(get(kApps + '/' + foreign).reply.status, 404);
}

TEST_F(SvixFace, ShowsEndpointsInBothSpellings) {
    app("shop");
    const auto made = endpoint("hook", R"(,"filterTypes":["order.paid"],"rateLimit":5)");
    ASSERT_EQ(made.reply.status, 201) << made.reply.body;
    EXPECT_TRUE(made["id"].string().starts_with("ep_"));
    EXPECT_EQ(made["eventTypes.0"].string(), "order.paid");
    EXPECT_EQ(made["filterTypes.0"].string(), "order.paid");
    EXPECT_EQ(made["throttleRate"].integer(), 5);
    const std::string path = kApps + "/shop/endpoint/hook";
    EXPECT_EQ(get(path)["id"].string(), made["id"].string());
    const auto patched = send("PATCH", path, R"({"eventTypes":null,"disabled":true})");
    EXPECT_TRUE(patched["eventTypes"].is_null());
    EXPECT_EQ(patched["disabled"].boolean(), true);
    EXPECT_EQ(patched["throttleRate"].integer(), 5);
    const auto replaced = send("PUT", path, R"({"url":"https://shop.example.com/b","uid":"hook"})");
    EXPECT_EQ(replaced["id"].string(), made["id"].string());
    EXPECT_TRUE(replaced["throttleRate"].is_null());
    EXPECT_EQ(replaced["disabled"].boolean(), false);
    EXPECT_EQ(endpoint("hook").reply.status, 409);
    EXPECT_EQ(listed(kApps + "/shop/endpoint", "uid"), "hook done");
    EXPECT_TRUE(get(path + "/secret")["key"].string().starts_with("whsec_"));
    EXPECT_EQ(get(kApps + "/shop/endpoint/none").reply.status, 404);
}

TEST_F(SvixFace, ShowsNoSecretToARestrictedKey) {
    app("shop");
    endpoint("hook");
    const std::string reader = add_key({storage::KeyKind::restricted, storage::Livemode::test});
    const auto answer = ask(
        {.target = kApps + "/shop/endpoint/hook/secret",
         .fields = {{"Authorization", "Bearer " + reader}}}
    );
    EXPECT_EQ(answer.reply.status, 403);
    EXPECT_EQ(answer["code"].string(), "insufficient_access");
}

TEST_F(SvixFace, NamesEveryFieldThatIsWrong) {
    app("shop");
    struct Case {
        const char* target;
        const char* body;
        const char* where;
    };
    const Case cases[] = {
        {"", R"({"uid":"x"})", "name"},
        {"", R"({"name":"x","uid":"a b"})", "uid"},
        {"", R"({"name":"x","typo":1})", "typo"},
        {"/shop/endpoint", R"({"uid":"x"})", "url"},
        {"/shop/endpoint", R"({"url":"nothing"})", "url"},
        {"/shop/endpoint", R"({"url":"http://10.0.0.1/"})", "url"},
        {"/shop/endpoint", R"({"url":"https://a.example.com","secret":"x"})", "secret"},
        {"/shop/endpoint", R"({"url":"https://a.example.com","eventTypes":[]})", "eventTypes"},
        {"/shop/endpoint", R"({"url":"https://a.example.com","throttleRate":-1})", "throttleRate"},
        {"/shop/msg", R"({"payload":{}})", "eventType"},
        {"/shop/msg", R"({"eventType":"a","payload":[]})", "payload"},
        {"/shop/msg", R"({"eventType":"a b","payload":{}})", "eventType"},
        {"/shop/msg", R"({"eventType":"a","payload":{},"tags":["x"]})", "tags"},
        {"/shop/msg", R"({"eventType":"a","payload":{},"channels":[]})", "channels"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.body);
        const auto answer = send("POST", kApps + test_case.target, test_case.body);
        EXPECT_EQ(answer.reply.status, 422) << answer.reply.body;
        EXPECT_EQ(answer["detail.0.loc.0"].string(), "body");
        EXPECT_EQ(answer["detail.0.loc.1"].string(), test_case.where);
    }
}

TEST_F(SvixFace, TakesAMessageAsItIsSpelled) {
    app("shop");
    endpoint("hook");
    const auto made = message(R"("eventId":"o-1","channels":["a"],"payload": { "n" : 1.50 } )");
    ASSERT_EQ(made.reply.status, 202) << made.reply.body;
    const std::string id{made["id"].string()};
    EXPECT_TRUE(id.starts_with("msg_"));
    EXPECT_EQ(made["payload.n"].number(), "1.50");
    std::optional<storage::EventRow> row;
    change([this, &row](storage::Transaction& transaction) -> StoreResult {
        const auto page = storage::list_events(transaction.connection(), {}, {});
        if (!page) return page.error();
        row = page->rows.front();
        return {};
    });
    EXPECT_EQ(row->object, R"({ "n" : 1.50 })");
    EXPECT_EQ(row->channels, R"(["a"])");
    EXPECT_EQ(message(R"("eventId":"o-1","payload":{})").reply.status, 409);
    EXPECT_EQ(get(kApps + "/shop/msg/o-1")["id"].string(), id);
    EXPECT_EQ(get(kApps + "/shop/msg/" + id)["eventId"].string(), "o-1");
    EXPECT_EQ(get(kApps + "/shop/msg/o-1?with_content=false")["payload"].size(), 0U);
    const auto deliveries = get(kApps + "/shop/endpoint/hook/msg");
    EXPECT_EQ(deliveries["data.0.id"].string(), id);
    EXPECT_EQ(deliveries["data.0.status"].integer(), 1);
    EXPECT_EQ(get(kApps + "/shop/endpoint/hook/stats")["pending"].integer(), 1);
    EXPECT_EQ(listed(kApps + "/shop/msg/o-1/endpoint", "uid"), "hook done");
    EXPECT_EQ(listed(kApps + "/shop/attempt/msg/o-1", "id"), "done");
    EXPECT_EQ(listed(kApps + "/shop/attempt/endpoint/hook", "id"), "done");
}

TEST_F(SvixFace, FiltersMessagesByTypeAndChannel) {
    app("shop");
    for (const char* type : {"a", "b", "a"}) {
        clock_.advance(std::chrono::seconds{1});
        send(
            "POST",
            kApps + "/shop/msg",
            R"({"eventType":")" + std::string{type} + R"(","payload":{},"channels":["c-)" + type
                + R"("]})"
        );
    }
    const std::string path = kApps + "/shop/msg";
    EXPECT_EQ(listed(path, "eventType"), "a b a done");
    EXPECT_EQ(listed(path + "?event_types=a", "eventType"), "a a done");
    EXPECT_EQ(listed(path + "?event_types=a&limit=1", "eventType"), "a more");
    EXPECT_EQ(listed(path + "?channel=c-b", "eventType"), "b done");
    EXPECT_EQ(listed(path + "?after=2023-11-14T22:13:22.500Z", "eventType"), "a b done");
    const auto first = get(path + "?event_types=a&limit=1");
    const std::string iterator{first["iterator"].string()};
    EXPECT_EQ(listed(path + "?event_types=a&limit=1&iterator=" + iterator, "eventType"), "a done");
}

TEST_F(SvixFace, ListsDescribedTypesAmongOurs) {
    const std::string path = "/api/v1/event-type";
    const auto made = send("POST", path, R"({"name":"order.paid","description":"paid"})");
    EXPECT_EQ(made.reply.status, 201) << made.reply.body;
    EXPECT_EQ(send("POST", path, R"({"name":"order.paid","description":""})").reply.status, 409);
    EXPECT_EQ(
        send("POST", path, R"({"name":"payment.failed","description":""})").reply.status, 409
    );
    EXPECT_EQ(listed(path + "?limit=2", "name"), "dispute.closed dispute.created more");
    EXPECT_EQ(
        listed(path + "?limit=3&iterator=dispute.created", "name"),
        "dispute.updated order.paid payment.action_completed more"
    );
    EXPECT_EQ(
        send("PATCH", path + "/order.paid", R"({"archived":true})")["archived"].boolean(), true
    );
    EXPECT_EQ(
        listed(path + "?limit=2&iterator=dispute.created", "name"),
        "dispute.updated payment.action_completed more"
    );
    app("shop");
    const auto refused = message(R"("payload":{})");
    EXPECT_EQ(refused.reply.status, 422);
    EXPECT_EQ(get(path + "/payment.failed")["description"].exists(), true);
    EXPECT_EQ(get(path + "/none").reply.status, 404);
}

TEST_F(SvixFace, MakesATaskOfARecovery) {
    app("shop");
    endpoint("hook");
    const std::string path = kApps + "/shop/endpoint/hook";
    const auto task = send("POST", path + "/recover", R"({"since":"2023-11-14T22:00:00Z"})");
    ASSERT_EQ(task.reply.status, 202) << task.reply.body;
    EXPECT_TRUE(task["id"].string().starts_with("qtask_"));
    EXPECT_EQ(task["task"].string(), "endpoint.recover");
    EXPECT_EQ(task["status"].string(), "running");
    const std::string id{task["id"].string()};
    EXPECT_EQ(get("/api/v1/background-task/" + id)["id"].string(), id);
    const auto missing =
        send("POST", path + "/replay-missing", R"({"since":"2023-11-14T22:00:00Z"})");
    EXPECT_EQ(missing["task"].string(), "endpoint.replay");
    const auto bulk = send(
        "POST", path + "/bulk-replay", R"({"since":"2023-11-14T22:00:00Z","eventTypes":["a"]})"
    );
    EXPECT_EQ(bulk["task"].string(), "endpoint.bulk-replay");
    EXPECT_EQ(get("/api/v1/background-task")["data"].size(), 3U);
    EXPECT_EQ(send("POST", path + "/recover", "{}").reply.status, 422);
    EXPECT_EQ(
        send("POST", path + "/recover", R"({"since":"2020-01-01T00:00:00Z"})").reply.status, 422
    );
}

TEST_F(SvixFace, SaysWhatItDoesNotOffer) {
    for (const char* target :
         {"/api/v1/auth/app-portal-access/x",
          "/api/v1/app/x/endpoint/y/cancel-msgs",
          "/api/v1/event-type/import/openapi",
          "/api/v1/operational-webhook/endpoint"}) {
        SCOPED_TRACE(target);
        const auto answer = send("POST", target, "{}");
        EXPECT_EQ(answer.reply.status, 501);
        EXPECT_EQ(answer["code"].string(), "not_offered");
    }
    EXPECT_EQ(get("/api/v1/stream/x")["code"].string(), "not_found");
    EXPECT_EQ(ask({.target = kApps})["code"].string(), "authentication_failed");
}

}  // namespace
}  // namespace postern::daemon
