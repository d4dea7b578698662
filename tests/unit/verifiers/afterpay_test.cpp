#include "verifiers/afterpay.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kUrl = "https://pay.example.com/hooks/a";
constexpr const char* kSettings = R"({"webhook_secrets":["secret-new","secret-old"],
    "notification_url":"https://pay.example.com/hooks/a","tolerance_seconds":60})";
constexpr const char* kBody = R"({"webhook_event_id":"e1","webhook_event_type":"created"})";

struct Signing {
    std::string_view secret = "secret-new";
    std::string_view url = kUrl;
    std::string_view date = "1700000000";
    std::string_view body = kBody;
};

std::string signature(const Signing& signing) {
    return to_base64(HmacKey{HashAlgorithm::sha256, signing.secret}.sign(
        {signing.url, "\n", signing.date, "\n", signing.body}
    ));
}

struct HeaderCase {
    const char* name;
    const char* date;
    std::string signature;
    const char* verdict;
};

const HeaderCase kHeaderCases[] = {
    {"accepts a right signature", "1700000000", signature({}), "key 0"},
    {"accepts the older secret", "1700000000", signature({.secret = "secret-old"}), "key 1"},
    {"accepts the oldest second", "1699999940", signature({.date = "1699999940"}), "key 0"},
    {"accepts the newest second", "1700000060", signature({.date = "1700000060"}), "key 0"},
    {"rejects one second older",
     "1699999939",
     signature({.date = "1699999939"}),
     "timestamp_out_of_tolerance"},
    {"rejects one second newer",
     "1700000061",
     signature({.date = "1700000061"}),
     "timestamp_out_of_tolerance"},
    {"names a forgery so, however old", "1", signature({}), "bad_signature"},
    {"rejects no date", "", signature({.date = ""}), "missing_header"},
    {"rejects no signature", "1700000000", "", "missing_header"},
    {"rejects a date in words", "Sun", signature({.date = "Sun"}), "malformed"},
    {"rejects a date with a sign", "+1700000000", signature({}), "malformed"},
    {"rejects a date beyond all years",
     "99999999999999999",
     signature({.date = "99999999999999999"}),
     "malformed"},
    {"rejects another URL", "1700000000", signature({.url = "http://x/"}), "bad_signature"},
    {"rejects a path alone", "1700000000", signature({.url = "/hooks/a"}), "bad_signature"},
    {"rejects a foreign secret", "1700000000", signature({.secret = "foreign"}), "bad_signature"},
    {"rejects another body", "1700000000", signature({.body = "{}"}), "bad_signature"},
    {"rejects what is no base64", "1700000000", "***", "bad_signature"},
};

TEST(AfterpayProvider, DecidesEveryHeaderShape) {
    const auto provider = make_afterpay(settings_of(kSettings));
    ASSERT_TRUE(provider.has_value());
    for (const HeaderCase& test_case : kHeaderCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{
            {{"X-Afterpay-Request-Date", test_case.date},
             {"X-Afterpay-Request-Signature", test_case.signature}},
            kBody};
        EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
    }
    const Posted empty{
        {{"X-Afterpay-Request-Date", "1700000000"},
         {"X-Afterpay-Request-Signature", signature({.body = ""})}},
        ""};
    EXPECT_EQ(verdict_of(**provider, empty), "malformed");
}

struct Case {
    const char* name;
    const char* body;
    const char* line;
};

const Case kCases[] = {
    {"a new dispute",
     R"({"webhook_event_id":"e1","webhook_event_type":"created","dispute_id":"dp_1",
         "merchant_reference":"A-1"})",
     "e1 created -> dispute.created dispute=dp_1 reference=A-1"},
    {"a changed dispute",
     R"({"webhook_event_id":"e1","webhook_event_type":"updated","dispute_id":"dp_1"})",
     "e1 updated -> dispute.updated dispute=dp_1"},
    {"another word",
     R"({"webhook_event_id":"e1","webhook_event_type":"closed","dispute_id":"dp_1"})",
     "e1 closed -> nothing"},
    {"no object", "[]", "malformed"},
    {"half a body", "{", "malformed"},
};

TEST(AfterpayProvider, TellsEventsInOurWords) {
    const auto provider = make_afterpay(settings_of(kSettings));
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(events_of(**provider, {{}, test_case.body}, full_line_of), test_case.line);
    }
}

TEST(AfterpayProvider, RefusesWrongSettings) {
    const std::pair<const char*, const char*> cases[] = {
        {"{}", "webhook_secrets is required"},
        {"{}", "notification_url is required"},
        {R"({"webhook_secrets":["long-enough"],"notification_url":""})", "notification_url is"},
        {R"({"webhook_secrets":["long-enough"],"notification_url":"/a"})", "must be the whole URL"},
        {R"({"webhook_secrets":["short"],"notification_url":"https://x/"})", "is too short"},
        {R"({"webhook_secrets":["long-enough"],"notification_url":"https://x/",
             "tolerance_seconds":0})",
         "tolerance_seconds must be"},
    };
    for (const auto& [settings, wanted] : cases) {
        const std::string complaint = complaint_of(make_afterpay, settings);
        EXPECT_NE(complaint.find(wanted), std::string::npos) << settings << ": " << complaint;
    }
}

}  // namespace
}  // namespace postern::verifiers
