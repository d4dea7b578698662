#include "daemon/authentication.hpp"

#include "core/bytes.hpp"
#include "daemon/api_limits.hpp"
#include "daemon/blocking_write.hpp"
#include "storage/api_key_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

struct OfferCase {
    const char* name;
    std::string authorization;
    std::optional<std::string> key;
};

const OfferCase kOfferCases[] = {
    {"a bearer", "Bearer sk_test_a", "sk_test_a"},
    {"a bearer in other letters", "bEARER   sk_test_a ", "sk_test_a"},
    {"a user name without a password", "Basic " + to_base64("sk_test_a:"), "sk_test_a"},
    {"a user name with a password", "basic " + to_base64("sk_test_a:x:y"), "sk_test_a"},
    {"a user name without a colon", "Basic " + to_base64("sk_test_a"), "sk_test_a"},
    {"broken base64", "Basic !!!", std::nullopt},
    {"another scheme", "Digest sk_test_a", std::nullopt},
    {"a key alone", "sk_test_a", std::nullopt},
    {"nothing", "", std::nullopt},
};

TEST(Authentication, ReadsTheOfferedKey) {
    for (const OfferCase& test_case : kOfferCases) {
        SCOPED_TRACE(test_case.name);
        HttpFields fields;
        fields.add({"authorization", test_case.authorization});
        EXPECT_EQ(offered_api_key(fields), test_case.key);
    }
    EXPECT_EQ(offered_api_key(HttpFields{}), std::nullopt);
}

class AuthenticationOfCalls : public ApiFixture {
 protected:
    ApiAnswer ask_with(const std::string& authorization) {
        return ask({.target = "/api/v2/events", .fields = {{"Authorization", authorization}}});
    }
    void revoke_secret_key() {
        const auto work = [this](storage::Transaction& transaction) -> StoreResult {
            const std::string hash = hash_api_key(database_->keys(), secret_key_);
            const auto row = storage::find_api_key(transaction.connection(), storage::Blob{hash});
            if (!row || !*row) return storage::StoreError::failed;
            const auto revoked = storage::revoke_api_key(transaction, (*row)->id);
            if (!revoked) return revoked.error();
            return {};
        };
        EXPECT_TRUE(write_and_wait(*writer_, work).has_value());
    }
};

TEST_F(AuthenticationOfCalls, TakesBearerAndBasic) {
    EXPECT_EQ(ask_with("Bearer " + secret_key_).reply.status, 200);
    EXPECT_EQ(ask_with("Basic " + to_base64(secret_key_ + ":")).reply.status, 200);
}

TEST_F(AuthenticationOfCalls, RefusesWithoutRepeatingTheKey) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "You did not provide an API key"},
        {"Bearer", "You did not provide an API key"},
        {"Bearer sk_test_unknown-key-1234", "Invalid API Key provided: sk_test_****1234"},
        {"Bearer hunter2hunter2", "Invalid API Key provided: ****"},
    };
    for (const auto& [authorization, message] : cases) {
        SCOPED_TRACE(authorization);
        const auto answer = ask_with(authorization);
        EXPECT_EQ(answer.reply.status, 401);
        EXPECT_EQ(answer["error.code"].string(), "UNAUTHORIZED");
        EXPECT_TRUE(answer["error.message"].string().starts_with(message))
            << answer["error.message"].string();
        EXPECT_TRUE(answer.field("WWW-Authenticate").starts_with("Bearer"));
        EXPECT_EQ(answer.field("X-Request-ID"), answer["error.request_id"].string());
        EXPECT_EQ(answer.reply.body.find("hunter2"), std::string::npos);
    }
}

TEST_F(AuthenticationOfCalls, NoticesARevokedKeyWithinSeconds) {
    EXPECT_EQ(ask_with("Bearer " + secret_key_).reply.status, 200);
    revoke_secret_key();
    clock_.advance(ProvenKeys::kBelievedFor);
    const auto answer = ask_with("Bearer " + secret_key_);
    EXPECT_EQ(answer.reply.status, 401);
    EXPECT_TRUE(answer["error.message"].string().starts_with("Revoked API Key"));
}

TEST_F(AuthenticationOfCalls, LetsARestrictedKeyReadOnly) {
    const std::string key = add_key({storage::KeyKind::restricted, storage::Livemode::test});
    EXPECT_EQ(ask_with("Bearer " + key).reply.status, 200);
    const auto answer = ask(
        {.method = "POST",
         .target = "/api/v2/inbox/whk_any/reprocess",
         .fields = {{"Authorization", "Bearer " + key}}}
    );
    EXPECT_EQ(answer.reply.status, 403);
    EXPECT_EQ(answer["error.code"].string(), "FORBIDDEN");
}

TEST_F(AuthenticationOfCalls, RefusesAPublishableKeyAndSaysWhichToUse) {
    const std::string key = add_key({storage::KeyKind::publishable, storage::Livemode::test});
    const auto answer = ask_with("Bearer " + key);
    EXPECT_EQ(answer.reply.status, 403);
    EXPECT_EQ(
        answer["error.message"].string(),
        "A publishable key may not do this, since anybody can see it; use a secret or a restricted "
        "key"
    );
}

TEST_F(AuthenticationOfCalls, LetsANarrowKeyReadWhatItsScopesName) {
    const std::string key = add_key({storage::KeyKind::restricted, storage::Livemode::test});
    change([](storage::Transaction& transaction) {
        static const storage::Sql sql{
            "UPDATE api_keys SET scopes = 'webhooks:read' WHERE kind = 1"};
        return transaction.query(sql).run();
    });
    const auto answer = ask_with("Bearer " + key);  // of events
    EXPECT_EQ(answer.reply.status, 403);
    EXPECT_TRUE(answer["error.message"].string().ends_with("the scope events:read"));
    EXPECT_EQ(answer["error.details.0.message"].string(), "events:read");
    const auto in_chinese = ask(
        {.target = "/api/v2/events",
         .fields = {{"Authorization", "Bearer " + key}, {"Accept-Language", "zh-CN"}}}
    );
    EXPECT_EQ(in_chinese["error.details.0.message"].string(), "events:read");
    const auto inbox =
        ask({.target = "/api/v2/inbox", .fields = {{"Authorization", "Bearer " + key}}});
    EXPECT_EQ(inbox.reply.status, 200);
}

TEST_F(AuthenticationOfCalls, TellsEachKeyItsLimitAndHoldsItToIt) {
    config::Api plans;
    plans.rate_limit_test = {.limit = 2, .window = std::chrono::seconds{60}, .burst = 2};
    const auto limits =
        ApiLimits::make({.plans = plans, .metrics = metrics_, .address_key = {1, 2}});
    around_->limits = limits.get();
    const auto first = ask_with("Bearer " + secret_key_);
    EXPECT_EQ(first.reply.status, 200);
    EXPECT_EQ(first.field("X-RateLimit-Limit"), "2");
    EXPECT_EQ(first.field("X-RateLimit-Remaining"), "1");
    EXPECT_EQ(first.field("X-RateLimit-Reset"), "1700000060");
    EXPECT_EQ(ask_with("Bearer " + secret_key_).reply.status, 200);
    const auto refused = ask_with("Bearer " + secret_key_);
    EXPECT_EQ(refused.reply.status, 429);
    EXPECT_EQ(refused["error.code"].string(), "RATE_LIMITED");
    EXPECT_EQ(refused.field("Retry-After"), "60");
    EXPECT_EQ(refused.field("X-RateLimit-Remaining"), "0");
    const auto other_face =
        ask({.target = "/v1/events", .fields = {{"Authorization", "Bearer " + secret_key_}}});
    EXPECT_EQ(other_face.reply.status, 429);
    EXPECT_EQ(other_face["error.type"].string(), "rate_limit_error");
    EXPECT_EQ(other_face["error.code"].string(), "rate_limit");
    EXPECT_FALSE(ask_with("").field("X-RateLimit-Limit").size() > 0);
    clock_.advance(std::chrono::seconds{60});
    EXPECT_EQ(ask_with("Bearer " + secret_key_).reply.status, 200);
}

TEST_F(AuthenticationOfCalls, MakesAnAddressWaitThatTriesKeys) {
    config::Api plans;
    plans.rate_limit_wrong_keys = {.limit = 3, .window = std::chrono::seconds{60}, .burst = 3};
    const auto limits =
        ApiLimits::make({.plans = plans, .metrics = metrics_, .address_key = {1, 2}});
    around_->limits = limits.get();
    EXPECT_EQ(ask_with("Bearer " + secret_key_).reply.status, 200);
    for (const char* wrong : {"sk_test_guess1", "hunter2", "sk_test_guess2"}) {
        EXPECT_EQ(ask_with(std::string{"Bearer "} + wrong).reply.status, 401);
    }
    const auto refused = ask_with("Bearer sk_test_guess3");
    EXPECT_EQ(refused.reply.status, 429);
    EXPECT_EQ(refused.field("Retry-After"), "60");
    const std::string unproved = add_key({storage::KeyKind::secret, storage::Livemode::test});
    EXPECT_EQ(ask_with("Bearer " + unproved).reply.status, 200);
    EXPECT_EQ(ask_with("Bearer sk_test_guess4").reply.status, 429);
    clock_.advance(std::chrono::seconds{60});
    EXPECT_EQ(ask_with("Bearer sk_test_guess5").reply.status, 401);
}

}  // namespace
}  // namespace postern::daemon
