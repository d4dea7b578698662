#include "config/contradictions.hpp"

#include <algorithm>

namespace postern::config {
namespace {

struct Rule {
    std::string_view message;
    bool (*broken)(const Config& config);
};

bool same_place(const ListenAddress& a, const ListenAddress& b) {
    return a == b && a.port != 0;
}

bool tls_is_half_given(const Config& config) {
    return config.tls.certificate_file.empty() != config.tls.key_file.empty();
}

bool tls_listens_without_certificate(const Config& config) {
    return config.tls.listen && !config.tls.enabled();
}

bool tls_listens_where_others_do(const Config& config) {
    return config.tls.listen
           && (same_place(*config.tls.listen, config.listen)
               || same_place(*config.tls.listen, config.admin_listen));
}

bool a_network_is_allowed_and_denied(const Config& config) {
    const auto& denied = config.delivery.denied_networks;
    const auto is_denied = [&denied](const AddressRange& range) {
        return std::find(denied.begin(), denied.end(), range) != denied.end();
    };
    const auto& allowed = config.delivery.allowed_networks;
    return std::any_of(allowed.begin(), allowed.end(), is_denied);
}

// Merchants may recover and resend what came in the last 90 days.
constexpr std::chrono::days kRecoverable{90};

bool events_go_before_they_may(const Config& config) {
    const std::chrono::days kept = config.storage.events_kept;
    return kept.count() != 0 && kept < kRecoverable;
}

// Three that write, and four for what the nodes ask each other.
constexpr std::int64_t kConnectionsBesideReaders = 7;

bool readers_take_all_connections(const Config& config) {
    return config.storage.is_shared()
           && config.storage.connections_max < config.storage.readers + kConnectionsBesideReaders;
}

constexpr Rule kRules[] = {
    {"listen and admin_listen must differ",
     [](const Config& config) {
         return same_place(config.listen, config.admin_listen);
     }},
    {"[tls]: certificate_file and key_file belong together", tls_is_half_given},
    {"[tls]: listen needs certificate_file and key_file", tls_listens_without_certificate},
    {"[tls]: listen must differ from listen and admin_listen", tls_listens_where_others_do},
    {"[limits]: field_bytes_max must not exceed head_bytes_max",
     [](const Config& config) {
         return config.limits.field_bytes_max > config.limits.head_bytes_max;
     }},
    {"[limits]: target_bytes_max must not exceed head_bytes_max",
     [](const Config& config) {
         return config.limits.target_bytes_max > config.limits.head_bytes_max;
     }},
    {"[proxy]: protocol needs at least one range in trusted",
     [](const Config& config) {
         return config.proxy.protocol != ProxyProtocol::off && config.proxy.trusted.empty();
     }},
    {"[storage]: low_water_mib must not be less than reserve_mib",
     [](const Config& config) {
         return config.storage.low_water_mib < config.storage.reserve_mib;
     }},
    {"[storage]: batch_units_max must not exceed queue_units_max",
     [](const Config& config) {
         return config.storage.batch_units_max > config.storage.queue_units_max;
     }},
    {"[storage]: connections_max must be at least seven more than readers",
     readers_take_all_connections},
    {"[queue]: url needs a store that nodes share: [storage] url must begin with postgres://",
     [](const Config& config) {
         return !config.queue.url.empty() && !config.storage.is_shared();
     }},
    {"[storage]: events_days must be 0 or at least 90, since merchants may recover what came in 90"
     " days",
     events_go_before_they_may},
    {"[delivery]: in_flight_per_origin_max must not exceed in_flight_max",
     [](const Config& config) {
         return config.delivery.in_flight_per_origin_max > config.delivery.in_flight_max;
     }},
    {"[delivery]: a range in both allowed_networks and denied_networks is denied; choose one",
     a_network_is_allowed_and_denied},
    {"[delivery]: resolvers has no meaning with proxy_url: the proxy looks the names up",
     [](const Config& config) {
         return !config.delivery.resolvers.empty() && !config.delivery.proxy_url.empty();
     }},
};

}  // namespace

std::vector<std::string_view> contradictions(const Config& config) {
    std::vector<std::string_view> found;
    for (const Rule& rule : kRules) {
        if (rule.broken(config)) found.push_back(rule.message);
    }
    return found;
}

}  // namespace postern::config
