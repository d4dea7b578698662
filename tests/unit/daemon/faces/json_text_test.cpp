#include "daemon/faces/json_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::daemon {
namespace {

TEST(JsonText, GivesAMemberAsItWasSent) {
    const std::string_view object =
        "{ \"a\" : 1.50 ,\"b\\\"}\": \"x\\\\\" , \"c\":{ \"d\" : [1, {\"e\":\"]}\"}] }\n, "
        "\"f\":null}";
    ASSERT_TRUE(JsonDocument::parse(object).has_value());
    EXPECT_EQ(raw_member(object, 0), "1.50");
    EXPECT_EQ(raw_member(object, 1), "\"x\\\\\"");
    EXPECT_EQ(raw_member(object, 2), "{ \"d\" : [1, {\"e\":\"]}\"}] }");
    EXPECT_EQ(raw_member(object, 3), "null");
}

TEST(JsonText, WritesAValueWithItsNumbersAsSpelled) {
    const auto document =
        JsonDocument::parse(R"( {"a": [1.0, -2e3, true, null], "b": {"c": "\u00e9\n"}} )");
    ASSERT_TRUE(document.has_value());
    std::string text;
    JsonWriter writer{text};
    append_json(writer, document->root());
    EXPECT_EQ(text, R"({"a":[1.0,-2e3,true,null],"b":{"c":"é\n"}})");
}

}  // namespace
}  // namespace postern::daemon
