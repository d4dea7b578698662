#include "daemon/api_limits.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

using storage::KeyKind;
using storage::Livemode;

class ApiKeyCalls : public ApiFixture {
 protected:
    ApiAnswer
    with(std::string_view key, std::string method, std::string target, std::string body = {}) {
        return ask(
            {.method = std::move(method),
             .target = std::move(target),
             .body = std::move(body),
             .fields = {{"Authorization", "Bearer " + std::string{key}}}}
        );
    }
    int status_with(std::string_view key) {
        return with(key, "GET", "/api/v2/events").reply.status;
    }
    std::string made(const ApiAnswer& answer, std::string_view member = "key") {
        EXPECT_EQ(answer.reply.status, 201) << answer.reply.body;
        return std::string{answer[member].string()};
    }
};

TEST_F(ApiKeyCalls, MakeAKeyThatWorksAndIsShownOnce) {
    const auto answer =
        send("POST", "/api/v2/api-keys", R"({"kind":"secret","name":"Till","plan":"standard"})");
    const std::string key = made(answer);
    EXPECT_TRUE(key.starts_with("sk_test_"));
    EXPECT_EQ(answer["object"].string(), "api_key");
    EXPECT_EQ(answer["name"].string(), "Till");
    EXPECT_EQ(answer["plan"].string(), "standard");
    EXPECT_EQ(answer["status"].string(), "active");
    EXPECT_EQ(status_with(key), 200);
    const auto list = get("/api/v2/api-keys");
    EXPECT_EQ(list["data.0.id"].string(), answer["id"].string());
    EXPECT_FALSE(list["data.0.key"].exists());
    EXPECT_EQ(list.reply.body.find(key), std::string::npos);
}

struct WrongCase {
    const char* body;
    const char* field;
};

const WrongCase kWrongBodies[] = {
    {"", "kind"},
    {R"({"kind":"public"})", "kind"},
    {R"({"kind":"secret","livemode":1})", "livemode"},
    {R"({"kind":"secret","plan":"unlimited"})", "plan"},
    {R"({"kind":"secret","scopes":["payments:read"]})", "scopes"},
    {R"({"kind":"restricted","scopes":["payments:write"]})", "scopes.0"},
    {R"({"kind":"restricted","scopes":"payments:read"})", "scopes"},
    {R"({"kind":"secret","colour":"red"})", "colour"},
};

TEST_F(ApiKeyCalls, NameWhatIsWrong) {
    for (const WrongCase& wrong : kWrongBodies) {
        SCOPED_TRACE(wrong.body);
        const auto answer = send("POST", "/api/v2/api-keys", wrong.body);
        EXPECT_EQ(answer.reply.status, 400);
        EXPECT_EQ(answer["error.details.0.field"].string(), wrong.field);
    }
}

TEST_F(ApiKeyCalls, MakeNoLiveKeysForTestKeys) {
    const char* body = R"({"kind":"secret","livemode":true})";
    EXPECT_EQ(send("POST", "/api/v2/api-keys", body).reply.status, 403);
    const std::string live = add_key({KeyKind::secret, Livemode::live});
    EXPECT_TRUE(made(with(live, "POST", "/api/v2/api-keys", body)).starts_with("sk_live_"));
    const auto test_key =
        with(live, "POST", "/api/v2/api-keys", R"({"kind":"publishable","livemode":false})");
    EXPECT_TRUE(made(test_key).starts_with("pk_test_"));
}

TEST_F(ApiKeyCalls, AreForSecretKeysOnly) {
    for (const KeyKind kind : {KeyKind::restricted, KeyKind::publishable}) {
        const std::string key = add_key({kind, Livemode::test});
        EXPECT_EQ(with(key, "GET", "/api/v2/api-keys").reply.status, 403);
        EXPECT_EQ(with(key, "POST", "/api/v2/api-keys", R"({"kind":"secret"})").reply.status, 403);
    }
}

TEST_F(ApiKeyCalls, RollWithAnOverlap) {
    const auto first = send("POST", "/api/v2/api-keys", R"({"kind":"secret","name":"Till"})");
    const std::string old_key = made(first);
    EXPECT_EQ(status_with(old_key), 200);
    const std::string path = "/api/v2/api-keys/" + std::string{first["id"].string()};
    const auto rolled = send("POST", path + "/roll", R"({"overlap_hours":2})");
    const std::string new_key = made(rolled);
    EXPECT_EQ(rolled["name"].string(), "Till");
    EXPECT_EQ(status_with(old_key), 200);
    EXPECT_EQ(status_with(new_key), 200);
    const auto list = get("/api/v2/api-keys?order=asc&limit=2");
    EXPECT_EQ(list["data.1.status"].string(), "rolled");
    EXPECT_EQ(list["data.1.replaced_by"].string(), rolled["id"].string());
    EXPECT_EQ(send("POST", path + "/roll").reply.status, 409);
    clock_.advance(std::chrono::hours{2});
    const auto late = with(old_key, "GET", "/api/v2/events");
    EXPECT_EQ(late.reply.status, 401);
    EXPECT_TRUE(late["error.message"].string().starts_with("Expired API Key provided: sk_test_"));
    EXPECT_EQ(status_with(new_key), 200);
}

TEST_F(ApiKeyCalls, RollAtOnceWithoutAnOverlap) {
    const auto first = send("POST", "/api/v2/api-keys", R"({"kind":"restricted"})");
    const std::string old_key = made(first);
    EXPECT_EQ(status_with(old_key), 200);
    send("POST", "/api/v2/api-keys/" + std::string{first["id"].string()} + "/roll");
    EXPECT_EQ(status_with(old_key), 401);
    const auto wrong = send(
        "POST",
        "/api/v2/api-keys/" + std::string{first["id"].string()} + "/roll",
        R"({"overlap_hours":169})"
    );
    EXPECT_EQ(wrong.reply.status, 400);
}

TEST_F(ApiKeyCalls, RevokeAtOnceAndTwice) {
    const auto answer = send("POST", "/api/v2/api-keys", R"({"kind":"publishable"})");
    const std::string key = made(answer);
    const std::string path = "/api/v2/api-keys/" + std::string{answer["id"].string()};
    EXPECT_EQ(status_with(key), 403);  // proved, and not for this
    const auto revoked = send("DELETE", path);
    EXPECT_EQ(revoked.reply.status, 200);
    EXPECT_EQ(revoked["status"].string(), "revoked");
    EXPECT_EQ(status_with(key), 401);
    EXPECT_EQ(send("DELETE", path)["revoked_at"].string(), revoked["revoked_at"].string());
}

TEST_F(ApiKeyCalls, KeepTheLastSecretKeyOfItsMode) {
    const std::string own{get("/api/v2/api-keys")["data.0.id"].string()};
    const auto refused = send("DELETE", "/api/v2/api-keys/" + own);
    EXPECT_EQ(refused.reply.status, 409);
    EXPECT_EQ(refused["error.code"].string(), "CONFLICT");
    const auto second = send("POST", "/api/v2/api-keys", R"({"kind":"secret"})");
    EXPECT_EQ(send("DELETE", "/api/v2/api-keys/" + own).reply.status, 200);
    const std::string left = made(second, "id");
    EXPECT_EQ(with(made(second), "DELETE", "/api/v2/api-keys/" + left).reply.status, 409);
}

TEST_F(ApiKeyCalls, AnswerForKeysOfOthersAsIfTheyWereAbsent) {
    const std::string live = add_key({KeyKind::secret, Livemode::live});
    const std::string live_id{with(live, "GET", "/api/v2/api-keys")["data.0.id"].string()};
    for (const std::string& id : {live_id, std::string{"key_none"}}) {
        const std::string path = "/api/v2/api-keys/" + id;
        EXPECT_EQ(send("DELETE", path).reply.status, 404);
        EXPECT_EQ(send("POST", path + "/roll").reply.status, 404);
    }
    EXPECT_EQ(get("/api/v2/api-keys").reply.body.find(live_id), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon
