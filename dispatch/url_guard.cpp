#include "dispatch/url_guard.hpp"

#include "core/bytes.hpp"
#include "core/numbers.hpp"
#include "dispatch/url_guard_host.hpp"

#include <algorithm>
#include <array>

namespace postern::dispatch {
namespace {

using Scheme = Destination::Scheme;

constexpr std::size_t kUrlBytesMax = 2'048;
constexpr std::size_t kPortDigitsMax = 5;
constexpr std::string_view kForbidden = "\\<>\"{}|^`";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;
constexpr std::uint16_t kOtherHttpsPort = 8443;
constexpr std::uint16_t kFirstHighPort = 1024;

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

// Services that a POST could harm or that answer strangers: databases, caches, brokers, consoles of
// machines and clusters, mail and chat. Ports that people commonly give to web applications (3000,
// 5000, 8000, 8080, 8086, 8888, 9000, 9090 …) are left out on purpose. In order.
constexpr std::array kServicePorts = std::to_array<PortRange>({
    {1080, 1080},    // SOCKS
    {1099, 1099},    // Java RMI
    {1433, 1434},    // SQL Server
    {1521, 1521},    // Oracle
    {1719, 1720},    // H.323
    {1723, 1723},    // PPTP
    {1883, 1883},    // MQTT
    {2049, 2049},    // NFS
    {2181, 2181},    // ZooKeeper
    {2375, 2377},    // Docker
    {2379, 2380},    // etcd
    {3128, 3128},    // Squid
    {3260, 3260},    // iSCSI
    {3268, 3269},    // Active Directory
    {3306, 3306},    // MySQL
    {3389, 3389},    // remote desktop
    {3659, 3659},    // Apple SASL
    {3690, 3690},    // Subversion
    {4045, 4045},    // NFS locks
    {4190, 4190},    // mail filters
    {4369, 4369},    // Erlang
    {4505, 4506},    // Salt
    {4646, 4648},    // Nomad
    {4786, 4786},    // switches' installer
    {5060, 5061},    // SIP
    {5222, 5222},    // XMPP
    {5269, 5269},    // XMPP
    {5432, 5433},    // PostgreSQL
    {5555, 5555},    // Android debugging
    {5601, 5601},    // Kibana
    {5671, 5672},    // AMQP
    {5900, 5999},    // VNC, CouchDB, WinRM
    {6000, 6063},    // X11
    {6379, 6380},    // Redis
    {6432, 6432},    // PgBouncer
    {6443, 6443},    // Kubernetes
    {6566, 6566},    // SANE
    {6660, 6670},    // IRC
    {6679, 6679},    // IRC
    {6697, 6697},    // IRC
    {7000, 7001},    // Cassandra, WebLogic
    {7199, 7199},    // Cassandra
    {7473, 7474},    // Neo4j
    {7687, 7687},    // Neo4j
    {8009, 8009},    // AJP
    {8200, 8201},    // Vault
    {8300, 8302},    // Consul
    {8500, 8503},    // Consul
    {8600, 8600},    // Consul
    {8883, 8883},    // MQTT
    {9042, 9042},    // Cassandra
    {9092, 9093},    // Kafka
    {9100, 9100},    // printers
    {9160, 9160},    // Cassandra
    {9200, 9200},    // Elasticsearch
    {9300, 9300},    // Elasticsearch
    {9418, 9418},    // Git
    {10080, 10080},  // Amanda
    {10248, 10259},  // kubelet and its neighbours
    {11211, 11211},  // Memcached
    {11311, 11311},  // ROS
    {15672, 15672},  // RabbitMQ
    {16379, 16379},  // Redis cluster
    {25672, 25672},  // RabbitMQ
    {26257, 26257},  // CockroachDB
    {26379, 26379},  // Redis Sentinel
    {27017, 27019},  // MongoDB
    {28015, 28015},  // RethinkDB
    {28017, 28017},  // MongoDB
    {50000, 50000},  // Db2, Jenkins agents
    {50070, 50070},  // Hadoop
});

bool is_service_port(std::uint16_t port) {
    return std::any_of(kServicePorts.begin(), kServicePorts.end(), [port](const PortRange& range) {
        return port >= range.first && port <= range.last;
    });
}

// A URL cut where RFC 3986 cuts it.
struct UrlPieces {
    Scheme scheme = Scheme::https;
    std::string_view host;
    std::optional<std::string_view> port;
    std::string_view target;  // may lack its slash
};

bool is_forbidden(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f || kForbidden.find(c) != std::string_view::npos;
}

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case_prefix) {
    if (text.size() < lower_case_prefix.size()) return false;
    const auto same = [](char c, char wanted) {
        return (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == wanted;
    };
    const std::string_view head = text.substr(0, lower_case_prefix.size());
    return std::equal(head.begin(), head.end(), lower_case_prefix.begin(), same);
}

Result<Scheme, GuardRefusal> take_scheme(std::string_view& url) {
    for (const Scheme scheme : {Scheme::https, Scheme::http}) {
        const std::string_view prefix = scheme == Scheme::https ? "https://" : "http://";
        if (!starts_with_ignoring_case(url, prefix)) continue;
        url.remove_prefix(prefix.size());
        return scheme;
    }
    const bool ours = starts_with_ignoring_case(url, "http:")
                      || starts_with_ignoring_case(url, "https:")
                      || url.find(':') == std::string_view::npos;
    return ours ? GuardRefusal::url_malformed : GuardRefusal::scheme_refused;
}

// "host", "host:port" or "[address]:port".
Result<UrlPieces, GuardRefusal> split_authority(std::string_view authority, UrlPieces pieces) {
    if (authority.find('@') != std::string_view::npos) return GuardRefusal::userinfo;
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (authority.starts_with('[') && bracket == std::string_view::npos) {
        return GuardRefusal::host_malformed;
    }
    pieces.host = authority.substr(0, colon);
    if (colon != std::string_view::npos) pieces.port = authority.substr(colon + 1);
    return pieces;
}

Result<UrlPieces, GuardRefusal> split_url(std::string_view url) {
    if (url.size() > kUrlBytesMax) return GuardRefusal::url_too_long;
    if (std::any_of(url.begin(), url.end(), is_forbidden)) return GuardRefusal::url_malformed;
    const auto scheme = take_scheme(url);
    if (!scheme) return scheme.error();
    if (url.find('#') != std::string_view::npos) return GuardRefusal::fragment;
    const auto authority_end = std::min(url.find_first_of("/?"), url.size());
    const UrlPieces pieces{.scheme = *scheme, .target = url.substr(authority_end)};
    return split_authority(url.substr(0, authority_end), pieces);
}

std::uint16_t default_port(Scheme scheme) {
    return scheme == Scheme::https ? kHttpsPort : kHttpPort;
}

Result<std::uint16_t, GuardRefusal> parse_port(const UrlPieces& pieces) {
    if (!pieces.port) return default_port(pieces.scheme);
    const std::string_view text = *pieces.port;
    const auto value = parse_unsigned(text);
    if (!value || text.size() > kPortDigitsMax) return GuardRefusal::url_malformed;
    if (text.front() == '0' || *value > 65'535) return GuardRefusal::port_refused;
    return static_cast<std::uint16_t>(*value);
}

bool port_is_allowed(Scheme scheme, std::uint16_t port, GuardRules::Ports ports) {
    if (port == kHttpsPort || port == kOtherHttpsPort) return true;
    if (port == kHttpPort) return scheme == Scheme::http;
    return ports == GuardRules::Ports::high && port >= kFirstHighPort && !is_service_port(port);
}

// What is open for one host of the rules.
struct Openings {
    GuardRules::Http http;
    GuardRules::Ports ports;
};

// Our own laptop may be called in the clear and on any port that no known service has: whoever
// writes a receiver there has no certificate for it.
Openings openings_for(const GuardedHost& host, const GuardRules& rules) {
    if (host.is_loopback() && rules.loopback == GuardRules::Loopback::allowed) {
        return {GuardRules::Http::allowed, GuardRules::Ports::high};
    }
    return {rules.http, rules.ports};
}

// What is sent as the request target must be what HTTP allows there, with escapes that are whole.
bool is_target(std::string_view target) {
    const bool ascii = std::all_of(target.begin(), target.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
    return ascii && decode_percent(target).has_value();
}

std::string bracketed(const std::string& host) {
    if (host.find(':') == std::string::npos) return host;
    std::string text = "[";
    text += host;
    text += ']';
    return text;
}

std::string with_port(const std::string& host, std::uint16_t port) {
    std::string text = bracketed(host);
    text += ':';
    text += std::to_string(port);
    return text;
}

Destination make_destination(const UrlPieces& pieces, GuardedHost host, std::uint16_t port) {
    Destination destination{.scheme = pieces.scheme, .port = port};
    destination.host_field =
        port == default_port(pieces.scheme) ? bracketed(host.name) : with_port(host.name, port);
    destination.target = pieces.target.starts_with('/') ? "" : "/";
    destination.target += pieces.target;
    destination.host = std::move(host.name);
    destination.address = host.address;
    return destination;
}

}  // namespace

std::string Destination::origin() const {
    std::string text = scheme == Scheme::https ? "https://" : "http://";
    text += with_port(host, port);
    return text;
}

Result<Destination, GuardRefusal> parse_destination(std::string_view url, const GuardRules& rules) {
    const auto pieces = split_url(url);
    if (!pieces) return pieces.error();
    auto host = parse_guarded_host(pieces->host, rules);
    if (!host) return host.error();
    const Openings open = openings_for(*host, rules);
    if (pieces->scheme == Scheme::http && open.http == GuardRules::Http::refused) {
        return GuardRefusal::scheme_refused;
    }
    const auto port = parse_port(*pieces);
    if (!port) return port.error();
    if (!port_is_allowed(pieces->scheme, *port, open.ports)) return GuardRefusal::port_refused;
    if (!is_target(pieces->target)) return GuardRefusal::url_malformed;
    return make_destination(*pieces, *std::move(host), *port);
}

std::string_view to_text(GuardRefusal refusal) {
    switch (refusal) {
        case GuardRefusal::url_malformed: return "url_malformed";
        case GuardRefusal::url_too_long: return "url_too_long";
        case GuardRefusal::scheme_refused: return "scheme_refused";
        case GuardRefusal::userinfo: return "userinfo";
        case GuardRefusal::fragment: return "fragment";
        case GuardRefusal::port_refused: return "port_refused";
        case GuardRefusal::host_malformed: return "host_malformed";
        case GuardRefusal::host_special: return "host_special";
        case GuardRefusal::address_private: return "address_private";
        case GuardRefusal::address_denied: return "address_denied";
        case GuardRefusal::address_own: return "address_own";
        case GuardRefusal::name_not_found: return "name_not_found";
    }
    return "url_malformed";
}

// What a name resolves to is the network's secret: whatever came of it has one sentence, so that
// registering endpoints is no way to scan our surroundings.
std::string explain(GuardRefusal refusal) {
    switch (refusal) {
        case GuardRefusal::url_malformed:
            return "the URL is malformed: write https://host/path, with every character outside "
                   "ASCII, space or quote in the path percent-encoded";
        case GuardRefusal::url_too_long: return "the URL is too long: at most 2048 bytes";
        case GuardRefusal::scheme_refused: return "the URL must begin with https://";
        case GuardRefusal::userinfo:
            return "the URL must not hold a user name or password: use a header of the endpoint "
                   "instead";
        case GuardRefusal::fragment:
            return "the URL must not have a fragment: remove the # and what follows it";
        case GuardRefusal::port_refused:
            return "the port is not allowed: use 443 or 8443, or ask the operator which others are "
                   "open";
        case GuardRefusal::host_malformed:
            return "the host is malformed: write a full domain name, or an address as four plain "
                   "decimal numbers or as IPv6 in brackets";
        case GuardRefusal::host_special:
            return "destination not allowed: the host must be a full name in the public DNS";
        case GuardRefusal::address_private:
        case GuardRefusal::address_denied:
        case GuardRefusal::address_own:
        case GuardRefusal::name_not_found:
            return "destination not allowed: the host must stand for public addresses only, or for "
                   "networks that the operator lists in delivery.allowed_networks";
    }
    return "destination not allowed";
}

}  // namespace postern::dispatch
