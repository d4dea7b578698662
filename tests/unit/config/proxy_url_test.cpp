#include "config/proxy_url.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

struct Case {
    const char* name;
    const char* text;
    std::optional<ProxyUrl> expected;
};

const Case kCases[] = {
    {"a name and a port", "http://proxy.example.com:3128", ProxyUrl{"proxy.example.com", 3128, ""}},
    {"a slash at the end", "http://10.0.0.1:80/", ProxyUrl{"10.0.0.1", 80, ""}},
    {"an IPv6 address", "http://[2001:db8::1]:8080", ProxyUrl{"2001:db8::1", 8080, ""}},
    {"a user and a password", "http://u:p%40ss%3A@proxy:1", ProxyUrl{"proxy", 1, "u:p@ss:"}},
    {"a user without a password", "http://u:@proxy:1", ProxyUrl{"proxy", 1, "u:"}},
    {"a user without a colon", "http://u@proxy:1", std::nullopt},
    {"a line end in the password", "http://u:a%0d%0ab@proxy:1", std::nullopt},
    {"a broken escape", "http://u:%4@proxy:1", std::nullopt},
    {"TLS to the proxy", "https://proxy:3128", std::nullopt},
    {"no port", "http://proxy", std::nullopt},
    {"port zero", "http://proxy:0", std::nullopt},
    {"a port too large", "http://proxy:65536", std::nullopt},
    {"a path", "http://proxy:3128/x", std::nullopt},
    {"no host", "http://:3128", std::nullopt},
    {"a space", "http://pro xy:3128", std::nullopt},
    {"IPv6 without brackets", "http://2001:db8::1:8080", std::nullopt},
    {"nothing", "", std::nullopt},
};

TEST(ProxyUrl, TakesAHostAndAPortAndPerhapsAUser) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_TRUE(parse_proxy_url(test_case.text) == test_case.expected);
    }
}

}  // namespace
}  // namespace postern::config
