#include "daemon/commands/received_request.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Case {
    const char* name;
    const char* text;
    Headers headers;
};

const Case kCases[] = {
    {"plain lines", "A: 1\nB: 2\n", {{"A", "1"}, {"B", "2"}}},
    {"CR LF line ends", "A: 1\r\nB: 2\r\n\r\n", {{"A", "1"}, {"B", "2"}}},
    {"no line end at the end", "A: 1", {{"A", "1"}}},
    {"an empty value", "A:\n", {{"A", ""}}},
    {"colons in a value", "A: t:1\n", {{"A", "t:1"}}},
    {"a header twice", "A: 1\nA: 2\n", {{"A", "1"}, {"A", "2"}}},
    {"what curl prints", "> A: 1\n> B: 2\n>\n", {{"A", "1"}, {"B", "2"}}},
    {"what curl takes", "-H 'A: 1' \\\n  --header \"B: 2\"\n", {{"A", "1"}, {"B", "2"}}},
    {"nothing after an empty line", "A: 1\n\nB: 2\n", {{"A", "1"}}},
};

TEST(ReceivedRequest, ReadsHeadersHoweverTheyWereKept) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        ReceivedRequest request;
        EXPECT_EQ(read_headers(test_case.text, request), std::nullopt);
        EXPECT_EQ(request.headers, test_case.headers);
        EXPECT_EQ(request.method, "POST");
    }
}

TEST(ReceivedRequest, TakesARequestLine) {
    ReceivedRequest request;
    ASSERT_EQ(read_headers("GET /hooks/a?b=c HTTP/1.1\nA: 1\n", request), std::nullopt);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.path, "/hooks/a");
    EXPECT_EQ(request.query, "b=c");
    EXPECT_EQ(request.fields().value_or_empty("a"), "1");
}

TEST(ReceivedRequest, NamesTheLineThatIsNoHeader) {
    for (const char* text : {"A: 1\nnonsense\n", "A: 1\n: 2\n"}) {
        ReceivedRequest request;
        const auto complaint = read_headers(text, request);
        ASSERT_TRUE(complaint.has_value()) << text;
        EXPECT_NE(complaint->message.find("line 2"), std::string::npos);
    }
}

}  // namespace
}  // namespace postern::daemon::commands
