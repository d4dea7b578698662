#include "daemon/api/named_pages.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

struct Case {
    const char* name;
    const char* query;
    const char* names;
    std::optional<std::string> next_cursor;
};

const Case kCases[] = {
    {"everything fits", "", "a b c ", std::nullopt},
    {"the first page", "limit=2", "a b ", "b"},
    {"the last page", "limit=2&cursor=b", "c ", std::nullopt},
    {"nothing after the last", "cursor=c", "", std::nullopt},
    {"backwards", "limit=2&order=desc", "c b ", "b"},
    {"a page that is just full", "limit=3", "a b c ", std::nullopt},
};

TEST(NamedPages, ShowEachNameOnce) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        ParameterReader parameters{test_case.query};
        const NamedPage page = read_named_page(parameters, {"a", "b", "c"});
        std::string names;
        for (const std::string_view name : page.names) {
            names += name;
            names += ' ';
        }
        EXPECT_EQ(names, test_case.names);
        EXPECT_EQ(page.next_cursor, test_case.next_cursor);
        EXPECT_FALSE(parameters.finish().has_value());
    }
}

TEST(NamedPages, RefuseAForeignCursor) {
    ParameterReader parameters{"cursor=x"};
    read_named_page(parameters, {"a"});
    const auto error = parameters.finish();
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->details.front().field, "cursor");
}

}  // namespace
}  // namespace postern::daemon
