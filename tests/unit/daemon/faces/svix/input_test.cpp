#include "daemon/faces/svix/input.hpp"

#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::svix {
namespace {

std::string spelled(const std::vector<Problem>& problems) {
    std::string text;
    for (const Problem& problem : problems) {
        for (const std::string& part : problem.where) text += part + '.';
        text += ' ' + problem.message + ';';
    }
    return text;
}

std::string problems_of(std::string_view text) {
    Body body{text};
    body.required_text("name");
    body.flag("disabled");
    body.integer({"throttleRate", "rateLimit"});
    body.time("since");
    body.refuse("tags", "not here");
    return spelled(body.finish());
}

TEST(SvixBody, CollectsWhatIsWrong) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"name":"a"})", ""},
        {R"({"name":"a","disabled":null,"rateLimit":5,"tags":null})", ""},
        {R"({"name":"a","since":"2026-01-28T10:00:00+02:00"})", ""},
        {"", "body.name. is required: a text that is not empty;"},
        {R"({"name":""})", "body.name. is required: a text that is not empty;"},
        {R"({"name":"a","disabled":1})", "body.disabled. must be true or false;"},
        {R"({"name":"a","throttleRate":1.5})", "body.throttleRate. must be a whole number;"},
        {R"({"name":"a","rateLimit":"5"})", "body.throttleRate. must be a whole number;"},
        {R"({"name":"a","since":"now"})",
         "body.since. must be a time such as 2026-01-28T10:00:00Z;"},
        {R"({"name":"a","tags":["x"]})", "body.tags. not here;"},
        {R"({"name":"a","typo":1})", "body.typo. unknown field;"},
        {"[]", "body. must be an object;body.name. is required: a text that is not empty;"},
    };
    for (const auto& [text, wanted] : cases) {
        SCOPED_TRACE(text);
        EXPECT_EQ(problems_of(text), wanted);
    }
    EXPECT_TRUE(problems_of("{").starts_with("body. must be JSON: "));
}

TEST(SvixBody, FindsTheLastMemberOfAName) {
    const Body body{R"({"a":1,"payload":2,"b":3,"payload":4})"};
    EXPECT_EQ(body.index_of("payload"), 3U);
    EXPECT_EQ(body.index_of("a"), 0U);
}

TEST(SvixQuery, ReadsListsInEverySpelling) {
    Query query{"event_types=a,b&event_types=c&event_types=,d,"};
    EXPECT_EQ(query.texts("event_types"), (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(spelled(query.finish()), "");
}

TEST(SvixQuery, RefusesWhatItCannotRead) {
    const std::pair<const char*, const char*> cases[] = {
        {"limit=0", "query.limit. must be from 1 to 250;"},
        {"limit=251", "query.limit. must be from 1 to 250;"},
        {"limit=x", "query.limit. must be a whole number;"},
        {"order=up", "query.order. must be ascending or descending;"},
        {"limit=1&limit=2", "query.limit. is given more than once;"},
        {"typo=1", "query.typo. unknown parameter;"},
        {"limit=%zz", "query. has a broken percent escape;"},
    };
    for (const auto& [text, wanted] : cases) {
        SCOPED_TRACE(text);
        Query query{text};
        read_page(query);
        EXPECT_EQ(spelled(query.finish()), wanted);
    }
}

TEST(SvixQuery, GoesOnFromAnIteratorAndBack) {
    const IdCodec ids{SipKey{1, 2}};
    const std::string id = ids.encode(EndpointId{5});
    struct Case {
        std::string text;
        storage::Order order;
    };
    const Case cases[] = {
        {"iterator=" + id, storage::Order::newest_first},
        {"iterator=-" + id, storage::Order::oldest_first},
        {"order=ascending&iterator=" + id, storage::Order::oldest_first},
        {"order=ascending&iterator=-" + id, storage::Order::newest_first},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.text);
        Query query{test_case.text};
        const PageWish wish = read_page(query);
        const auto request = page_request<postern::EndpointId, EndpointId>(query, wish, ids);
        EXPECT_EQ(request.after, postern::EndpointId{5});
        EXPECT_EQ(request.order, test_case.order);
        EXPECT_EQ(request.rows_max, 50U);
        EXPECT_EQ(spelled(query.finish()), "");
    }
    Query foreign{"iterator=" + ids.encode(ApplicationId{5})};
    const PageWish wish = read_page(foreign);
    page_request<postern::EndpointId, EndpointId>(foreign, wish, ids);
    EXPECT_NE(spelled(foreign.finish()), "");
}

}  // namespace
}  // namespace postern::daemon::svix
