#include "core/json_document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern {
namespace {

struct Case {
    std::string name;
    std::string text;
};

TEST(JsonDocument, RefusesWhatIsNotJson) {
    const std::vector<Case> cases = {
        {"nothing", ""},
        {"a bare word", "foo"},
        {"a wrong case", "TRUE"},
        {"not a number", "[NaN]"},
        {"an unclosed object", R"({"a":1)"},
        {"a trailing comma", "[1,]"},
        {"a leading comma", "[,1]"},
        {"a bare key", "{a:1}"},
        {"no colon", R"({"a" 1})"},
        {"no comma", "[1 2]"},
        {"an extra brace", "{}}"},
        {"a byte after the value", "{},"},
        {"mismatched brackets", "[}"},
        {"a leading zero", "[01]"},
        {"a plus sign", "[+1]"},
        {"no whole digits", "[.5]"},
        {"no exponent digits", "[1e]"},
        {"a hexadecimal", "[0x10]"},
        {"a raw newline in a string", "[\"a\nb\"]"},
        {"a bad escape", R"(["\a"])"},
        {"bad digits of \\u", R"(["\u00G0"])"},
        {"a string without an end", R"(["\"])"},
        {"invalid UTF-8", "[\"\xff\"]"},
        {"an encoded surrogate", "[\"\xed\xa0\x80\"]"},
        {"a lone surrogate escape", R"(["\ud800"])"},
        {"a byte order mark", "\xef\xbb\xbf{}"},
        {"a lone number and more", "1 2"},
        {"two documents", "{} {}"},
        {"a deep nest", std::string(100'000, '[')},
        {"one level too deep", std::string(65, '[') + std::string(65, ']')},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_FALSE(JsonDocument::parse(test_case.text).has_value());
    }
}

TEST(JsonDocument, TakesWhatIsOddButJson) {
    const std::vector<Case> cases = {
        {"white space", " \t\r\n{ \"a\" : 1 } \n"},
        {"an empty array", "[]"},
        {"a lone number", "-0"},
        {"a lone null", "null"},
        {"a lone string", "\"x\""},
        {"an escaped NUL", R"(["\u0000"])"},
        {"DEL in a string", "[\"\x7f\"]"},
        {"four byte UTF-8", "[\"\xf0\x9f\x92\xb3\"]"},
        {"both ends of 64 bits", "[9223372036854775807,-9223372036854775808]"},
        {"a number beyond 64 bits", "[123456789012345678901234567890]"},
        {"a number beyond a double", "[1e400]"},
        {"64 levels", std::string(64, '[') + std::string(64, ']')},
        {"a long string", "[\"" + std::string(200'000, 'x') + "\"]"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_TRUE(JsonDocument::parse(test_case.text).has_value());
    }
}

TEST(JsonDocument, FollowsPathsAndKeepsTheSpellingOfNumbers) {
    const auto document = JsonDocument::parse(
        R"({"a":{"b":[10,{"c":"d\u00e9\n","big":12345678901234567890.10}]},"n":null,"t":true})"
    );
    ASSERT_TRUE(document.has_value());
    const JsonValue root = document->root();
    EXPECT_EQ(root.path("a.b.0").integer(), 10);
    EXPECT_EQ(root.path("a.b.1.c").string(), "d\xc3\xa9\n");
    EXPECT_EQ(root.path("a.b.1.big").number(), "12345678901234567890.10");
    EXPECT_TRUE(root["n"].is_null());
    EXPECT_EQ(root["t"].boolean(), true);
    EXPECT_FALSE(root.path("a.x.y").exists());
    EXPECT_EQ(root["a"].members().front().key, "b");
}

TEST(JsonDocument, TakesAnEmptyKeyWhereverItStands) {
    for (const char* text : {R"({"":10.5})", R"({"a":1,"":10.5})", R"([{"":10.5},{"":2}])"}) {
        SCOPED_TRACE(text);
        const auto document = JsonDocument::parse(text);
        ASSERT_TRUE(document.has_value());
        const JsonValue root = document->root();
        const JsonValue object = root.is_array() ? root[0] : root;
        EXPECT_EQ(object[""].number(), "10.5");
        EXPECT_EQ(object.members().back().key, "");
    }
}

}  // namespace
}  // namespace postern
