#include "net/response_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::net {
namespace {

using Progress = ResponseHeadScanner::Progress;

struct Case {
    std::string name;
    std::string text;
    Progress progress = Progress::malformed;
};

Progress scan(std::string_view text, const ResponseHeadLimits& limits = {}) {
    ResponseHeadScanner scanner{limits};
    return scanner.scan(text);
}

ResponseHead head_of(std::string_view text) {
    const ResponseHeadLimits limits;
    ResponseHeadScanner scanner{limits};
    EXPECT_EQ(scanner.scan(text), Progress::complete) << text;
    return scanner.head();
}

std::string with_fields(std::string_view fields) {
    std::string text = "HTTP/1.1 200 OK\r\n";
    text += fields;
    text += "\r\n";
    return text;
}

std::vector<Case> status_lines() {
    return {
        {"a plain answer", "HTTP/1.1 200 OK\r\n\r\n", Progress::complete},
        {"HTTP/1.0", "HTTP/1.0 404 Not Found\r\n\r\n", Progress::complete},
        {"no reason", "HTTP/1.1 200 \r\n\r\n", Progress::complete},
        {"no reason and no space", "HTTP/1.1 200\r\n\r\n", Progress::complete},
        {"a reason of bytes", "HTTP/1.1 200 \xc3\xa4\t!\r\n\r\n", Progress::complete},
        {"status 999", "HTTP/1.1 999 x\r\n\r\n", Progress::complete},
        {"a line that is not done", "HTTP/1.1 20", Progress::need_more},
        {"nothing", "", Progress::need_more},
        {"half a line end", "HTTP/1.1 200 OK\r", Progress::need_more},
        {"no empty line", "HTTP/1.1 200 OK\r\nA: b\r\n", Progress::need_more},
        {"status 000", "HTTP/1.1 000 x\r\n\r\n"},
        {"status 099", "HTTP/1.1 099 x\r\n\r\n"},
        {"status 1000", "HTTP/1.1 1000 x\r\n\r\n"},
        {"status 20", "HTTP/1.1 20 x\r\n\r\n"},
        {"status 2", "HTTP/1.1 2 OK\r\n\r\n"},
        {"a word for a status", "HTTP/1.1 OK\r\n\r\n"},
        {"a signed status", "HTTP/1.1 +20 OK\r\n\r\n"},
        {"two spaces", "HTTP/1.1  200 OK\r\n\r\n"},
        {"a tab", "HTTP/1.1\t200 OK\r\n\r\n"},
        {"a space before it", " HTTP/1.1 200 OK\r\n\r\n"},
        {"an empty line before it", "\r\nHTTP/1.1 200 OK\r\n\r\n"},
        {"a lower case name", "http/1.1 200 OK\r\n\r\n"},
        {"version 1.2", "HTTP/1.2 200 OK\r\n\r\n"},
        {"version 2", "HTTP/2 200 OK\r\n\r\n"},
        {"another protocol", "ICY 200 OK\r\n\r\n"},
        {"another protocol that has not ended its line", "<html>"},
        {"a control byte in the reason", "HTTP/1.1 200 O\x01K\r\n\r\n"},
        {"a bare line feed", "HTTP/1.1 200 OK\nA: b\r\n\r\n"},
        {"a bare return", "HTTP/1.1 200 OK\rA: b\r\n\r\n"},
    };
}

std::vector<Case> field_lines() {
    return {
        {"a field", with_fields("A: b\r\n"), Progress::complete},
        {"an empty value", with_fields("A:\r\n"), Progress::complete},
        {"a length", with_fields("Content-Length: 5\r\n"), Progress::complete},
        {"a length of 19 digits",
         with_fields("Content-Length: 9223372036854775807\r\n"),
         Progress::complete},
        {"chunks", with_fields("Transfer-Encoding: Chunked\r\n"), Progress::complete},
        {"a fold", with_fields("A: b\r\n c\r\n")},
        {"a fold at once", with_fields(" A: b\r\n")},
        {"a space before the colon", with_fields("A : b\r\n")},
        {"no colon", with_fields("A\r\n")},
        {"no name", with_fields(": b\r\n")},
        {"a NUL in a value", with_fields(std::string{"A: a\0b\r\n", 8})},
        {"a NUL in a name", with_fields(std::string{"A\0: b\r\n", 7})},
        {"a bare line feed", with_fields("A: b\nB: c\r\n")},
        {"a bare return", with_fields("A: b\rB: c\r\n")},
        {"a negative length", with_fields("Content-Length: -1\r\n")},
        {"a signed length", with_fields("Content-Length: +1\r\n")},
        {"an empty length", with_fields("Content-Length: \r\n")},
        {"a hexadecimal length", with_fields("Content-Length: 0x5\r\n")},
        {"a list of lengths", with_fields("Content-Length: 5, 5\r\n")},
        {"a length of 20 digits", with_fields("Content-Length: 10000000000000000000\r\n")},
        {"two lengths", with_fields("Content-Length: 5\r\nContent-Length: 6\r\n")},
        {"the same length twice", with_fields("Content-Length: 5\r\ncontent-length: 5\r\n")},
        {"length and chunks", with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")},
        {"chunks and length", with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n")},
        {"chunks twice",
         with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
        {"another coding", with_fields("Transfer-Encoding: gzip\r\n")},
        {"two codings", with_fields("Transfer-Encoding: gzip, chunked\r\n")},
        {"identity", with_fields("Transfer-Encoding: identity\r\n")},
        {"a quoted coding", with_fields("Transfer-Encoding: \"chunked\"\r\n")},
        {"chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
    };
}

TEST(ResponseHead, DecidesEveryStatusLine) {
    for (const Case& test_case : status_lines()) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(scan(test_case.text), test_case.progress);
    }
}

TEST(ResponseHead, DecidesEveryField) {
    for (const Case& test_case : field_lines()) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(scan(test_case.text), test_case.progress);
    }
}

TEST(ResponseHead, SaysTheSameHoweverTheBytesArrive) {
    auto cases = status_lines();
    for (Case& test_case : field_lines()) cases.push_back(std::move(test_case));
    const ResponseHeadLimits limits;
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        ResponseHeadScanner scanner{limits};
        Progress progress = Progress::need_more;
        for (std::size_t size = 0; size <= test_case.text.size(); ++size) {
            if (progress != Progress::need_more) break;
            progress = scanner.scan(std::string_view{test_case.text}.substr(0, size));
        }
        EXPECT_EQ(progress, test_case.progress);
    }
}

TEST(ResponseHead, ReadsHowAnAnswerIsFramed) {
    const ResponseHead sized = head_of(with_fields("Content-Length: 12\r\n"));
    EXPECT_EQ(sized.status, 200);
    EXPECT_EQ(sized.content_length, 12U);
    EXPECT_FALSE(sized.chunked);
    EXPECT_EQ(sized.bytes, with_fields("Content-Length: 12\r\n").size());
    EXPECT_TRUE(head_of(with_fields("Transfer-Encoding: chunked\r\n")).chunked);
}

TEST(ResponseHead, KnowsWhetherTheConnectionGoesOn) {
    EXPECT_TRUE(head_of(with_fields("")).keep_alive);
    EXPECT_FALSE(head_of(with_fields("Connection: close\r\n")).keep_alive);
    EXPECT_FALSE(head_of(with_fields("Connection: x, Close\r\n")).keep_alive);
    EXPECT_FALSE(head_of("HTTP/1.0 200 OK\r\n\r\n").keep_alive);
    EXPECT_TRUE(head_of("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n").keep_alive);
}

TEST(ResponseHead, KeepsItsLimits) {
    const ResponseHeadLimits limits{.head_bytes_max = 64, .fields_max = 3};
    EXPECT_EQ(scan(with_fields("A: b\r\nA: b\r\nA: b\r\n"), limits), Progress::complete);
    EXPECT_EQ(scan(with_fields("A: b\r\nA: b\r\nA: b\r\nA: b\r\n"), limits), Progress::malformed);
    const std::string long_line = "A: " + std::string(64, 'x');
    EXPECT_EQ(scan(with_fields(long_line + "\r\n"), limits), Progress::malformed);
    EXPECT_EQ(scan("HTTP/1.1 200 OK\r\n" + long_line, limits), Progress::malformed);
    EXPECT_EQ(scan("HTTP/1.1 200 " + std::string(64, 'x'), limits), Progress::malformed);
}

TEST(ResponseHead, GivesItsFieldsInOrder) {
    const std::string text = with_fields("A: 1\r\nb:2\r\nA: \t3 \r\n");
    const ResponseHead head = head_of(text);
    std::string_view lines = std::string_view{text}.substr(head.status_line);
    std::string seen;
    while (const auto field = next_field(lines)) {
        seen += field->name;
        seen += '=';
        seen += field->value;
        seen += ' ';
    }
    EXPECT_EQ(seen, "A=1 b=2 A=3 ");
    EXPECT_EQ(head.field_count, 3U);
}

}  // namespace
}  // namespace postern::net
