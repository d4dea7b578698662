#include "net/response_reader.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

namespace postern::net {
namespace {

using Progress = ResponseReader::Progress;
using Body = ResponseExpectation::Body;

void give(InputBuffer& input, std::string_view bytes) {
    input.make_room(bytes.size());
    std::memcpy(input.free_space(), bytes.data(), bytes.size());
    input.append(bytes.size());
}

ResponseLimits small_limits() {
    ResponseLimits limits;
    limits.body.body_bytes_max = 100;
    return limits;
}

struct Outcome {
    Progress progress = Progress::need_more;
    Response response;
    std::string unread;
    enum class After { usable, spent } after = After::spent;
};

Outcome read(std::string_view text, std::size_t piece_bytes, Body body = Body::as_framed) {
    const ResponseLimits limits = small_limits();
    ResponseReader reader{limits, {.body_bytes_kept = 10, .body = body}};
    InputBuffer input;
    Outcome outcome;
    while (outcome.progress == Progress::need_more && !text.empty()) {
        give(input, text.substr(0, piece_bytes));
        text.remove_prefix(std::min(piece_bytes, text.size()));
        outcome.progress = reader.advance(input);
    }
    if (outcome.progress == Progress::need_more) outcome.progress = reader.at_end();
    const bool usable = outcome.progress == Progress::complete && reader.leaves_connection_usable();
    if (usable) outcome.after = Outcome::After::usable;
    outcome.response = reader.take();
    outcome.unread = std::string{input.view()} + std::string{text};
    return outcome;
}

struct Case {
    std::string name;
    std::string text;
    Progress progress = Progress::complete;
    int status = 200;
    std::string body = {};
    Outcome::After after = Outcome::After::usable;
};

std::string repeated(std::string_view text, int count) {
    std::string result;
    for (int i = 0; i < count; ++i) result += text;
    return result;
}

constexpr auto kSpent = Outcome::After::spent;
constexpr std::string_view kInterim = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string chunked(std::string_view chunks) {
    std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    text += chunks;
    return text;
}

std::string to_the_end(std::string_view body) {
    std::string text = "HTTP/1.1 200 OK\r\n\r\n";
    text += body;
    return text;
}

std::string sized(std::string_view length, std::string_view body) {
    std::string text = "HTTP/1.1 200 OK\r\nContent-Length: ";
    text += length;
    text += "\r\n\r\n";
    text += body;
    return text;
}

std::string after_interim(int count, std::string_view rest) {
    std::string text = repeated(kInterim, count);
    text += rest;
    return text;
}

std::vector<Case> whole_answers() {
    constexpr auto complete = Progress::complete;
    return {
        {"a sized body", std::string{kOk}, complete, 200, "ok"},
        {"an empty body", "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", complete, 500},
        {"no body by its status", "HTTP/1.1 204 No\r\n\r\n", complete, 204},
        {"a length that 204 cannot have",
         "HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\n",
         complete,
         204,
         "",
         kSpent},
        {"chunks", chunked("2\r\nok\r\n0\r\n\r\n"), complete, 200, "ok"},
        {"an extension and a trailer",
         chunked("2;a=b\r\nok\r\n0\r\nX: y\r\n\r\n"),
         complete,
         200,
         "ok"},
        {"a body to the end", to_the_end("ok"), complete, 200, "ok", kSpent},
        {"more than is kept", sized("12", "0123456789ab"), complete, 200, "0123456789"},
        {"more chunks than are kept",
         chunked("c\r\n0123456789ab\r\n0\r\n\r\n"),
         complete,
         200,
         "0123456789"},
        {"a connection that ends",
         "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
         complete,
         200,
         "ok",
         kSpent},
        {"eight interim answers", after_interim(8, kOk), complete, 200, "ok"},
    };
}

std::vector<Case> broken_answers() {
    constexpr auto malformed = Progress::malformed;
    const std::string many(70'000, 'x');
    return {
        {"nine interim answers", after_interim(9, kOk), malformed, 0, "", kSpent},
        {"another protocol", "HTTP/1.1 101 Yes\r\n\r\n", malformed, 0, "", kSpent},
        {"half a body", sized("3", "ok"), Progress::need_more, 200, "ok", kSpent},
        {"half a head", "HTTP/1.1 200 OK\r\nA: ", Progress::need_more, 0, "", kSpent},
        {"a bad chunk", chunked("2\r\nok\r\nZZ\r\n"), malformed, 200, "ok", kSpent},
        {"a trailer that frames",
         chunked("0\r\nContent-Length: 5\r\n\r\n"),
         malformed,
         200,
         "",
         kSpent},
        {"a trailer of 70 KB", chunked("0\r\nX: " + many + "\r\n\r\n"), malformed, 200, "", kSpent},
        {"an endless extension", chunked("2;" + many + "\r\nok\r\n"), malformed, 200, "", kSpent},
    };
}

std::vector<Case> large_answers() {
    constexpr auto too_large = Progress::too_large;
    const std::string kept(10, 'x');
    const std::string much(200, 'x');
    const std::string chunk = "14\r\n" + std::string(20, 'x') + "\r\n";
    return {
        {"a sized body", sized("9223372036854775807", much), too_large, 200, kept, kSpent},
        {"a body to the end", to_the_end(much), too_large, 200, kept, kSpent},
        {"chunks", chunked(repeated(chunk, 8)), too_large, 200, kept, kSpent},
    };
}

std::vector<Case> answers() {
    std::vector<Case> cases = whole_answers();
    for (const auto& more : {broken_answers(), large_answers()}) {
        cases.insert(cases.end(), more.begin(), more.end());
    }
    return cases;
}

TEST(ResponseReader, ReadsEveryAnswerHoweverItArrives) {
    for (const Case& test_case : answers()) {
        for (const std::size_t piece_bytes : {1U, 7U, 100'000U}) {
            SCOPED_TRACE(test_case.name + " in pieces of " + std::to_string(piece_bytes));
            const Outcome outcome = read(test_case.text, piece_bytes);
            EXPECT_EQ(outcome.progress, test_case.progress);
            EXPECT_EQ(outcome.response.status, test_case.status);
            EXPECT_EQ(outcome.response.body, test_case.body);
            EXPECT_EQ(outcome.after, test_case.after);
        }
    }
}

TEST(ResponseReader, LeavesASecondAnswerUnread) {
    const Outcome outcome = read(std::string{kOk} + "HTTP/1.1 200", 1'000);
    EXPECT_EQ(outcome.progress, Progress::complete);
    EXPECT_EQ(outcome.unread, "HTTP/1.1 200");
}

TEST(ResponseReader, ExpectsNoBodyAfterHead) {
    const Outcome outcome =
        read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 1'000, Body::never);
    EXPECT_EQ(outcome.progress, Progress::complete);
    EXPECT_EQ(outcome.after, Outcome::After::usable);
}

TEST(ResponseReader, KeepsTheFields) {
    const Outcome outcome = read("HTTP/1.1 200 OK\r\nA: 1\r\nB:\r\nContent-Length: 0\r\n\r\n", 3);
    const std::vector<std::pair<std::string, std::string>> fields = {
        {"A", "1"}, {"B", ""}, {"Content-Length", "0"}};
    EXPECT_EQ(outcome.response.fields, fields);
}

}  // namespace
}  // namespace postern::net
