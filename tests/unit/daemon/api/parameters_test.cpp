#include "daemon/api/parameters.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using storage::Order;

struct Case {
    const char* name;
    const char* query;
    const char* wrong;  // the fields complained about, in order
};

const Case kCases[] = {
    {"takes nothing", "", ""},
    {"takes everything",
     "limit=100&order=asc&since=2026-01-28T10%3A00%3A00Z&until=1769594400&gateway=a",
     ""},
    {"takes the smallest limit", "limit=1", ""},
    {"refuses a limit of zero", "limit=0", "limit"},
    {"refuses a limit of 101", "limit=101", "limit"},
    {"refuses a limit with a sign", "limit=%2B5", "limit"},
    {"refuses a limit in words", "limit=all", "limit"},
    {"refuses another order", "order=ascending", "order"},
    {"takes a bare date", "since=2026-01-28", ""},
    {"takes an offset whose plus became a space", "since=2026-01-28T10:00:00+02:00", ""},
    {"refuses milliseconds, which would be the year 57969", "since=1769594400000", "since"},
    {"refuses a year outside the ids", "until=9999-01-01", "until"},
    {"refuses a time before 1970", "since=1969-12-31T23:59:59Z", "since"},
    {"refuses a time in words", "since=yesterday", "since"},
    {"refuses a foreign cursor", "cursor=abc", "cursor"},
    {"refuses a parameter that is given twice", "limit=1&limit=2", "limit"},
    {"refuses a broken escape", "limit=%zz", "query"},
    {"refuses an unknown parameter", "colour=red", "colour"},
    {"names every mistake", "limit=0&order=up&colour=red", "order limit colour"},
};

struct Outcome {
    std::string wrong;
    std::string message;
};

Outcome outcome_of(std::string_view query) {
    const IdCodec ids{SipKey{1, 2}};
    ParameterReader parameters{query};
    parameters.time("since");
    parameters.time("until");
    parameters.text("gateway");
    parameters.page<EventId>(ids);
    Outcome outcome;
    const auto error = parameters.finish();
    if (!error) return outcome;
    EXPECT_EQ(error->status, 400);
    EXPECT_EQ(error->code, "VALIDATION_ERROR");
    outcome.message = error->details.front().message;
    for (const ApiError::Detail& detail : error->details) {
        if (!outcome.wrong.empty()) outcome.wrong += ' ';
        outcome.wrong += detail.field;
    }
    return outcome;
}

TEST(Parameters, AreTakenOrNamed) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(outcome_of(test_case.query).wrong, test_case.wrong);
    }
}

TEST(Parameters, SuggestWhatWasMeant) {
    EXPECT_EQ(outcome_of("gatway=a").message, "unknown parameter; did you mean 'gateway'?");
}

TEST(Parameters, HaveDefaults) {
    const IdCodec ids{SipKey{1, 2}};
    ParameterReader parameters{""};
    const auto page = parameters.page<EventId>(ids);
    EXPECT_EQ(page.rows_max, 20u);
    EXPECT_EQ(page.order, Order::newest_first);
    EXPECT_EQ(page.after, std::nullopt);
}

TEST(Parameters, ReadOneMomentInTwoSpellings) {
    ParameterReader parameters{"since=1769594400&until=2026-01-28T10:00:00Z"};
    EXPECT_EQ(parameters.time("since"), parameters.time("until"));
}

TEST(Parameters, KnowTheirOwnCursorsOnly) {
    const IdCodec ids{SipKey{1, 2}};
    const std::string ours = "cursor=" + ids.encode(EventId{77});
    ParameterReader same{ours};
    EXPECT_EQ(same.cursor<EventId>(ids), EventId{77});
    ParameterReader other_list{ours};
    EXPECT_EQ(other_list.cursor<InboxId>(ids), std::nullopt);
    EXPECT_TRUE(other_list.finish().has_value());
    ParameterReader other_store{ours};
    EXPECT_EQ(other_store.cursor<EventId>(IdCodec{SipKey{1, 3}}), std::nullopt);
}

struct BodyCase {
    const char* name;
    const char* body;
    const char* wrong;
};

const BodyCase kBodyCases[] = {
    {"takes no body", "", ""},
    {"takes an empty object", " {} ", ""},
    {"refuses an array", "[]", "body"},
    {"refuses what is no JSON", "{", "body"},
    {"names unknown fields", R"({"force":true})", "force"},
};

TEST(Parameters, CheckABodyThatShouldBeEmpty) {
    for (const BodyCase& test_case : kBodyCases) {
        SCOPED_TRACE(test_case.name);
        const auto error = check_body_is_empty(test_case.body);
        EXPECT_EQ(error ? error->details.front().field : "", test_case.wrong);
    }
}

}  // namespace
}  // namespace postern::daemon
