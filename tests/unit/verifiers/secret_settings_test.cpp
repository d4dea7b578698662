#include "verifiers/secret_settings.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct Case {
    const char* name;
    const char* json;
    SecretRules rules;
    std::vector<std::string> secrets;
    const char* complaint;  // of all that is wrong; empty: nothing
};

const Case kCases[] = {
    {"texts as they are", R"({"s":["12345678","two words"]})", {}, {"12345678", "two words"}, ""},
    {"a space ahead",
     R"({"s":["12345678"," 12345678"]})",
     {},
     {"12345678"},
     "x: s number 2 has a space or a line feed around it"},
    {"a space behind",
     R"({"s":"12345678 "})",
     {},
     {},
     "x: s number 1 has a space or a line feed around it"},
    {"the line feed of a file",
     R"({"s":"3132333435363738\n"})",
     {.encoding = SecretEncoding::hex},
     {},
     "x: s number 1 has a space or a line feed around it"},
    {"a byte too many",
     R"({"s":"123456789"})",
     {.bytes_min = 8, .bytes_max = 8},
     {},
     "x: s number 1 is too long: it must have at most 8 bytes"},
    {"one text alone", R"({"s":"12345678"})", {}, {"12345678"}, ""},
    {"seven bytes",
     R"({"s":["1234567"]})",
     {},
     {},
     "x: s number 1 is too short: it must have at least 8 bytes"},
    {"hex", R"({"s":["3132333435363738"]})", {.encoding = SecretEncoding::hex}, {"12345678"}, ""},
    {"no hex",
     R"({"s":["3132333x"]})",
     {.encoding = SecretEncoding::hex},
     {},
     "x: s number 1 is not hex"},
    {"the bytes count and not the digits",
     R"({"s":["31323334"]})",
     {.encoding = SecretEncoding::hex},
     {},
     "x: s number 1 is too short: it must have at least 8 bytes"},
    {"base64 behind a prefix or without",
     R"({"s":["whsec_MTIzNDU2Nzg=","MTIzNDU2Nzg="]})",
     {.encoding = SecretEncoding::base64, .optional_prefix = "whsec_"},
     {"12345678", "12345678"},
     ""},
    {"no base64",
     R"({"s":["MTIzNDU2Nzg=","ab*d"]})",
     {.encoding = SecretEncoding::base64},
     {"12345678"},
     "x: s number 2 is not base64"},
};

TEST(SecretSettings, DecodesAndJudgesSecrets) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const SettingTable table = settings_of(test_case.json);
        SettingsReader reader{table, "x"};
        EXPECT_EQ(required_secrets(reader, "s", test_case.rules), test_case.secrets);
        const auto complaints = reader.finish();
        const std::string first = complaints.empty() ? "" : complaints.front();
        EXPECT_EQ(first, test_case.complaint);
    }
}

TEST(SecretSettings, MayDoWithout) {
    const SettingTable table;
    SettingsReader reader{table, "x"};
    EXPECT_TRUE(optional_secrets(reader, "s").empty());
    EXPECT_TRUE(reader.finish().empty());
}

TEST(SecretSettings, JudgesTheOnlyOneByTheSameRules) {
    struct OneCase {
        const char* json;
        const char* required;
        const char* optional;
    };
    const OneCase cases[] = {
        {R"({"s":"12345678"})", "", ""},
        {"{}", "x: s is required and must not be empty", ""},
        {R"({"s":""})", "x: s is required and must not be empty", "x: s must not be empty"},
        {R"({"s":"short"})",
         "x: s is too short: it must have at least 8 bytes",
         "x: s is too short: it must have at least 8 bytes"},
        {R"({"s":" 12345678"})",
         "x: s has a space or a line feed around it",
         "x: s has a space or a line feed around it"},
    };
    const auto complaint_about = [](const char* json, auto read) {
        const SettingTable table = settings_of(json);
        SettingsReader reader{table, "x"};
        const std::string secret = read(reader, "s", SecretRules{});
        const auto complaints = reader.finish();
        EXPECT_TRUE(complaints.empty() || secret.empty()) << json;
        return complaints.empty() ? std::string{} : complaints.front();
    };
    for (const OneCase& test_case : cases) {
        EXPECT_EQ(complaint_about(test_case.json, required_secret), test_case.required);
        EXPECT_EQ(complaint_about(test_case.json, optional_secret), test_case.optional);
    }
}

TEST(SecretSettings, BoundsTheTolerance) {
    const std::pair<const char*, bool> cases[] = {
        {"{}", true},
        {R"({"tolerance_seconds":1})", true},
        {R"({"tolerance_seconds":86400})", true},
        {R"({"tolerance_seconds":0})", false},
        {R"({"tolerance_seconds":86401})", false},
    };
    for (const auto& [json, good] : cases) {
        const SettingTable table = settings_of(json);
        SettingsReader reader{table, "x"};
        read_tolerance(reader);
        EXPECT_EQ(reader.finish().empty(), good) << json;
    }
}

TEST(SecretSettings, WantsAWholeUrl) {
    const std::pair<const char*, bool> cases[] = {
        {R"({"notification_url":"https://pay.example.com/hook"})", true},
        {R"({"notification_url":"http://localhost/hook"})", true},
        {"{}", true},
        {R"({"notification_url":"pay.example.com/hook"})", false},
        {R"({"notification_url":"/hook"})", false},
    };
    for (const auto& [json, good] : cases) {
        const SettingTable table = settings_of(json);
        SettingsReader reader{table, "x"};
        optional_notification_url(reader);
        EXPECT_EQ(reader.finish().empty(), good) << json;
    }
}

}  // namespace
}  // namespace postern::verifiers
