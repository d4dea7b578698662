#include "net/endpoint.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

TEST(SplitHostAndPort, TakesListenAddresses) {
    struct Case {
        const char* text;
        const char* host;
        const char* port;
    };
    const Case cases[] = {
        {"127.0.0.1:8080", "127.0.0.1", "8080"},
        {"[::1]:0", "::1", "0"},
        {"[::]:65535", "::", "65535"},
        {"localhost:80", "localhost", "80"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.text);
        const auto parts = split_host_and_port(test_case.text);
        ASSERT_TRUE(parts.has_value());
        EXPECT_EQ(parts->host, test_case.host);
        EXPECT_EQ(parts->port, test_case.port);
    }
}

TEST(SplitHostAndPort, RefusesWhatIsNoAddressAndSaysWhatOneIs) {
    for (const char* text :
         {"",
          ":80",
          "localhost",
          "localhost:",
          "localhost:http",
          "localhost:65536",
          "localhost:-1",
          "localhost: 80",
          "[]:80",
          "[::1:80",
          "::1]:80",
          "::1:80",
          "[::1]",
          "a:b:80"}) {
        SCOPED_TRACE(text);
        const auto parts = split_host_and_port(text);
        ASSERT_FALSE(parts.has_value());
        EXPECT_NE(parts.error().message.find("127.0.0.1:8080"), std::string::npos);
    }
}

}  // namespace
}  // namespace postern::net
