#include "verifiers/static_authorization.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kExpected = "Basic dXNlcjpwYXNz";

struct Case {
    const char* name;
    const char* configured;
    const char* sent;
    bool missing;
    bool right;
};

const Case kCases[] = {
    {"asks for nothing while none is configured", "", "", false, true},
    {"does not look while none is configured", "", "Basic x", false, true},
    {"takes the configured one", kExpected, kExpected, false, true},
    {"misses an absent one", kExpected, "", true, false},
    {"refuses another", kExpected, "Basic dXNlcjpwYXNy", false, false},
    {"refuses a beginning", kExpected, "Basic dXNlcjpwYX", false, false},
    {"refuses a longer one", kExpected, "Basic dXNlcjpwYXNzz", false, false},
};

TEST(StaticAuthorization, DecidesEveryHeader) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const StaticAuthorization authorization{test_case.configured};
        const Posted posted{.headers = {{"Authorization", test_case.sent}}};
        asked(posted, [&authorization, &test_case](const SignedRequest& request) {
            EXPECT_EQ(authorization.is_missing(request), test_case.missing);
            EXPECT_EQ(authorization.is_right(request), test_case.right);
        });
    }
}

TEST(StaticAuthorization, RefusesAShortSetting) {
    const SettingTable table{{"authorization", text_setting("Basic x")}};
    SettingsReader reader{table, "acme"};
    static_cast<void>(static_authorization_setting(reader));
    const auto complaints = reader.finish();
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(
        complaints.front(), "acme: authorization is too short: it must have at least 8 bytes"
    );
}

}  // namespace
}  // namespace postern::verifiers
