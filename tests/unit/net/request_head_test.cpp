#include "net/request_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::net {
namespace {

using Progress = RequestHeadScanner::Progress;

struct Outcome {
    Progress progress = Progress::need_more;
    int status = 0;  // of a refusal
    RequestHead head;
};

// Shows the scanner a buffer that grows to each of the given sizes in turn.
Outcome scan_in_steps(
    std::string_view text,
    const std::vector<std::size_t>& sizes,
    const HttpLimits& limits
) {
    RequestHeadScanner scanner{limits};
    Outcome outcome;
    for (const std::size_t size : sizes) {
        outcome.progress = scanner.scan(text.substr(0, size));
        if (outcome.progress != Progress::need_more) break;
    }
    if (outcome.progress == Progress::refused) outcome.status = scanner.refusal_status();
    outcome.head = scanner.head();
    return outcome;
}

Outcome scan_whole(std::string_view text, const HttpLimits& limits = {}) {
    return scan_in_steps(text, {text.size()}, limits);
}

std::string with_fields(std::string_view fields) {
    std::string text = "POST /hook HTTP/1.1\r\nHost: localhost\r\n";
    text += fields;
    text += "\r\n";
    return text;
}

struct Case {
    std::string name;
    std::string text;
    int status = 0;  // 0: taken
};

std::vector<Case> request_lines() {
    const auto line = [](std::string_view first) {
        return std::string{first} + "\r\nHost: localhost\r\n\r\n";
    };
    return {
        {"a plain GET", line("GET / HTTP/1.1")},
        {"HTTP/1.0", line("GET / HTTP/1.0")},
        {"a query with every mark", line("GET /a-._~!$&'()*+,;=:@/?x=%2F HTTP/1.1")},
        {"a query with brackets as Stripe's clients send it", line("GET /v1?c[gte]=5 HTTP/1.1")},
        {"brackets in a path", line("GET /v1/[x] HTTP/1.1"), 400},
        {"an absolute target", line("GET http://localhost:80/x?y HTTP/1.1")},
        {"an absolute target without a path", line("GET https://[::1] HTTP/1.1")},
        {"OPTIONS of the server", line("OPTIONS * HTTP/1.1")},
        {"a method of its own", line("M-SEARCH /x HTTP/1.1")},
        {"a name that begins with dots", line("GET /.well-known/..x HTTP/1.1")},
        {"an asterisk for GET", line("GET * HTTP/1.1"), 400},
        {"no version", line("GET /"), 400},
        {"no target", line("GET  HTTP/1.1"), 400},
        {"no method", line(" / HTTP/1.1"), 400},
        {"two spaces", line("GET /  HTTP/1.1"), 400},
        {"a tab", line("GET\t/ HTTP/1.1"), 400},
        {"a lower case version", line("GET / http/1.1"), 400},
        {"a trailing space", line("GET / HTTP/1.1 "), 400},
        {"another minor version", line("GET / HTTP/1.9"), 400},
        {"version 2", line("GET / HTTP/2.0"), 505},
        {"a target without a slash", line("GET x HTTP/1.1"), 400},
        {"another scheme", line("GET ftp://localhost/ HTTP/1.1"), 400},
        {"userinfo", line("GET http://a@localhost/ HTTP/1.1"), 400},
        {"a fragment", line("GET /#x HTTP/1.1"), 400},
        {"a backslash", line("GET /\\x HTTP/1.1"), 400},
        {"a raw byte above ASCII", line("GET /\xc3\xa9 HTTP/1.1"), 400},
        {"a broken escape", line("GET /%2 HTTP/1.1"), 400},
        {"an escape that is no hex", line("GET /%zz HTTP/1.1"), 400},
        {"a climb", line("GET /a/../b HTTP/1.1"), 400},
        {"a climb at the end", line("GET /a/.. HTTP/1.1"), 400},
        {"an escaped climb", line("GET /a/%2e%2E/b HTTP/1.1"), 400},
        {"half an escaped climb", line("GET /a/.%2e/b HTTP/1.1"), 400},
        {"a climb of an absolute target", line("GET http://localhost/../b HTTP/1.1"), 400},
        {"CONNECT", line("CONNECT /x HTTP/1.1"), 405},
        {"a method of 33 bytes", line(std::string(33, 'M') + " / HTTP/1.1"), 400},
        {"a target of 8 193 bytes", line("GET /" + std::string(8192, 'a') + " HTTP/1.1"), 414},
        {"a line longer than a head", line("GET /" + std::string(17'000, 'a') + " HTTP/1.1"), 414},
    };
}

std::vector<Case> framing_fields() {
    return {
        {"a length", with_fields("Content-Length: 5\r\n")},
        {"a length of zero", with_fields("Content-Length: 0\r\n")},
        {"a length with leading zeros", with_fields("Content-Length: 0005\r\n")},
        {"chunked in any case", with_fields("Transfer-Encoding: ChunKed\r\n")},
        {"a length with a plus", with_fields("Content-Length: +5\r\n"), 400},
        {"a negative length", with_fields("Content-Length: -5\r\n"), 400},
        {"an empty length", with_fields("Content-Length: \r\n"), 400},
        {"a length list", with_fields("Content-Length: 5, 5\r\n"), 400},
        {"a length in hex", with_fields("Content-Length: 0x5\r\n"), 400},
        {"a length of 20 digits", with_fields("Content-Length: 10000000000000000000\r\n"), 400},
        {"two equal lengths", with_fields("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
        {"two lengths", with_fields("Content-Length: 5\r\ncontent-length: 6\r\n"), 400},
        {"length and chunked",
         with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
         400},
        {"chunked and length",
         with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
         400},
        {"chunked twice",
         with_fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         400},
        {"chunked in a list", with_fields("Transfer-Encoding: gzip, chunked\r\n"), 400},
        {"chunked in quotes", with_fields("Transfer-Encoding: \"chunked\"\r\n"), 400},
        {"identity", with_fields("Transfer-Encoding: identity\r\n"), 400},
        {"nearly chunked", with_fields("Transfer-Encoding: xchunked\r\n"), 400},
        {"chunked in HTTP/1.0",
         "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
    };
}

std::vector<Case> fields() {
    std::string hundred;
    for (int i = 0; i < 99; ++i) hundred += "X-A: b\r\n";  // Host is the hundredth
    return {
        {"an empty value", with_fields("X-A:\r\n")},
        {"white space around a value", with_fields("X-A: \t b \t\r\n")},
        {"a byte above ASCII in a value", with_fields("X-A: \xc3\xa9\r\n")},
        {"a hundred fields", with_fields(hundred)},
        {"HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n"},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
        {"two hosts", with_fields("HOST: localhost\r\n"), 400},
        {"a host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
        {"a host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
        {"a host with userinfo", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400},
        {"a port too large", "GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n", 400},
        {"a port in words", "GET / HTTP/1.1\r\nHost: a:http\r\n\r\n", 400},
        {"a bracket without its end", "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
        {"a space before the colon", with_fields("X-A : b\r\n"), 400},
        {"no colon", with_fields("X-A\r\n"), 400},
        {"an empty name", with_fields(": b\r\n"), 400},
        {"a fold", with_fields("X-A: b\r\n c\r\n"), 400},
        {"a first line that folds", "GET / HTTP/1.1\r\n X: y\r\nHost: a\r\n\r\n", 400},
        {"a parenthesis in a name", with_fields("X(A): b\r\n"), 400},
        {"a NUL in a value", with_fields(std::string{"X-A: \0\r\n", 8}), 400},
        {"an escape byte in a value", with_fields("X-A: \x1b\r\n"), 400},
        {"DEL in a value", with_fields("X-A: \x7f\r\n"), 400},
        {"a bare line feed", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"a bare carriage return", with_fields("X-A: b\rX-C: d\r\n"), 400},
        {"a hundred and one fields", with_fields(hundred + "X-A: b\r\n"), 431},
        {"a field of 8 193 bytes", with_fields("X-A: " + std::string(8188, 'b') + "\r\n"), 431},
        {"a head of 17 000 bytes",
         with_fields(
             "X-A: " + std::string(8000, 'b') + "\r\nX-B: " + std::string(8000, 'b')
             + "\r\nX-C: " + std::string(1000, 'b') + "\r\n"
         ),
         431},
    };
}

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const auto& table : {request_lines(), framing_fields(), fields()}) {
        cases.insert(cases.end(), table.begin(), table.end());
    }
    return cases;
}

TEST(RequestHeadScanner, DecidesEveryHead) {
    for (const Case& test_case : all_cases()) {
        SCOPED_TRACE(test_case.name);
        const Outcome outcome = scan_whole(test_case.text);
        EXPECT_EQ(outcome.status, test_case.status);
        if (test_case.status == 0) {
            EXPECT_EQ(outcome.progress, Progress::complete);
            EXPECT_EQ(outcome.head.bytes, test_case.text.size());
        }
    }
}

TEST(RequestHeadScanner, DecidesTheSameByteByByte) {
    for (const Case& test_case : all_cases()) {
        SCOPED_TRACE(test_case.name);
        std::vector<std::size_t> sizes;
        for (std::size_t size = 0; size <= test_case.text.size(); ++size) sizes.push_back(size);
        const Outcome outcome = scan_in_steps(test_case.text, sizes, {});
        EXPECT_EQ(outcome.status, test_case.status);
        if (test_case.status == 0) {
            EXPECT_EQ(outcome.head.bytes, test_case.text.size());
        }
    }
}

TEST(RequestHeadScanner, DecidesTheSameAtEverySplit) {
    for (const Case& test_case : all_cases()) {
        SCOPED_TRACE(test_case.name);
        const std::size_t step = test_case.text.size() > 1000 ? 97 : 1;
        for (std::size_t cut = 0; cut <= test_case.text.size(); cut += step) {
            const Outcome outcome = scan_in_steps(test_case.text, {cut, test_case.text.size()}, {});
            ASSERT_EQ(outcome.status, test_case.status) << "cut at " << cut;
            if (test_case.status == 0) {
                ASSERT_EQ(outcome.progress, Progress::complete) << cut;
            }
        }
    }
}

TEST(RequestHeadScanner, AsksForMoreUntilTheLastByte) {
    const std::string text = with_fields("Content-Length: 5\r\n");
    for (std::size_t size = 0; size < text.size(); ++size) {
        EXPECT_EQ(scan_whole(text.substr(0, size)).progress, Progress::need_more) << size;
    }
    EXPECT_EQ(scan_whole(text + "hello").head.bytes, text.size()) << "the body is not the head";
}

TEST(RequestHeadScanner, RefusesAnotherProtocolBeforeItsLineEnds) {
    const std::string tls_hello{"\x16\x03\x01\x02\x00\x01", 6};
    EXPECT_EQ(scan_whole(tls_hello).status, 400);
    EXPECT_EQ(scan_whole("GET / HTTP/1.1\n").status, 400);
}

RequestHead head_of(std::string_view text) {
    const Outcome outcome = scan_whole(text);
    EXPECT_EQ(outcome.progress, Progress::complete) << text;
    return outcome.head;
}

TEST(RequestHeadScanner, KnowsHowLongTheBodyIs) {
    EXPECT_EQ(head_of(with_fields("Content-Length: 0042\r\n")).content_length, 42u);
    EXPECT_FALSE(head_of(with_fields("")).content_length.has_value());
    EXPECT_FALSE(head_of(with_fields("")).chunked);
    EXPECT_TRUE(head_of(with_fields("Transfer-Encoding: chunked\r\n")).chunked);
    EXPECT_TRUE(head_of("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").is_head_request);
}

TEST(RequestHeadScanner, KnowsWhetherTheConnectionIsKept) {
    EXPECT_TRUE(head_of(with_fields("")).keep_alive);
    EXPECT_FALSE(head_of(with_fields("Connection: x, Close\r\n")).keep_alive);
    EXPECT_FALSE(head_of(with_fields("Connection: keep-alive, close\r\n")).keep_alive);
    EXPECT_FALSE(head_of("GET / HTTP/1.0\r\n\r\n").keep_alive);
    EXPECT_TRUE(head_of("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(RequestHeadScanner, KnowsWhatIsExpected) {
    const auto expectation_of = [](std::string_view fields) {
        return head_of(with_fields(fields)).expectation;
    };
    EXPECT_EQ(expectation_of(""), Expectation::none);
    EXPECT_EQ(expectation_of("Expect: 100-Continue\r\n"), Expectation::continue_100);
    EXPECT_EQ(expectation_of("Expect: tea\r\n"), Expectation::unknown);
    EXPECT_EQ(expectation_of("Expect: tea\r\nExpect: 100-continue\r\n"), Expectation::unknown);
}

TEST(RequestHeadScanner, KnowsWhetherTheBodyIsEncoded) {
    const auto coding_of = [](std::string_view fields) {
        return head_of(with_fields(fields)).coding;
    };
    EXPECT_EQ(coding_of("Content-Encoding: gzip\r\n"), ContentCoding::other);
    EXPECT_EQ(coding_of("Content-Encoding: Identity\r\n"), ContentCoding::identity);
    EXPECT_EQ(coding_of(""), ContentCoding::identity);
}

TEST(RequestHeadScanner, GivesMethodAndTargetByOffset) {
    const std::string text = with_fields("");
    const Outcome outcome = scan_whole(text);
    const std::string moved = text;  // the buffer may be elsewhere by now
    EXPECT_EQ(outcome.head.method(moved), "POST");
    EXPECT_EQ(outcome.head.target(moved), "/hook");
    EXPECT_EQ(outcome.head.field_count, 1u);
}

TEST(RequestHeadScanner, KeepsToTheLimitsItWasGiven) {
    const HttpLimits small{
        .head_bytes_max = 200, .field_bytes_max = 40, .fields_max = 2, .target_bytes_max = 10};
    const Case cases[] = {
        {"a target at the limit", "GET /234567890 HTTP/1.1\r\nHost: a\r\n\r\n"},
        {"a target over it", "GET /2345678901 HTTP/1.1\r\nHost: a\r\n\r\n", 414},
        {"a field at the limit", with_fields("X-A: " + std::string(35, 'b') + "\r\n")},
        {"a field over it", with_fields("X-A: " + std::string(36, 'b') + "\r\n"), 431},
        {"a field too many", with_fields("X-A: b\r\nX-A: b\r\n"), 431},
        {"an endless line", "GET /" + std::string(300, 'a'), 414},
        {"an endless field", "GET / HTTP/1.1\r\nX-A: " + std::string(300, 'a'), 431},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(scan_whole(test_case.text, small).status, test_case.status);
    }
}

TEST(IsHost, KnowsNamesNumbersAndBrackets) {
    for (const char* good : {"a", "a.b-c_d~", "127.0.0.1:80", "[::1]", "[::1]:8080", "a:", "a:0"}) {
        EXPECT_TRUE(is_host(good)) << good;
    }
    for (const char* bad :
         {"",
          ":80",
          "a b",
          "a:b:c",
          "a:99999",
          "a:000080",
          "[]",
          "[1]",
          "[::1]x",
          "[::g]",
          "a%20b",
          "a,b",
          "\xc3\xa9"}) {
        EXPECT_FALSE(is_host(bad)) << bad;
    }
}

TEST(OriginForm, DropsSchemeAndAuthority) {
    EXPECT_EQ(origin_form("/a?b"), "/a?b");
    EXPECT_EQ(origin_form("http://h/a?b"), "/a?b");
    EXPECT_EQ(origin_form("HTTPS://h"), "/");
    EXPECT_EQ(origin_form("http://h?x"), "/");
    EXPECT_EQ(origin_form("*"), "*");
}

TEST(RequestStart, IsWhatARefusedRequestBeginsWith) {
    struct StartCase {
        std::string_view text;
        std::string_view method;
        std::string_view path;
    };
    constexpr StartCase cases[] = {
        {"GET /v1/charges?x=y HTTP/1.1\r\nBad field\r\n\r\n", "GET", "/v1/charges"},
        {"POST http://shop.example/api/v2/x?y HTTP/1.1\r\n", "POST", "/api/v2/x"},
        {"GET /v1/charges/yyyyyyyyyyyyyyyyyyyy", "GET", "/v1/charges/yyyyyyyyyyyyyyyyyyyy"},
        {"GET /v1/charges HTTP/2.0\r\n", "GET", "/v1/charges"},
        {"\x16\x03\x01 /v1", "", ""},
        {"GET", "", ""},
        {"", "", ""},
    };
    for (const StartCase& test_case : cases) {
        const RequestStart start = start_of_request(test_case.text);
        EXPECT_EQ(start.method, test_case.method) << test_case.text;
        EXPECT_EQ(start.path, test_case.path) << test_case.text;
    }
}

}  // namespace
}  // namespace postern::net
