#include "verifiers/signed_text_template.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct Case {
    const char* text;
    const char* before;
    const char* after;
};

const Case kCases[] = {
    {"{body}", "", ""},
    {"{timestamp}.{body}", "17.", ""},
    {"{id}.{timestamp}.{body}", "m1.17.", ""},
    {"{url}{body}", "https://x/", ""},
    {"v0:{timestamp}:{body}:{timestamp}", "v0:17:", ":17"},
    {"}{body}\n", "}", "\n"},
};

TEST(SignedTextTemplate, FramesTheBody) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.text);
        const auto parsed = SignedTextTemplate::parse(test_case.text);
        ASSERT_TRUE(parsed.has_value());
        const auto frame = parsed->fill({.timestamp = "17", .url = "https://x/", .id = "m1"});
        EXPECT_EQ(frame.before, test_case.before);
        EXPECT_EQ(frame.after, test_case.after);
    }
}

TEST(SignedTextTemplate, RefusesWhatItCannotFill) {
    for (const char* text :
         {"",
          "body",
          "{timestamp}",
          "{body}{body}",
          "{Body}",
          "{body",
          "{}{body}",
          "{nonce}{body}"}) {
        EXPECT_FALSE(SignedTextTemplate::parse(text).has_value()) << text;
    }
}

TEST(SignedTextTemplate, KnowsWhatItNeeds) {
    const auto parsed = SignedTextTemplate::parse("{timestamp}.{body}");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_TRUE(parsed->uses(SignedTextTemplate::Slot::timestamp));
    EXPECT_TRUE(parsed->uses(SignedTextTemplate::Slot::body));
    EXPECT_FALSE(parsed->uses(SignedTextTemplate::Slot::url));
    EXPECT_FALSE(parsed->uses(SignedTextTemplate::Slot::id));
}

}  // namespace
}  // namespace postern::verifiers
