#include "daemon/route_table.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

constexpr Route kFirst[] = {
    {"GET", "/api/v2/things", Access::reading},
    {"POST", "/api/v2/things", Access::writing},
    {"POST", "/api/v2/things/{id}", Access::writing},
    {"GET", "/api/v2/things/search", Access::reading},
    {"GET", "/api/v2/things/{id}/parts/{part}", Access::reading},
    {"GET", "/", Access::open},
};
constexpr Route kSecond[] = {
    {"GET", "/api/v2/things", Access::writing},
    {"GET", "/api/v2/things/{thing}", Access::reading},
};

struct Case {
    const char* name;
    const char* method;
    const char* path;
    const char* pattern;  // nullptr: none
    std::vector<std::string> parameters = {};
    const char* allowed = "";
};

const Case kCases[] = {
    {"a plain path", "GET", "/api/v2/things", "/api/v2/things"},
    {"another method of it", "POST", "/api/v2/things", "/api/v2/things"},
    {"HEAD is as GET", "HEAD", "/api/v2/things", "/api/v2/things"},
    {"a method that it does not take", "PUT", "/api/v2/things", nullptr, {}, "GET, HEAD, POST"},
    {"a value", "POST", "/api/v2/things/a%20b", "/api/v2/things/{id}", {"a b"}},
    {"a value of the second table", "GET", "/api/v2/things/a", "/api/v2/things/{thing}", {"a"}},
    {"what is spelled out goes first", "GET", "/api/v2/things/search", "/api/v2/things/search"},
    {"another method may mean the braces",
     "POST",
     "/api/v2/things/search",
     "/api/v2/things/{id}",
     {"search"}},
    {"two values",
     "GET",
     "/api/v2/things/search/parts/7",
     "/api/v2/things/{id}/parts/{part}",
     {"search", "7"}},
    {"the root", "GET", "/", "/"},
    {"too short", "GET", "/api/v2", nullptr},
    {"too long", "GET", "/api/v2/things/a/parts/b/c", nullptr},
    {"a slash at the end", "GET", "/api/v2/things/", nullptr},
    {"an empty value", "GET", "/api/v2/things//parts/b", nullptr},
    {"a broken escape", "POST", "/api/v2/things/%zz", nullptr},
    {"no slash at all", "GET", "api", nullptr},
    {"nothing", "GET", "", nullptr},
};

TEST(RouteTable, FindsTheRouteOfEachPath) {
    RouteTable table{kFirst};
    table.add(kSecond);
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto found = table.find(test_case.method, test_case.path);
        ASSERT_EQ(found.route != nullptr, test_case.pattern != nullptr);
        if (found.route != nullptr) {
            EXPECT_EQ(found.route->pattern, test_case.pattern);
        }
        EXPECT_EQ(found.path_parameters, test_case.parameters);
        EXPECT_EQ(found.allowed, test_case.allowed);
    }
}

TEST(RouteTable, PrefersTheEarlierOfTwoThatAreTheSame) {
    RouteTable table{kFirst};
    table.add(kSecond);
    EXPECT_EQ(table.find("GET", "/api/v2/things").route, &kFirst[0]);
}

}  // namespace
}  // namespace postern::daemon
