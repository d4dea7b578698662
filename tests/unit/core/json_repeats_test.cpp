#include "core/json_repeats.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

std::string path_in(std::string_view text) {
    const auto document = JsonDocument::parse(text);
    EXPECT_TRUE(document.has_value());
    const auto path = repeated_member(document->root());
    if (!path) return "none";
    std::string joined;
    for (const std::string& part : *path) joined += '/' + part;
    return joined;
}

struct Case {
    const char* name;
    const char* text;
    const char* path;
};

constexpr Case kCases[] = {
    {"nothing", "{}", "none"},
    {"names of their own", R"({"a":1,"b":2,"A":3})", "none"},
    {"a name in two objects", R"({"a":{"b":1},"b":{"a":1}})", "none"},
    {"equal items", "[1,1]", "none"},
    {"a name twice", R"({"a":1,"b":2,"a":1})", "/a"},
    {"a name spelled in two ways", R"({"a":1,"\u0061":2})", "/a"},
    {"the empty name twice", R"({"":1,"":2})", "/"},
    {"a name twice below", R"({"x":1,"card":{"number":"4","number":"5"}})", "/card/number"},
    {"a name twice in a list", R"({"e":[1,{},{"k":null,"k":1}]})", "/e/2/k"},
    {"the upper of two", R"({"b":{"c":1,"c":2},"a":1,"a":2})", "/a"},
    {"no object", "7", "none"},
};

TEST(JsonRepeats, AreFoundWhereverTheyLie) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(path_in(test_case.text), test_case.path);
    }
}

}  // namespace
}  // namespace postern
