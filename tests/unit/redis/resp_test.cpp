#include "redis/resp.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace postern::redis {
namespace {

constexpr ReplyReader::Bounds kWide{.bytes = 1'000'000, .items = 1'000};

// What it reads as, in one line; "…" where more is needed.
std::string shown(const Reply& reply) {
    switch (reply.kind) {
        case Reply::Kind::nil: return "nil";
        case Reply::Kind::integer: return std::to_string(reply.integer);
        case Reply::Kind::text: return "'" + reply.text + "'";
        case Reply::Kind::error: return "!" + reply.text;
        case Reply::Kind::array: break;
    }
    std::string text;
    for (const Reply& item : reply.items) text += (text.empty() ? "" : " ") + shown(item);
    return "[" + text + "]";
}

std::string read_all(ReplyReader& reader) {
    std::string text;
    for (;;) {
        const auto next = reader.next();
        if (!next) return text + "broken";
        if (!next->has_value()) return text;
        text += shown(**next) + ";";
    }
}

struct Case {
    const char* name;
    std::string bytes;
    const char* expected;
};

TEST(ReplyReader, ReadsWhatAServerSaysHoweverItIsCut) {
    const Case cases[] = {
        {"a status", "+OK\r\n", "'OK';"},
        {"an error", "-ERR no\r\n", "!ERR no;"},
        {"integers", ":0\r\n:-7\r\n:9223372036854775807\r\n", "0;-7;9223372036854775807;"},
        {"a text of any bytes", std::string{"$4\r\n\r\n\0x\r\n", 10}, nullptr},
        {"an empty text", "$0\r\n\r\n", "'';"},
        {"nothing", "$-1\r\n*-1\r\n", "nil;nil;"},
        {"an empty array", "*0\r\n", "[];"},
        {"arrays in arrays",
         "*3\r\n*2\r\n:1\r\n$1\r\na\r\n*0\r\n*1\r\n*1\r\n-ERR x\r\n",
         "[[1 'a'] [] [[!ERR x]]];"},
        {"nothing inside an array", "*3\r\n$-1\r\n*-1\r\n:3\r\n", "[nil nil 3];"},
    };
    for (const Case& test_case : cases) {
        for (std::size_t piece = 1; piece <= test_case.bytes.size(); ++piece) {
            SCOPED_TRACE(std::string{test_case.name} + ", " + std::to_string(piece));
            ReplyReader reader{kWide};
            std::string read;
            for (std::size_t at = 0; at < test_case.bytes.size(); at += piece) {
                reader.feed(std::string_view{test_case.bytes}.substr(at, piece));
                read += read_all(reader);
            }
            const std::string any_bytes{"'\r\n\0x';", 7};
            EXPECT_EQ(read, test_case.expected == nullptr ? any_bytes : test_case.expected);
        }
    }
}

std::string nested(int depth) {
    std::string text;
    for (int i = 0; i < depth; ++i) text += "*1\r\n";
    return text + ":1\r\n";
}

TEST(ReplyReader, RefusesWhatNoServerSays) {
    const Case cases[] = {
        {"no type", "hello\r\n", "broken"},
        {"no number", ":12x\r\n", "broken"},
        {"a number too large", ":9223372036854775808\r\n", "broken"},
        {"a negative length", "$-5\r\n", "broken"},
        {"a negative count", "*-5\r\n", "broken"},
        {"more items than there is memory", "*99999999999999\r\n", "broken"},
        {"deeper than anybody nests", nested(20), "broken"},
        {"after something good", "+OK\r\n?\r\n", "'OK';broken"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        ReplyReader reader{kWide};
        reader.feed(test_case.bytes);
        EXPECT_EQ(read_all(reader), test_case.expected);
        reader.feed("+OK\r\n");
        EXPECT_EQ(read_all(reader), "broken");
    }
}

TEST(ReplyReader, PromisesCostNothing) {
    ReplyReader reader{kWide};
    reader.feed("*2000000000\r\n:1\r\n");
    EXPECT_EQ(read_all(reader), "");
}

TEST(ReplyReader, BoundsOneAnswerAndNotAllOfThem) {
    ReplyReader reader{{.bytes = 100, .items = 4}};
    for (int i = 0; i < 100; ++i) {
        reader.feed("*3\r\n:1\r\n:2\r\n:3\r\n");
        EXPECT_EQ(read_all(reader), "[1 2 3];");
    }
    reader.feed("*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n");
    EXPECT_EQ(read_all(reader), "broken");

    ReplyReader other{{.bytes = 100, .items = 4}};
    other.feed("$200\r\n" + std::string(90, 'x'));
    EXPECT_EQ(read_all(other), "");
    other.feed(std::string(10, 'x'));
    EXPECT_EQ(read_all(other), "broken");
}

TEST(Encode, CountsBytesAndWords) {
    EXPECT_EQ(
        encode({"SET", "key", std::string{"\r\n\0", 3}, ""}),
        (std::string{"*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\n\r\n\0\r\n$0\r\n\r\n", 37})
    );
}

}  // namespace
}  // namespace postern::redis
