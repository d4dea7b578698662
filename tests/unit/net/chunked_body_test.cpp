#include "net/chunked_body.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::net {
namespace {

using Progress = ChunkedBody::Progress;

struct Outcome {
    Progress progress = Progress::need_more;
    int status = 0;
    std::string body;
    std::size_t left_over = 0;
    bool operator==(const Outcome&) const = default;
};

Outcome read_in_pieces(
    std::string_view text,
    const std::vector<std::size_t>& cuts,
    const HttpLimits& limits = {}
) {
    ChunkedBody decoder{limits};
    Outcome outcome;
    std::size_t start = 0;
    for (const std::size_t end : cuts) {
        std::string_view piece = text.substr(start, end - start);
        outcome.progress = decoder.read(piece, outcome.body);
        if (outcome.progress != Progress::need_more) {
            outcome.left_over = piece.size() + text.size() - end;
            break;
        }
        EXPECT_TRUE(piece.empty()) << "what asks for more has taken everything";
        start = end;
    }
    if (outcome.progress == Progress::refused) {
        outcome.status = decoder.refusal_status();
        outcome.left_over = 0;  // nobody reads on after a refusal
        outcome.body.clear();
    }
    return outcome;
}

Outcome read_whole(std::string_view text, const HttpLimits& limits = {}) {
    return read_in_pieces(text, {text.size()}, limits);
}

struct Case {
    std::string name;
    std::string text;
    std::string body;
    int status = 0;
};

const std::vector<Case>& cases() {
    static const std::vector<Case> table = {
        {"an empty body", "0\r\n\r\n", ""},
        {"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"},
        {"two chunks", "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n", "hello"},
        {"hex in both cases",
         "A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n",
         "01234567890123456789"},
        {"leading zeros", "0005\r\nhello\r\n000\r\n\r\n", "hello"},
        {"an extension", "5;x=y\r\nhello\r\n0;z\r\n\r\n", "hello"},
        {"an extension after a space", "5 ;x\r\nhello\r\n0\r\n\r\n", "hello"},
        {"line ends in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"},
        {"a trailer", "1\r\nx\r\n0\r\nDigest: abc\r\n\r\n", "x"},
        {"no size", "\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a size in words", "five\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a negative size", "-5\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a size with 0x", "0x5\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a plus", "+5\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a leading space", " 5\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a trailing space", "5 \r\nhello\r\n0\r\n\r\n", "", 400},
        {"words after a space", "5 x\r\nhello\r\n0\r\n\r\n", "", 400},
        {"17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n", "", 413},
        {"a size near 64 bits", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", "", 413},
        {"a bare line feed after the size", "5\nhello\r\n0\r\n\r\n", "", 400},
        {"a bare return after the size", "5\rhello\r\n0\r\n\r\n", "", 400},
        {"data too long", "5\r\nhelloX\r\n0\r\n\r\n", "", 400},
        {"no line end after the data", "5\r\nhello0\r\n\r\n", "", 400},
        {"a control byte in an extension", "5;x=\x01\r\nhello\r\n0\r\n\r\n", "", 400},
        {"a size line of 300 bytes",
         "5;" + std::string(298, 'x') + "\r\nhello\r\n0\r\n\r\n",
         "",
         400},
        {"a folded trailer", "0\r\nA: b\r\n c\r\n\r\n", "", 400},
        {"a trailer without a colon", "0\r\nabc\r\n\r\n", "", 400},
        {"a trailer that frames", "0\r\nContent-Length: 5\r\n\r\n", "", 400},
        {"another that frames", "0\r\ntransfer-encoding: chunked\r\n\r\n", "", 400},
        {"a trailer with a host", "0\r\nHost: x\r\n\r\n", "", 400},
        {"a trailer of 70 000 bytes", "0\r\nA: " + std::string(70'000, 'b') + "\r\n\r\n", "", 431},
        {"trailers of 5 000 bytes",
         "0\r\nA: " + std::string(2500, 'b') + "\r\nB: " + std::string(2500, 'b') + "\r\n\r\n",
         "",
         431},
    };
    return table;
}

TEST(ChunkedBody, DecidesEveryBody) {
    for (const Case& test_case : cases()) {
        SCOPED_TRACE(test_case.name);
        const Outcome outcome = read_whole(test_case.text);
        EXPECT_EQ(outcome.status, test_case.status);
        EXPECT_EQ(outcome.body, test_case.body);
        if (test_case.status == 0) {
            EXPECT_EQ(outcome.progress, Progress::complete);
        }
    }
}

TEST(ChunkedBody, DecidesTheSameByteByByte) {
    for (const Case& test_case : cases()) {
        SCOPED_TRACE(test_case.name);
        std::vector<std::size_t> cuts;
        for (std::size_t cut = 1; cut <= test_case.text.size(); ++cut) cuts.push_back(cut);
        EXPECT_TRUE(read_in_pieces(test_case.text, cuts) == read_whole(test_case.text));
    }
}

TEST(ChunkedBody, DecidesTheSameAtEverySplit) {
    for (const Case& test_case : cases()) {
        SCOPED_TRACE(test_case.name);
        const Outcome whole = read_whole(test_case.text);
        const std::size_t step = test_case.text.size() > 1000 ? 101 : 1;
        for (std::size_t cut = 1; cut < test_case.text.size(); cut += step) {
            ASSERT_TRUE(read_in_pieces(test_case.text, {cut, test_case.text.size()}) == whole)
                << "cut at " << cut;
        }
    }
}

TEST(ChunkedBody, LeavesTheNextRequestAlone) {
    const Outcome outcome = read_whole("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
    EXPECT_EQ(outcome.progress, Progress::complete);
    EXPECT_EQ(outcome.left_over, std::string_view{"GET / HTTP/1.1\r\n"}.size());
}

TEST(ChunkedBody, KeepsToTheLimitsItWasGiven) {
    const HttpLimits small{
        .body_bytes_max = 8, .trailer_bytes_max = 20, .chunk_overhead_bytes_max = 40};
    EXPECT_EQ(read_whole("8\r\n12345678\r\n0\r\n\r\n", small).status, 0);
    EXPECT_EQ(read_whole("9\r\n123456789\r\n0\r\n\r\n", small).status, 413);
    EXPECT_EQ(read_whole("8\r\n12345678\r\n1\r\n9\r\n0\r\n\r\n", small).status, 413);
    EXPECT_EQ(read_whole("0\r\nA: 345678901234567\r\n\r\n", small).status, 0);
    EXPECT_EQ(read_whole("0\r\nA: 3456789012345678\r\n\r\n", small).status, 431);
    std::string crumbs;
    for (int i = 0; i < 8; ++i) crumbs += "1\r\nx\r\n";
    EXPECT_EQ(read_whole(crumbs + "0\r\n\r\n", small).status, 413) << "many tiny chunks";
}

}  // namespace
}  // namespace postern::net
