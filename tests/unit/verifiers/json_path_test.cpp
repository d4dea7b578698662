#include "verifiers/json_path.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kBody =
    R"({"id":"e1","data":{"items":[{"id":"i0"},{"id":"i1"}],"grid":[[1,2],[3,4]]},"a b":7})";

struct Case {
    const char* path;
    const char* found;  // empty: nothing
};

const Case kCases[] = {
    {"$.id", "e1"},
    {"$.data.items[1].id", "i1"},
    {"$.data.grid[1][0]", "3"},
    {"$.a b", "7"},
    {"$.data.items[2].id", ""},
    {"$.data.items.id", ""},
    {"$.id.id", ""},
    {"$.id[0]", ""},
    {"$[0]", ""},
    {"$.nothing", ""},
};

TEST(JsonPath, FindsWhatIsThere) {
    const auto document = JsonDocument::parse(kBody);
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.path);
        const auto path = JsonPath::parse(test_case.path);
        ASSERT_TRUE(path.has_value()) << path.error().message;
        EXPECT_EQ(path->find(document->root()).text(), test_case.found);
    }
}

TEST(JsonPath, RefusesWhatIsNoPath) {
    const char* wrong[] = {
        "",
        "id",
        "$",
        "$id",
        "$.",
        "$..id",
        "$.id.",
        "$.a[",
        "$.a[]",
        "$.a[x]",
        "$.a[-1]",
        "$.a[0",
        "$.a[0]b",
        "$.a]",
        "$.a[*]",
        "$.a[99999]"};
    for (const char* text : wrong) EXPECT_FALSE(JsonPath::parse(text).has_value()) << text;
    std::string deep = "$";
    for (int i = 0; i < 33; ++i) deep += ".a";
    EXPECT_FALSE(JsonPath::parse(deep).has_value());
}

TEST(JsonPath, LeadsNowhereWithoutSteps) {
    const auto document = JsonDocument::parse(kBody);
    EXPECT_FALSE(JsonPath{}.find(document->root()).exists());
}

}  // namespace
}  // namespace postern::verifiers
