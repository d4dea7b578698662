#include "daemon/authentication.hpp"

#include "core/bytes.hpp"
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
    const std::string key = add_key({storage::KeyScope::restricted, storage::Livemode::test});
    EXPECT_EQ(ask_with("Bearer " + key).reply.status, 200);
    const auto answer = ask(
        {.method = "POST",
         .target = "/api/v2/inbox/whk_any/reprocess",
         .fields = {{"Authorization", "Bearer " + key}}}
    );
    EXPECT_EQ(answer.reply.status, 403);
    EXPECT_EQ(answer["error.code"].string(), "FORBIDDEN");
}

}  // namespace
}  // namespace postern::daemon
