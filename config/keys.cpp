#include "config/keys.hpp"

#include "config/gateways.hpp"
#include "config/proxy_url.hpp"
#include "config/vault_keys.hpp"
#include "core/bytes.hpp"

#include <algorithm>
#include <array>

namespace postern::config {
namespace {

constexpr std::int64_t kKibibyte = 1024;
constexpr std::int64_t kMebibyte = 1024 * kKibibyte;

// In the order of their enumerators.
constexpr std::array<std::string_view, 2> kTlsVersions = {"1.2", "1.3"};
constexpr std::array<std::string_view, 4> kProxyProtocols = {"off", "v1", "v2", "any"};
constexpr std::array<std::string_view, 4> kLogLevels = {"debug", "info", "warn", "error"};
constexpr std::array<std::string_view, 2> kLogFormats = {"text", "json"};
constexpr std::array<std::string_view, 2> kLoopbackDeliveries = {"automatic", "never"};
constexpr std::array<std::string_view, 2> kPayoutSchedules = {"manual", "daily"};

constexpr std::size_t kSigningSeedBytes = 32;
constexpr std::size_t kUserAgentBytesMax = 200;
constexpr std::size_t kQueuePrefixBytesMax = 64;
constexpr std::size_t kNodeNameBytesMax = 64;
constexpr std::size_t kSocketBytesMax = 107;  // what the kernel takes

std::optional<std::string_view> problem_of_listen(std::string_view text) {
    if (parse_listen_address(text)) return std::nullopt;
    return "must be an IP address and a port, like 127.0.0.1:8080 or [::1]:8080";
}

std::optional<std::string_view> problem_of_optional_listen(std::string_view text) {
    return text.empty() ? std::nullopt : problem_of_listen(text);
}

std::optional<std::string_view> problem_of_range(std::string_view text) {
    if (parse_address_range(text)) return std::nullopt;
    return "must hold addresses or ranges like 10.0.0.0/8, without bits beyond the prefix";
}

std::optional<std::string_view> problem_of_folder(std::string_view text) {
    if (!text.empty()) return std::nullopt;
    return "must name a folder";
}

std::optional<std::string_view> problem_of_socket(std::string_view text) {
    if (text.size() <= kSocketBytesMax) return std::nullopt;
    return "must be a path of at most 107 bytes, off, or nothing";
}

std::optional<std::string_view> problem_of_public_url(std::string_view text) {
    if (text.empty()) return std::nullopt;
    std::string_view rest = text;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
    }
    const bool starts_with_host = !rest.empty() && rest.front() != '/' && rest.front() != ':';
    if (rest.size() < text.size() && starts_with_host
        && rest.find_first_of(" \t\r\n?#@\"\\") == std::string_view::npos) {
        return std::nullopt;
    }
    return "must be a URL like https://pay.example.com, without user, query or fragment";
}

std::optional<std::string_view> problem_of_otlp_endpoint(std::string_view text) {
    if (!problem_of_public_url(text)) return std::nullopt;
    return "must be a URL like http://127.0.0.1:4318, without user, query or fragment";
}

bool starts_with_more_than(std::string_view text, std::string_view scheme) {
    return text.starts_with(scheme) && text.size() > scheme.size();
}

std::optional<std::string_view> problem_of_storage_url(std::string_view text) {
    if (text.empty()) return std::nullopt;
    for (const std::string_view scheme : {"sqlite:", "postgres://", "postgresql://"}) {
        if (starts_with_more_than(text, scheme)) return std::nullopt;
    }
    return "must be empty, sqlite:PATH, or a URL like postgres://user:password@host:5432/postern";
}

// Its parts are judged by who connects; this finds what is no such URL at all.
std::optional<std::string_view> problem_of_queue_url(std::string_view text) {
    if (text.empty()) return std::nullopt;
    if (text.starts_with("rediss")) {
        return "cannot be rediss://, since this program's client for Redis speaks no TLS: let "
               "stunnel carry redis:// over it";
    }
    for (const std::string_view scheme : {"redis://", "redis+sentinel://", "redis+cluster://"}) {
        if (starts_with_more_than(text, scheme)) return std::nullopt;
    }
    return "must be empty, or begin with redis://, redis+sentinel:// or redis+cluster://";
}

// A brace would choose a Redis Cluster's slot.
std::optional<std::string_view> problem_of_queue_prefix(std::string_view text) {
    const auto fits = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
               || c == '_' || c == '-' || c == '.' || c == ':';
    };
    const bool short_enough = !text.empty() && text.size() <= kQueuePrefixBytesMax;
    if (short_enough && std::all_of(text.begin(), text.end(), fits)) return std::nullopt;
    return "must be 1 to 64 letters, digits and _-.:";
}

std::optional<std::string_view> problem_of_node_name(std::string_view text) {
    const auto is_printable = [](char c) {
        return c > ' ' && c <= '~';
    };
    const bool fits = text.size() <= kNodeNameBytesMax;
    if (fits && std::all_of(text.begin(), text.end(), is_printable)) return std::nullopt;
    return "must be at most 64 printable ASCII characters without spaces";
}

bool is_key_text(std::string_view text) {
    return text.size() <= 255 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                      || c == '_' || c == '-';
           });
}

std::optional<std::string_view> problem_of_secret_key(std::string_view text) {
    const bool prefixed = text.starts_with("sk_test_") || text.starts_with("sk_live_");
    if (text.empty() || (prefixed && text.size() > 8 && is_key_text(text))) return std::nullopt;
    return "must begin with sk_test_ or sk_live_ and go on with letters, digits, _ or -";
}

std::optional<std::string_view> problem_of_restricted_key(std::string_view text) {
    const bool prefixed = text.starts_with("rk_test_") || text.starts_with("rk_live_");
    if (text.empty() || (prefixed && text.size() > 8 && is_key_text(text))) return std::nullopt;
    return "must begin with rk_test_ or rk_live_ and go on with letters, digits, _ or -";
}

std::optional<std::string_view> problem_of_resolver(std::string_view text) {
    const auto address = parse_listen_address(text);
    if (address && address->port != 0) return std::nullopt;
    return "must hold name servers by address and port, like 192.0.2.1:53";
}

std::optional<std::string_view> problem_of_proxy_url(std::string_view text) {
    if (text.empty() || parse_proxy_url(text)) return std::nullopt;
    return "must be a URL like http://user:password@proxy.example.com:3128, port included";
}

std::optional<std::string_view> problem_of_signing_seed(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto seed = from_hex(text);
    if (seed && seed->size() == kSigningSeedBytes) return std::nullopt;
    return "must be 64 hexadecimal digits: openssl rand -hex 32 makes them";
}

std::optional<std::string_view> problem_of_user_agent(std::string_view text) {
    const auto is_printable = [](char c) {
        return c >= ' ' && c <= '~';
    };
    const bool padded = text.starts_with(' ') || text.ends_with(' ');
    if (!text.empty() && text.size() <= kUserAgentBytesMax && !padded
        && std::all_of(text.begin(), text.end(), is_printable)) {
        return std::nullopt;
    }
    return "must be 1 to 200 printable ASCII characters";
}

std::optional<std::string_view> problem_of_default_gateway(std::string_view text) {
    if (is_gateway_id(text)) return std::nullopt;
    return "must be the id of a gateway";
}

std::optional<std::string_view> problem_of_rate_plan(std::string_view text) {
    if (parse_rate_plan(text)) return std::nullopt;
    return "must be requests and seconds like 100/60s, with a limit of one second behind it if "
           "there is one: 100/60s/20";
}

std::optional<std::string_view> problem_of_vault_keys(std::string_view text) {
    if (read_vault_keys(text)) return std::nullopt;
    return "must hold keys like 2026a:HEX, each with a name of its own and 64 hexadecimal digits: "
           "openssl rand -hex 32 makes them";
}

// The helpers below lend a visitor the plain form of a typed value and take it back.

void visit_listen(KeyVisitor& visitor, std::string_view key, ListenAddress& address) {
    std::string text = to_text(address);
    visitor.text(key, text, problem_of_listen);
    if (auto parsed = parse_listen_address(text)) address = std::move(*parsed);
}

void visit_optional_listen(
    KeyVisitor& visitor,
    std::string_view key,
    std::optional<ListenAddress>& address
) {
    std::string text = address ? to_text(*address) : std::string{};
    visitor.text(key, text, problem_of_optional_listen);
    address = parse_listen_address(text);
}

void visit_ranges(KeyVisitor& visitor, std::string_view key, std::vector<AddressRange>& ranges) {
    std::vector<std::string> texts;
    for (const AddressRange& range : ranges) texts.push_back(to_text(range));
    visitor.texts(key, texts, problem_of_range);
    ranges.clear();
    for (const std::string& text : texts) {
        if (const auto range = parse_address_range(text)) ranges.push_back(*range);
    }
}

void visit_plan(KeyVisitor& visitor, std::string_view key, RatePlan& plan) {
    std::string text = to_text(plan);
    visitor.text(key, text, problem_of_rate_plan);
    if (const auto parsed = parse_rate_plan(text)) plan = *parsed;
}

template <class Duration>
void visit_duration(KeyVisitor& visitor, std::string_view key, Duration& value, Range range) {
    std::int64_t count = value.count();
    visitor.integer(key, count, range);
    value = Duration{count};
}

template <class Enum>
void visit_choice(
    KeyVisitor& visitor,
    std::string_view key,
    Enum& value,
    std::span<const std::string_view> names
) {
    auto index = static_cast<std::size_t>(value);
    visitor.choice(key, index, names);
    value = static_cast<Enum>(index);
}

void visit_top(KeyVisitor& visitor, Config& config) {
    visitor.begin_section({});
    visit_listen(visitor, "listen", config.listen);
    visit_listen(visitor, "admin_listen", config.admin_listen);
    std::string folder = config.data_dir.string();
    visitor.text("data_dir", folder, problem_of_folder);
    config.data_dir = folder;
    visitor.text("control_socket", config.control_socket, problem_of_socket);
    visitor.integer("threads", config.threads, {0, 256});
    visitor.text("public_url", config.public_url, problem_of_public_url);
    while (config.public_url.ends_with('/')) config.public_url.pop_back();
}

void visit_tls(KeyVisitor& visitor, Tls& tls) {
    visitor.begin_section("tls");
    visitor.file("certificate_file", tls.certificate_file);
    visitor.file("key_file", tls.key_file);
    visit_choice(visitor, "min_version", tls.version_min, kTlsVersions);
    visit_optional_listen(visitor, "listen", tls.listen);
    visit_duration(visitor, "handshake_timeout_seconds", tls.handshake_timeout, {1, 60});
}

void visit_limits(KeyVisitor& visitor, Limits& limits) {
    visitor.begin_section("limits");
    visitor.integer("head_bytes_max", limits.head_bytes_max, {kKibibyte, 64 * kKibibyte});
    visitor.integer("field_bytes_max", limits.field_bytes_max, {256, 64 * kKibibyte});
    visitor.integer("fields_max", limits.fields_max, {8, 1'000});
    visitor.integer("target_bytes_max", limits.target_bytes_max, {256, 64 * kKibibyte});
    visitor.integer("body_bytes_max", limits.body_bytes_max, {kKibibyte, 64 * kMebibyte});
    visitor.integer("trailer_bytes_max", limits.trailer_bytes_max, {0, 64 * kKibibyte});
    visitor.integer("connections_max", limits.connections_max, {1, 1'000'000});
    visitor.integer(
        "connections_per_address_max", limits.connections_per_address_max, {1, 1'000'000}
    );
    visit_duration(visitor, "head_timeout_seconds", limits.head_timeout, {1, 120});
    visit_duration(visitor, "body_timeout_seconds", limits.body_timeout, {1, 600});
    visitor.integer(
        "body_rate_min_bytes_per_second", limits.body_rate_min_bytes_per_second, {0, kMebibyte}
    );
    visit_duration(visitor, "idle_timeout_seconds", limits.idle_timeout, {1, 3'600});
    visit_duration(visitor, "write_timeout_seconds", limits.write_timeout, {1, 600});
    visit_duration(visitor, "shutdown_timeout_seconds", limits.shutdown_timeout, {0, 300});
    visit_duration(visitor, "store_wait_milliseconds", limits.store_wait, {100, 30'000});
}

void visit_telemetry(KeyVisitor& visitor, Telemetry& telemetry) {
    visitor.begin_section("telemetry");
    visitor.text("otlp_endpoint", telemetry.otlp_endpoint, problem_of_otlp_endpoint);
    while (telemetry.otlp_endpoint.ends_with('/')) telemetry.otlp_endpoint.pop_back();
    visitor.integer("samples_per_million", telemetry.samples_per_million, {0, 1'000'000});
}

void visit_storage(KeyVisitor& visitor, Storage& storage) {
    visitor.begin_section("storage");
    visitor.secret("url", storage.url, problem_of_storage_url);
    visitor.integer("connections_max", storage.connections_max, {8, 1'000});
    visit_duration(visitor, "statement_timeout_seconds", storage.statement_timeout, {1, 3'600});
    visit_duration(visitor, "lock_timeout_seconds", storage.lock_timeout, {1, 600});
    visitor.integer("reserve_mib", storage.reserve_mib, {1, 4'096});
    visitor.integer("low_water_mib", storage.low_water_mib, {1, 1'048'576});
    visitor.integer("queue_units_max", storage.queue_units_max, {16, 1'000'000});
    visitor.integer("queue_mib_max", storage.queue_mib_max, {1, 65'536});
    visitor.integer("batch_units_max", storage.batch_units_max, {1, 10'000});
    visitor.integer("readers", storage.readers, {1, 64});
    visit_duration(visitor, "inbox_days", storage.inbox_kept, {0, 3'650});
    visit_duration(visitor, "events_days", storage.events_kept, {0, 3'650});
    visit_duration(visitor, "attempts_days", storage.attempts_kept, {0, 3'650});
    visit_duration(visitor, "jobs_days", storage.jobs_kept, {0, 3'650});
}

void visit_delivery(KeyVisitor& visitor, Delivery& delivery) {
    visitor.begin_section("delivery");
    visitor.flag("enabled", delivery.enabled);
    visitor.integer("in_flight_max", delivery.in_flight_max, {1, 10'000});
    visitor.integer("in_flight_per_origin_max", delivery.in_flight_per_origin_max, {1, 10'000});
    visitor.flag("allow_http", delivery.allow_http);
    visitor.flag("allow_high_ports", delivery.allow_high_ports);
    visit_choice(visitor, "loopback", delivery.loopback, kLoopbackDeliveries);
    visit_ranges(visitor, "allowed_networks", delivery.allowed_networks);
    visit_ranges(visitor, "denied_networks", delivery.denied_networks);
    visitor.texts("resolvers", delivery.resolvers, problem_of_resolver);
    visitor.secret("proxy_url", delivery.proxy_url, problem_of_proxy_url);
    visitor.secret("signing_seed", delivery.signing_seed, problem_of_signing_seed);
    visit_duration(visitor, "disable_after_hours", delivery.disable_after, {1, 8'760});
    visit_duration(visitor, "breaker_pause_max_seconds", delivery.breaker_pause_max, {15, 3'600});
    visit_duration(visitor, "shutdown_timeout_seconds", delivery.shutdown_timeout, {0, 300});
    visitor.text("user_agent", delivery.user_agent, problem_of_user_agent);
}

void visit_payments(KeyVisitor& visitor, Payments& payments) {
    visitor.begin_section("payments");
    visitor.flag("enabled", payments.enabled);
    visitor.text("default_gateway", payments.default_gateway, problem_of_default_gateway);
    visit_choice(visitor, "payouts", payments.payouts, kPayoutSchedules);
    visitor.secret("vault_keys", payments.vault_keys, problem_of_vault_keys);
    visit_duration(visitor, "gateway_wait_milliseconds", payments.gateway_wait, {0, 60'000});
    visit_duration(visitor, "sandbox_latency_milliseconds", payments.sandbox_latency, {0, 60'000});
    visit_duration(
        visitor, "sandbox_settle_milliseconds", payments.sandbox_settle, {0, 86'400'000}
    );
}

void visit_api(KeyVisitor& visitor, Api& api) {
    visitor.begin_section("api");
    visitor.secret("bootstrap_secret_key", api.bootstrap_secret_key, problem_of_secret_key);
    visitor.secret(
        "bootstrap_restricted_key", api.bootstrap_restricted_key, problem_of_restricted_key
    );
    visitor.flag("require_tls", api.require_tls);
    visitor.flag("rate_limits", api.rate_limits);
    visit_plan(visitor, "rate_limit_test", api.rate_limit_test);
    visit_plan(visitor, "rate_limit_live", api.rate_limit_live);
    visit_plan(visitor, "rate_limit_standard", api.rate_limit_standard);
    visit_plan(visitor, "rate_limit_enterprise", api.rate_limit_enterprise);
    visit_plan(visitor, "rate_limit_wrong_keys", api.rate_limit_wrong_keys);
    visitor.flag("request_log", api.request_log);
    visit_duration(visitor, "request_log_days", api.request_log_kept, {1, 3'650});
}

}  // namespace

void visit_keys(Config& config, KeyVisitor& visitor) {
    visit_top(visitor, config);
    visit_tls(visitor, config.tls);
    visit_limits(visitor, config.limits);
    visitor.begin_section("proxy");
    visit_ranges(visitor, "trusted", config.proxy.trusted);
    visit_choice(visitor, "protocol", config.proxy.protocol, kProxyProtocols);
    visitor.begin_section("log");
    visit_choice(visitor, "level", config.log.level, kLogLevels);
    visit_choice(visitor, "format", config.log.format, kLogFormats);
    visitor.flag("access", config.log.access);
    visit_telemetry(visitor, config.telemetry);
    visit_storage(visitor, config.storage);
    visitor.begin_section("queue");
    visitor.secret("url", config.queue.url, problem_of_queue_url);
    visitor.text("prefix", config.queue.prefix, problem_of_queue_prefix);
    visitor.begin_section("cluster");
    visitor.text("node_name", config.cluster.node_name, problem_of_node_name);
    visit_delivery(visitor, config.delivery);
    visit_payments(visitor, config.payments);
    visit_api(visitor, config.api);
}

}  // namespace postern::config
