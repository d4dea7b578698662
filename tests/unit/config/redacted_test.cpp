#include "config/redacted.hpp"

#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(Redacted, CanBeLoadedAgain) {
    const Config defaults;
    const auto loaded = load(input_of(to_redacted_toml(defaults)));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_TRUE(*loaded == defaults);
}

TEST(Redacted, ShowsWhatIsHarmlessAndNothingElse) {
    const auto loaded = load(input_of(R"(
[api]
bootstrap_secret_key = "sk_live_hunter2"
[storage]
url = "postgres://u:hunter2@h/d"
[queue]
url = "redis://:hunter2@h"
[delivery]
allow_http = true
proxy_url = "http://u:hunter2@proxy:1"
[[gateway]]
id = "a"
kind = "wechatpay"
mchid = "1900000109"
api_v3_key = "hunter2"
webhook_secretz = ["hunter2"]
tolerance_seconds = 60
platform_keys = [{ serial = "53A7", pem = "hunter2" }]
event = { id = "$.id", type_map = { "x.y" = "hunter2" } }
)"));
    ASSERT_EQ(complaints_of(loaded), "");
    const std::string text = to_redacted_toml(*loaded);
    EXPECT_EQ(text.find("hunter2"), std::string::npos) << text;
    for (const char* shown :
         {"bootstrap_secret_key = \"***\"",
          "allow_http = true",
          "proxy_url = \"***\"",
          "mchid = \"1900000109\"",
          "api_v3_key = \"***\"",
          "webhook_secretz = [\"***\"]",
          "tolerance_seconds = 60",
          "serial = \"53A7\"",
          "pem = \"***\"",
          "\"x.y\" = \"***\"",
          "mode = \"sandbox\""}) {
        EXPECT_NE(text.find(shown), std::string::npos) << shown << " in\n" << text;
    }
    EXPECT_EQ(complaints_of(load(input_of(to_redacted_toml({.gateways = loaded->gateways})))), "");
}

TEST(Redacted, ShowsWhereAFileIs) {
    const auto loaded = load(input_of("[storage]\nurl = \"sqlite:/srv/store\""));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_NE(to_redacted_toml(*loaded).find("url = \"sqlite:/srv/store\""), std::string::npos);
}

}  // namespace
}  // namespace postern::config
