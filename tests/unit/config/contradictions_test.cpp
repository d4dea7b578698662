#include "config/contradictions.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

struct Case {
    const char* name;
    void (*change)(Config& config);
    const char* fragment;  // nullptr: no contradiction
};

const Case kCases[] = {
    {"the defaults agree", [](Config&) {}, nullptr},
    {"two listeners at one place",
     [](Config& config) { config.admin_listen = config.listen; },
     "must differ"},
    {"two listeners at ports of the system's choice",
     [](Config& config) { config.listen.port = config.admin_listen.port = 0; },
     nullptr},
    {"a certificate without its key",
     [](Config& config) { config.tls.certificate_file = "/c.pem"; },
     "belong together"},
    {"a TLS address without a certificate",
     [](Config& config) {
         config.tls.listen = ListenAddress{"127.0.0.1", 8443};
     },
     "listen needs certificate_file"},
    {"a field larger than the head",
     [](Config& config) { config.limits.head_bytes_max = 4096; },
     "field_bytes_max"},
    {"PROXY headers from nobody",
     [](Config& config) { config.proxy.protocol = ProxyProtocol::v2; },
     "at least one range"},
    {"a low-water mark inside the reserve",
     [](Config& config) { config.storage.low_water_mib = 32; },
     "low_water_mib"},
    {"batches larger than the queue",
     [](Config& config) { config.storage.queue_units_max = 16; },
     "batch_units_max"},
    {"readers that leave the writers no connection",
     [](Config& config) {
         config.storage.url = "postgres://h/d";
         config.storage.readers = 8;
     },
     "connections_max"},
    {"one connection too few",
     [](Config& config) {
         config.storage.url = "postgres://h/d";
         config.storage.connections_max = config.storage.readers + 6;
     },
     "connections_max"},
    {"readers of a file, which need none",
     [](Config& config) { config.storage.readers = 8; },
     nullptr},
    {"a queue without a store that nodes share",
     [](Config& config) { config.queue.url = "redis://h"; },
     "needs a store that nodes share"},
    {"events that go before merchants may recover them",
     [](Config& config) { config.storage.events_kept = std::chrono::days{89}; },
     "events_days"},
    {"events that stay as long as merchants may recover them",
     [](Config& config) { config.storage.events_kept = std::chrono::days{90}; },
     nullptr},
    {"more deliveries to one origin than in all",
     [](Config& config) { config.delivery.in_flight_max = 8; },
     "in_flight_per_origin_max"},
    {"a network that is allowed and denied",
     [](Config& config) {
         config.delivery.allowed_networks = {*parse_address_range("10.1.0.0/16")};
         config.delivery.denied_networks = {*parse_address_range("10.1.0.0/16")};
     },
     "allowed_networks"},
    {"a denied part of an allowed network",
     [](Config& config) {
         config.delivery.allowed_networks = {*parse_address_range("10.1.0.0/16")};
         config.delivery.denied_networks = {*parse_address_range("10.1.2.0/24")};
     },
     nullptr},
    {"name servers beside a proxy",
     [](Config& config) {
         config.delivery.resolvers = {"192.0.2.1:53"};
         config.delivery.proxy_url = "http://proxy:3128";
     },
     "resolvers"},
};

TEST(Contradictions, AreFoundBetweenKeys) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Config config;
        test_case.change(config);
        const auto found = contradictions(config);
        ASSERT_EQ(found.empty(), test_case.fragment == nullptr);
        if (test_case.fragment == nullptr) continue;
        EXPECT_NE(found.front().find(test_case.fragment), std::string_view::npos) << found.front();
    }
}

}  // namespace
}  // namespace postern::config
