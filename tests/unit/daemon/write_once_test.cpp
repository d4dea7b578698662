#include "daemon/write_once.hpp"

#include "storage/idempotency_repository.hpp"
#include "tests/unit/daemon/api/endpoint_testing.hpp"

namespace postern::daemon {
namespace {

class WriteOnce : public EndpointFixture {
 protected:
    ApiAnswer create_with(const std::string& key, const std::string& body = kBody) {
        return ask(
            {.method = "POST",
             .target = std::string{kEndpoints},
             .body = body,
             .fields = {{"Authorization", "Bearer " + secret_key_}, {"Idempotency-Key", key}}}
        );
    }
    std::size_t endpoint_count() { return get(kEndpoints)["data"].size(); }

    static inline const std::string kBody = R"({"url":"https://shop.example.com/h"})";
};

TEST_F(WriteOnce, GivesARepeatedRequestTheFirstAnswer) {
    const auto first = create_with("key-1");
    ASSERT_EQ(first.reply.status, 201);
    EXPECT_FALSE(is_replayed(first.reply));
    const auto second = create_with("key-1");
    EXPECT_EQ(second.reply.status, 201);
    EXPECT_EQ(second.reply.body, first.reply.body);
    EXPECT_EQ(second.reply.content_type, first.reply.content_type);
    EXPECT_EQ(second.field("Idempotent-Replayed"), "true");
    EXPECT_EQ(endpoint_count(), 1U);
}

TEST_F(WriteOnce, RefusesAKeyThatCameWithAnotherRequest) {
    create_with("key-1");
    const auto other = create_with("key-1", R"({"url":"https://other.example.com/h"})");
    EXPECT_EQ(other.reply.status, 409);
    EXPECT_EQ(other["error.code"].string(), "IDEMPOTENCY_KEY_REUSED");
    EXPECT_EQ(endpoint_count(), 1U);
}

TEST_F(WriteOnce, ComparesParametersAndNotTheirOrder) {
    const auto first = create_with("key-1", R"({"url":"https://shop.example.com/h","uid":"one"})");
    ASSERT_EQ(first.reply.status, 201);
    const auto again =
        create_with("key-1", R"({"uid": "one", "url":"https://shop.example.com/h"})");
    EXPECT_EQ(again.reply.status, 201);
    EXPECT_TRUE(is_replayed(again.reply));
    EXPECT_EQ(again.field("Original-Request"), first.field("X-Request-ID"));
    EXPECT_NE(again.field("X-Request-ID"), first.field("X-Request-ID"));
}

TEST_F(WriteOnce, TellsStripesClientsWhatDiffers) {
    const auto create = [this](std::string target, std::string body) {
        return ask(
            {.method = "POST",
             .target = std::move(target),
             .body = std::move(body),
             .fields = {{"Authorization", "Bearer " + secret_key_}, {"Idempotency-Key", "key-1"}}}
        );
    };
    const std::string target = "/v1/webhook_endpoints";
    const std::string body = "url=https://shop.example.com/h&enabled_events[]=*";
    const auto first = create(target, body);
    ASSERT_EQ(first.reply.status, 200);
    EXPECT_TRUE(
        is_replayed(create(target, "enabled_events[0]=*&url=https://shop.example.com/h").reply)
    );
    const auto other = create(target, body + "&description=x");
    EXPECT_EQ(other.reply.status, 400);
    EXPECT_EQ(other["error.type"].string(), "idempotency_error");
    EXPECT_EQ(
        other["error.message"].string(),
        "Keys for idempotent requests can only be used with the same parameters they were first "
        "used with. Try using a key other than 'key-1' if you meant to execute a different request."
    );
    const std::string other_target = target + "/" + std::string{first["id"].string()};
    EXPECT_EQ(
        create(other_target, body)["error.message"].string(),
        "Keys for idempotent requests can only be used for the same endpoint they were first used "
        "for ('POST /v1/webhook_endpoints' vs 'POST "
            + other_target
            + "'). Try using a key other than 'key-1' if you meant to execute a different request."
    );
}

TEST_F(WriteOnce, RefusesWhatIsNoKey) {
    for (const std::string& key : {std::string{}, std::string(256, 'k'), std::string{"a\tb"}}) {
        EXPECT_EQ(create_with(key).reply.status, 400) << key.size();
    }
    EXPECT_EQ(create_with(std::string(255, 'k')).reply.status, 201);
}

TEST_F(WriteOnce, KeepsNoRefusal) {
    created_id(R"("uid":"one")");
    const std::string body = R"({"url":"https://shop.example.com/h","uid":"one"})";
    EXPECT_EQ(create_with("key-1", body).reply.status, 409);
    EXPECT_EQ(send("DELETE", at(get(kEndpoints)["data.0.id"].string())).reply.status, 200);
    EXPECT_EQ(create_with("key-1", body).reply.status, 201);
}

TEST_F(WriteOnce, ForgetsAfterADay) {
    create_with("key-1");
    clock_.advance(std::chrono::hours{24} + std::chrono::seconds{1});
    const auto again = create_with("key-1");
    EXPECT_EQ(again.reply.status, 201);
    EXPECT_FALSE(is_replayed(again.reply));
    EXPECT_EQ(endpoint_count(), 2U);
}

TEST_F(WriteOnce, KeepsAccountsAndModesApart) {
    create_with("key-1");
    const std::string live = add_key({storage::KeyKind::secret, storage::Livemode::live});
    const auto answer = ask(
        {.method = "POST",
         .target = std::string{kEndpoints},
         .body = kBody,
         .fields = {{"Authorization", "Bearer " + live}, {"Idempotency-Key", "key-1"}}}
    );
    EXPECT_EQ(answer.reply.status, 201);
    EXPECT_FALSE(is_replayed(answer.reply));
}

TEST_F(WriteOnce, SurvivesARestart) {
    const auto first = create_with("key-1");
    reopen();
    const auto second = create_with("key-1");
    EXPECT_EQ(second.reply.body, first.reply.body);
    EXPECT_TRUE(is_replayed(second.reply));
}

TEST_F(WriteOnce, StoresNoSecretInClear) {
    const auto first = create_with("key-1");
    std::string stored;
    change([&stored](storage::Transaction& transaction) -> StoreResult {
        const auto row = storage::find_idempotent_reply(
            transaction.connection(),
            {.account = AccountId{1}, .livemode = storage::Livemode::test, .key = "key-1"}
        );
        if (!row) return row.error();
        stored = (*row)->reply;
        return {};
    });
    EXPECT_FALSE(stored.empty());
    EXPECT_EQ(stored.find("whsec_"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon
