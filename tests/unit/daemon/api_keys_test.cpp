#include "daemon/api_keys.hpp"

#include "daemon/blocking_write.hpp"
#include "storage/account_repository.hpp"
#include "storage/api_key_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <set>

namespace postern::daemon {
namespace {

using storage::KeyKind;
using storage::Livemode;

struct FormCase {
    const char* name;
    const char* key;
    std::optional<ApiKeyForm> form;
};

const FormCase kFormCases[] = {
    {"a secret test key", "sk_test_a", ApiKeyForm{KeyKind::secret, Livemode::test}},
    {"a restricted test key", "rk_test_a-B_9", ApiKeyForm{KeyKind::restricted, Livemode::test}},
    {"a secret live key", "sk_live_0123456789abcdef", ApiKeyForm{KeyKind::secret, Livemode::live}},
    {"a restricted live key",
     "rk_live_0123456789abcdef",
     ApiKeyForm{KeyKind::restricted, Livemode::live}},
    {"a live key that could be guessed", "sk_live_0123456789abcde", std::nullopt},
    {"nothing after the prefix", "sk_test_", std::nullopt},
    {"a publishable key",
     "pk_test_0123456789abcdef",
     ApiKeyForm{KeyKind::publishable, Livemode::test}},
    {"a kind that there is not", "xk_test_0123456789abcdef", std::nullopt},
    {"a character that is none of a key's", "sk_test_a b", std::nullopt},
    {"an empty text", "", std::nullopt},
};

TEST(ApiKeys, AreKnownByTheirForm) {
    for (const FormCase& test_case : kFormCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(api_key_form(test_case.key), test_case.form);
    }
    EXPECT_EQ(api_key_form("sk_test_" + std::string(300, 'a')), std::nullopt);
}

struct MaskCase {
    const char* name;
    const char* key;
    const char* masked;
    const char* hint;
};

const MaskCase kMaskCases[] = {
    {"shows prefix and end", "sk_test_abcdef1234", "sk_test_****1234", "sk_test_…1234"},
    {"shows no end of a short key", "sk_test_1234567", "sk_test_****", "sk_test_…"},
    {"shows nothing of what is no key", "hunter2-hunter2-hunter2", "****", "…"},
    {"shows no strange characters", "rk_test_abcdefgh\r\n12", "rk_test_****", "rk_test_…"},
};

TEST(ApiKeys, AreShownMasked) {
    for (const MaskCase& test_case : kMaskCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(masked_api_key(test_case.key), test_case.masked);
        EXPECT_EQ(api_key_hint(test_case.key), test_case.hint);
    }
}

TEST(ApiKeys, AreMadeNewEachTimeInTheirForm) {
    const ApiKeyForm form{KeyKind::restricted, Livemode::live};
    const std::string key = make_api_key(form);
    EXPECT_EQ(api_key_form(key), form);
    EXPECT_NE(make_api_key(form), key);
}

TEST(ApiKeys, AreHashedUnderTheStoresOwnPepper) {
    const storage::StoreKeys one{.ids = {1, 2}, .dedupe = {3, 4}};
    const storage::StoreKeys other{.ids = {1, 2}, .dedupe = {3, 5}};
    EXPECT_EQ(hash_api_key(one, "sk_test_a").size(), 32u);
    EXPECT_EQ(hash_api_key(one, "sk_test_a"), hash_api_key(one, "sk_test_a"));
    EXPECT_NE(hash_api_key(one, "sk_test_a"), hash_api_key(one, "sk_test_b"));
    EXPECT_NE(hash_api_key(one, "sk_test_a"), hash_api_key(other, "sk_test_a"));
}

TEST(ProvenKeys, BelieveForALittleWhileOnly) {
    ProvenKeys proven;
    const Identity identity{.account = storage::kDefaultAccount};
    const TimePoint at = from_unix_seconds(1'000);
    proven.remember("hash", {.identity = identity, .proven_at = at});
    EXPECT_EQ(proven.find("hash", at), identity);
    EXPECT_EQ(proven.find("hash", at + ProvenKeys::kBelievedFor - Microseconds{1}), identity);
    EXPECT_EQ(proven.find("other", at), std::nullopt);
    EXPECT_EQ(proven.find("hash", at + ProvenKeys::kBelievedFor), std::nullopt);
    EXPECT_EQ(proven.size(), 0u);
}

TEST(ProvenKeys, AreForgottenAtOnce) {
    ProvenKeys proven;
    const TimePoint at = from_unix_seconds(1'000);
    const Identity one{.account = storage::kDefaultAccount, .key = ApiKeyId{1}};
    const Identity other{.account = storage::kDefaultAccount, .key = ApiKeyId{2}};
    const std::uint64_t before = proven.forgotten();
    proven.remember("one", {.identity = one, .proven_at = at, .forgotten_before = before});
    proven.remember("other", {.identity = other, .proven_at = at, .forgotten_before = before});
    proven.forget(ApiKeyId{1});
    EXPECT_EQ(proven.find("one", at), std::nullopt);
    EXPECT_EQ(proven.find("other", at), other);
    // Read before it was forgotten, remembered after.
    proven.remember("one", {.identity = one, .proven_at = at, .forgotten_before = before});
    EXPECT_EQ(proven.find("one", at), std::nullopt);
}

TEST(ProvenKeys, DoNotBelieveBeyondAKeysEnd) {
    ProvenKeys proven;
    const TimePoint at = from_unix_seconds(1'000);
    const Identity identity{.expires_at = at + std::chrono::seconds{2}};
    proven.remember("hash", {.identity = identity, .proven_at = at});
    EXPECT_TRUE(proven.find("hash", at + std::chrono::seconds{1}).has_value());
    EXPECT_EQ(proven.find("hash", at + std::chrono::seconds{2}), std::nullopt);
}

TEST(ProvenKeys, DoNotBelieveAClockThatWentBack) {
    ProvenKeys proven;
    proven.remember("hash", {.identity = {}, .proven_at = from_unix_seconds(1'000)});
    EXPECT_EQ(proven.find("hash", from_unix_seconds(999)), std::nullopt);
}

TEST(ProvenKeys, StayWithinTheirBound) {
    ProvenKeys proven;
    for (std::size_t i = 0; i <= ProvenKeys::kKeysMax; ++i) {
        const auto at = from_unix_microseconds(static_cast<std::int64_t>(i));
        proven.remember(std::to_string(i), {.identity = {}, .proven_at = at});
    }
    const TimePoint now = from_unix_microseconds(ProvenKeys::kKeysMax);
    EXPECT_EQ(proven.size(), ProvenKeys::kKeysMax);
    EXPECT_EQ(proven.find("0", now), std::nullopt);  // the oldest made room
    EXPECT_TRUE(proven.find("1", now).has_value());
}

class FirstKeys : public ApiFixture {
 protected:
    std::vector<storage::ApiKeyRow> rows() {
        std::vector<storage::ApiKeyRow> rows;
        const auto work = [&rows](storage::Transaction& transaction) -> StoreResult {
            auto listed = storage::list_api_keys(transaction.connection(), std::nullopt);
            if (!listed) return listed.error();
            rows = std::move(*listed);
            return {};
        };
        EXPECT_TRUE(write_and_wait(*writer_, work).has_value());
        return rows;
    }
};

TEST_F(FirstKeys, AreMadeOnceAndShownOnce) {
    const std::size_t before = rows().size();  // the fixture's secret key
    const auto made = first_keys();
    ASSERT_EQ(made.size(), 2u);
    EXPECT_EQ(api_key_form(made.front())->kind, KeyKind::restricted);
    EXPECT_EQ(api_key_form(made.back())->kind, KeyKind::publishable);
    EXPECT_TRUE(first_keys().empty());
    reopen();
    EXPECT_TRUE(first_keys().empty());
    EXPECT_EQ(rows().size(), before + 2);
}

TEST_F(FirstKeys, TakeTheOperatorsValuesAndAddThoseThatChange) {
    const std::size_t before = rows().size();
    const auto made = first_keys({.secret = "sk_test_first", .restricted = "rk_test_first"});
    ASSERT_EQ(made.size(), 1u);  // publishable: the operator has no say in that one
    EXPECT_EQ(rows().size(), before + 3);
    first_keys({.secret = "sk_test_second", .restricted = "rk_test_first"});
    EXPECT_EQ(rows().size(), before + 4);
    for (const char* key : {"sk_test_first", "sk_test_second", "rk_test_first"}) {
        const auto answer = ask(
            {.target = "/api/v2/events",
             .fields = {{"Authorization", std::string{"Bearer "} + key}}}
        );
        EXPECT_EQ(answer.reply.status, 200) << key;
    }
}

TEST_F(FirstKeys, AreNotInTheStoreInClear) {
    first_keys({.secret = "sk_test_in-clear-nowhere", .restricted = ""});
    for (const storage::ApiKeyRow& row : rows()) {
        EXPECT_EQ(row.key_hash.find("in-clear"), std::string::npos);
        EXPECT_EQ(row.hint.find("in-clear"), std::string::npos);
    }
}

TEST_F(FirstKeys, RefuseAValueThatIsNoKeyAndDoNotRepeatIt) {
    const BootstrapKeys wrong[] = {
        {.secret = "hunter2", .restricted = ""},
        {.secret = "", .restricted = "sk_test_hunter2"},
        {.secret = "sk_live_hunter2", .restricted = ""}};
    for (const BootstrapKeys& wanted : wrong) {
        const auto keys = ensure_first_keys(*store_, wanted);
        ASSERT_FALSE(keys.has_value());
        EXPECT_EQ(keys.error().message.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace postern::daemon
