#pragma once

#include "config/addresses.hpp"
#include "config/rate_plan.hpp"
#include "core/log.hpp"
#include "core/settings.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

// One validated value: whoever holds a Config may rely on every bound in keys.cpp. The
// initialisers here are the only place where a default is written.
namespace postern::config {

enum class TlsVersion { tls_1_2, tls_1_3 };

struct Tls {
    std::filesystem::path certificate_file;  // empty: no TLS
    std::filesystem::path key_file;
    TlsVersion version_min = TlsVersion::tls_1_2;
    // A third address for TLS. Without it the public one speaks TLS when there is a certificate.
    std::optional<ListenAddress> listen;
    std::chrono::seconds handshake_timeout{10};

    bool enabled() const { return !certificate_file.empty(); }
    bool operator==(const Tls&) const = default;
};

// What one listener grants one peer before it hangs up.
struct Limits {
    std::int64_t head_bytes_max = 16 * 1024;
    std::int64_t field_bytes_max = 8 * 1024;
    std::int64_t fields_max = 100;
    std::int64_t target_bytes_max = 8 * 1024;
    std::int64_t body_bytes_max = 1024 * 1024;
    std::int64_t trailer_bytes_max = 4 * 1024;
    std::int64_t connections_max = 10'000;
    std::int64_t connections_per_address_max = 200;
    std::chrono::seconds head_timeout{10};
    std::chrono::seconds body_timeout{20};
    std::int64_t body_rate_min_bytes_per_second = 1024;
    std::chrono::seconds idle_timeout{75};
    std::chrono::seconds write_timeout{20};
    std::chrono::seconds shutdown_timeout{10};
    std::chrono::milliseconds store_wait{2000};

    bool operator==(const Limits&) const = default;
};

enum class ProxyProtocol { off, v1, v2, any };

struct Proxy {
    std::vector<AddressRange> trusted;  // only these are believed when they name the client
    ProxyProtocol protocol = ProxyProtocol::off;

    bool operator==(const Proxy&) const = default;
};

struct Log {
    log::Level level = log::Level::info;
    log::Format format = log::Format::text;
    bool access = false;  // a line for each request

    bool operator==(const Log&) const = default;
};

// Where spans of traces go.
struct Telemetry {
    std::string otlp_endpoint;                     // of a collector: http://host:port; empty: none
    std::int64_t samples_per_million = 1'000'000;  // of all traces

    bool operator==(const Telemetry&) const = default;
};

struct Storage {
    // Empty: SQLite in data_dir; "sqlite:PATH": SQLite there; "postgres://…": a server, and then as
    // many nodes as one likes.
    std::string url;
    std::int64_t connections_max = 12;           // of one node to that server
    std::chrono::seconds statement_timeout{30};  // there
    std::chrono::seconds lock_timeout{5};        // there
    std::int64_t reserve_mib = 64;
    std::int64_t low_water_mib = 128;
    std::int64_t queue_units_max = 10'000;
    std::int64_t queue_mib_max = 256;
    std::int64_t batch_units_max = 1'000;
    std::int64_t readers = 2;
    std::chrono::days inbox_kept{0};   // received webhooks; 0, like in all the next: for ever
    std::chrono::days events_kept{0};  // with their deliveries
    std::chrono::days attempts_kept{30};
    std::chrono::days jobs_kept{90};

    bool is_shared() const { return url.starts_with("postgres"); }
    bool operator==(const Storage&) const = default;
};

// What tells the nodes of a shared store quickly which of them serves what.
struct Queue {
    std::string url;  // empty: the store alone tells it, slower
    std::string prefix = "postern";

    bool operator==(const Queue&) const = default;
};

struct Cluster {
    std::string node_name;  // for people; empty: the machine's name

    bool operator==(const Cluster&) const = default;
};

struct Api {
    std::string bootstrap_secret_key;  // empty: random ones at first start
    std::string bootstrap_restricted_key;
    bool require_tls = false;  // of everybody who is not on this machine
    bool rate_limits = true;
    RatePlan rate_limit_test{100, std::chrono::seconds{1}, 100};  // of keys to test data
    RatePlan rate_limit_live{1'000, std::chrono::seconds{1}, 1'000};
    RatePlan rate_limit_standard{100, std::chrono::seconds{60}, 100};
    RatePlan rate_limit_enterprise{1'000, std::chrono::seconds{60}, 1'000};
    RatePlan rate_limit_wrong_keys{60, std::chrono::seconds{60}, 60};  // of one address
    bool request_log = true;
    std::chrono::days request_log_kept{90};

    bool operator==(const Api&) const = default;
};

enum class LoopbackDelivery { automatic, never };

struct Delivery {
    bool enabled = true;
    std::int64_t in_flight_max = 1024;
    std::int64_t in_flight_per_origin_max = 256;
    bool allow_http = false;  // in live mode; test mode may always
    bool allow_high_ports = false;
    // automatic: test mode may reach loopback while this daemon itself listens only there.
    LoopbackDelivery loopback = LoopbackDelivery::automatic;
    std::vector<AddressRange> allowed_networks;
    std::vector<AddressRange> denied_networks;
    std::vector<std::string> resolvers;  // "192.0.2.1:53"; empty: the system's
    std::string proxy_url;               // http://[user:password@]host:port; empty: none
    std::string signing_seed;            // hex of 32 bytes; empty: made at first start
    std::chrono::hours disable_after{120};
    std::chrono::seconds breaker_pause_max{600};
    std::chrono::seconds shutdown_timeout{10};
    std::string user_agent = "Postern/1 (webhooks)";

    bool operator==(const Delivery&) const = default;
};

enum class PayoutSchedule { manual, daily };

struct Payments {
    bool enabled = true;
    std::string default_gateway = "stripe";  // of payments that name none
    PayoutSchedule payouts = PayoutSchedule::manual;
    // Saved card numbers are kept, sealed, only with a key: "name:hex of 32 bytes", several
    // separated by commas or lines. The first seals, all open.
    std::string vault_keys;
    std::chrono::milliseconds gateway_wait{8'000};
    std::chrono::milliseconds sandbox_latency{0};  // 0: the sandbox answers at once
    std::chrono::milliseconds sandbox_settle{3'000};

    bool operator==(const Payments&) const = default;
};

enum class Mode { sandbox, live };

// One [[gateway]] table: what every gateway has, and what only its provider understands.
struct Gateway {
    std::string id;
    std::string kind;
    Mode mode = Mode::sandbox;
    bool enabled = true;
    std::string account;  // empty: the platform's
    SettingTable settings;

    bool operator==(const Gateway&) const = default;
};

struct Config {
    ListenAddress listen{"127.0.0.1", 8080};
    ListenAddress admin_listen{"127.0.0.1", 9090};
    std::filesystem::path data_dir = "./postern-data";
    std::string control_socket;  // empty: control.sock in data_dir; "off": none
    std::int64_t threads = 0;    // 0: one less than there are cores
    std::string public_url;      // what providers call us by; no slash at the end; empty: unknown
    Tls tls;
    Limits limits;
    Proxy proxy;
    Log log;
    Telemetry telemetry;
    Storage storage;
    Queue queue;
    Cluster cluster;
    Api api;
    Delivery delivery;
    Payments payments;
    std::vector<Gateway> gateways;  // empty: a sandbox gateway of every kind

    bool operator==(const Config&) const = default;
};

// What `threads` comes to on a machine of that many cores.
unsigned thread_count(const Config& config, unsigned cores);

std::string_view to_text(Mode mode);

}  // namespace postern::config
