#include "daemon/http_url.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

struct Case {
    const char* name;
    const char* text;
    std::optional<HttpUrl> url;
};

const Case kCases[] = {
    {"takes a bare host", "http://a.example", HttpUrl{UrlScheme::http, "a.example", "80", "/"}},
    {"takes a port and a path",
     "http://127.0.0.1:8080/x/y",
     HttpUrl{UrlScheme::http, "127.0.0.1", "8080", "/x/y"}},
    {"takes https", "https://a.example/", HttpUrl{UrlScheme::https, "a.example", "443", "/"}},
    {"takes a query without a path",
     "http://a.example?b=c",
     HttpUrl{UrlScheme::http, "a.example", "80", "/?b=c"}},
    {"takes IPv6", "http://[::1]:81/x", HttpUrl{UrlScheme::http, "::1", "81", "/x"}},
    {"takes IPv6 without a port", "http://[::1]/", HttpUrl{UrlScheme::http, "::1", "80", "/"}},
    {"refuses IPv6 without brackets", "http://::1/", std::nullopt},
    {"refuses no scheme", "a.example/x", std::nullopt},
    {"refuses another scheme", "ftp://a.example/", std::nullopt},
    {"refuses no host", "http:///x", std::nullopt},
    {"refuses a user", "http://u:p@a.example/", std::nullopt},
    {"refuses a fragment", "http://a.example/#x", std::nullopt},
    {"refuses port 0", "http://a.example:0/", std::nullopt},
    {"refuses a port too large", "http://a.example:65536/", std::nullopt},
    {"refuses an empty port", "http://a.example:/", std::nullopt},
    {"refuses white space", "http://a.example/x y", std::nullopt},
    {"refuses a second line", "http://a.example/x\r\nHost: b", std::nullopt},
};

TEST(HttpUrl, IsTakenApart) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(parse_http_url(test_case.text), test_case.url);
    }
}

TEST(HttpUrl, NamesItsPortToTheServerOnlyWhenItIsUnusual) {
    EXPECT_EQ(host_field({UrlScheme::http, "a.example", "80", "/"}), "a.example");
    EXPECT_EQ(host_field({UrlScheme::https, "a.example", "80", "/"}), "a.example:80");
    EXPECT_EQ(host_field({UrlScheme::http, "::1", "8080", "/"}), "[::1]:8080");
}

}  // namespace
}  // namespace postern::daemon
