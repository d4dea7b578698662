#include "config/changes.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

using Names = std::vector<std::string>;

SettingTable secret(const std::string& text) {
    return {{"webhook_secrets", {SettingList{SettingValue{text}}}}};
}

Config base() {
    Config config;
    config.tls.certificate_file = "first.pem";
    config.tls.key_file = "first.key";
    config.gateways = {
        {.id = "live", .kind = "stripe", .mode = Mode::live, .settings = secret("whsec_1")},
        {.id = "play", .kind = "stripe", .mode = Mode::sandbox, .settings = secret("whsec_2")},
    };
    return config;
}

struct Case {
    std::string_view name;
    void (*change)(Config& config);
    Names at_once;
    Names at_restart;
};

const Case kCases[] = {
    {"nothing", [](Config&) {}, {}, {}},
    {"the log",
     [](Config& config) {
         config.log.level = log::Level::debug;
         config.log.format = log::Format::json;
         config.log.access = true;
     },
     {"log.level", "log.format", "log.access"},
     {}},
    {"limits of connections, and how long a commit is waited for",
     [](Config& config) {
         config.limits.body_bytes_max = 4096;
         config.limits.idle_timeout = std::chrono::seconds{5};
         config.limits.store_wait = std::chrono::milliseconds{900};
     },
     {"limits.body_bytes_max", "limits.idle_timeout_seconds"},
     {"limits.store_wait_milliseconds"}},
    {"proxies",
     [](Config& config) {
         config.proxy.trusted = {*parse_address_range("10.0.0.0/8")};
         config.proxy.protocol = ProxyProtocol::any;
     },
     {"proxy.trusted", "proxy.protocol"},
     {}},
    {"another certificate",
     [](Config& config) {
         config.tls.certificate_file = "second.pem";
         config.tls.key_file = "second.key";
         config.tls.version_min = TlsVersion::tls_1_3;
     },
     {"tls.certificate_file", "tls.key_file", "tls.min_version"},
     {}},
    {"no certificate",
     [](Config& config) {
         config.tls.certificate_file.clear();
         config.tls.key_file.clear();
     },
     {},
     {"tls.certificate_file", "tls.key_file"}},
    {"addresses and the store",
     [](Config& config) {
         config.listen.port = 81;
         config.data_dir = "elsewhere";
         config.storage.readers = 5;
     },
     {},
     {"listen", "data_dir", "storage.readers"}},
    {"how long things are kept",
     [](Config& config) {
         config.storage.inbox_kept = std::chrono::days{1};
         config.storage.events_kept = std::chrono::days{90};
         config.storage.attempts_kept = std::chrono::days{0};
         config.storage.jobs_kept = std::chrono::days{2};
         config.api.request_log_kept = std::chrono::days{3};
     },
     {},
     {"storage.inbox_days",
      "storage.events_days",
      "storage.attempts_days",
      "storage.jobs_days",
      "api.request_log_days"}},
    {"secrets",
     [](Config& config) {
         config.gateways[0].settings = secret("whsec_new");
         config.gateways[1].settings = secret("whsec_newer");
     },
     {"gateway live", "gateway play"},
     {}},
    {"switches",
     [](Config& config) {
         config.gateways[0].enabled = false;
         config.gateways[1].enabled = false;
     },
     {"gateway live.enabled"},
     {"gateway play.enabled"}},
    {"what a gateway is",
     [](Config& config) {
         config.gateways[0].account = "another";
         config.gateways[1].mode = Mode::live;
     },
     {},
     {"gateway live", "gateway play"}},
    {"a gateway less and another more",
     [](Config& config) { config.gateways[0].id = "new"; },
     {},
     {"gateway live", "gateway new"}},
};

TEST(Changes, AreTakenOrNamedForTheNextStart) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Config after = base();
        test_case.change(after);
        const Changes changes = changes_between(base(), after);
        EXPECT_EQ(changes.at_once, test_case.at_once);
        EXPECT_EQ(changes.at_restart, test_case.at_restart);
        EXPECT_EQ(changes.taken == base(), test_case.at_once.empty());
        EXPECT_EQ(changes.taken == after, test_case.at_restart.empty());
    }
}

TEST(Changes, SwitchASandboxGatewayWhereNothingIsPaid) {
    Config before = base();
    before.payments.enabled = false;
    Config after = before;
    after.gateways[1].enabled = false;
    const Changes changes = changes_between(before, after);
    EXPECT_EQ(changes.at_once, Names{"gateway play.enabled"});
    EXPECT_FALSE(changes.taken.gateways[1].enabled);
}

}  // namespace
}  // namespace postern::config
