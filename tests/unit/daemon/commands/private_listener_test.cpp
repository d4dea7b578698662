#include "daemon/commands/private_listener.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

struct Case {
    config::ListenAddress listen;
    const char* url;
};

TEST(PrivateListener, IsReachedFromThisMachineWhereverItListens) {
    const Case cases[] = {
        {{"127.0.0.1", 9090}, "http://127.0.0.1:9090"},
        {{"0.0.0.0", 9090}, "http://127.0.0.1:9090"},
        {{"10.0.0.7", 1}, "http://10.0.0.7:1"},
        {{"::", 9090}, "http://[::1]:9090"},
    };
    for (const Case& test_case : cases) {
        EXPECT_EQ(local_url_of(test_case.listen), test_case.url);
    }
}

TEST(PrivateListener, IsWhatWasSaidBeforeTheEnvironmentBeforeTheConfiguration) {
    const config::Environment environment{{"POSTERN_ADMIN_URL", "http://env"}};
    const config::ListenAddress listen{"127.0.0.1", 1};
    EXPECT_EQ(admin_url({"http://said", listen}, environment), "http://said");
    EXPECT_EQ(admin_url({"", listen}, environment), "http://env");
    EXPECT_EQ(admin_url({"", listen}, {}), "http://127.0.0.1:1");
}

TEST(PrivateListener, StandsBesideAPublicOneOfTheSameConfiguration) {
    config::Config config;
    config.listen = {"0.0.0.0", 80};
    EXPECT_EQ(completed_beside(config, {}, {}).url, "http://127.0.0.1:80");
    EXPECT_EQ(completed_beside(config, {.url = "http://said"}, {}).url, "http://said");
    EXPECT_EQ(completed_beside(config, {}, {{"POSTERN_URL", "http://env"}}).url, "http://env");
    config.tls.certificate_file = "tls.pem";
    config.public_url = "https://pay.example.com";
    EXPECT_EQ(completed_beside(config, {}, {}).url, "https://pay.example.com");
    config.tls.listen = config::ListenAddress{"0.0.0.0", 443};
    EXPECT_EQ(completed_beside(config, {}, {}).url, "http://127.0.0.1:80");
}

TEST(PrivateListener, IsAskedForAPath) {
    const auto request = private_request("http://127.0.0.1:9090", "/readyz");
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(request->method, "GET");
    EXPECT_EQ(request->url.target, "/readyz");
    EXPECT_FALSE(private_request("127.0.0.1:9090", "/readyz").has_value());
}

}  // namespace
}  // namespace postern::daemon::commands
