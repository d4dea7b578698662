#include "redis/url.hpp"

#include "core/bytes.hpp"
#include "core/numbers.hpp"

#include <optional>
#include <utility>

namespace postern::redis {
namespace {

constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint16_t kSentinelPort = 26379;
constexpr std::uint64_t kDatabaseMax = 65'535;
constexpr std::size_t kServersMax = 64;

constexpr const char* kNoTls =
    "rediss:// cannot be used: this program's client for Redis speaks no TLS. Run "
    "stunnel beside Postern, let it speak TLS to Redis, and give redis:// with the address at "
    "which stunnel listens.";

struct Scheme {
    std::string_view name;
    Options::Topology topology;
};
constexpr Scheme kSchemes[] = {
    {"redis://", Options::Topology::single},
    {"redis+sentinel://", Options::Topology::sentinel},
    {"redis+cluster://", Options::Topology::cluster},
};

// A URL taken apart and not yet understood.
struct Parts {
    std::string_view user_info;
    std::string_view hosts;
    std::string_view path;
    std::string_view query;
};

std::string_view take_until(std::string_view& rest, char end) {
    const std::size_t at = rest.find(end);
    const std::string_view taken = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
    return taken;
}

Parts parts_of(std::string_view text) {
    Parts parts;
    parts.hosts = take_until(text, '?');
    parts.query = text;
    const std::size_t slash = parts.hosts.find('/');
    if (slash != std::string_view::npos) {
        parts.path = parts.hosts.substr(slash + 1);
        parts.hosts = parts.hosts.substr(0, slash);
    }
    const std::size_t at = parts.hosts.rfind('@');
    if (at != std::string_view::npos) {
        parts.user_info = parts.hosts.substr(0, at);
        parts.hosts = parts.hosts.substr(at + 1);
    }
    return parts;
}

std::optional<Credentials> credentials_of(std::string_view user_info) {
    if (user_info.empty()) return Credentials{};
    const bool has_both = user_info.find(':') != std::string_view::npos;
    const auto user = decode_percent(take_until(user_info, ':'));
    const auto password = decode_percent(user_info);
    // A user without a password says nothing that a server could check.
    if (!user || !password || !has_both || password->empty()) return std::nullopt;
    return Credentials{.user = *user, .password = *password};
}

bool is_host_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '-' || c == '_';
}

bool is_host(std::string_view host) {
    for (const char c : host) {
        if (!is_host_character(c)) return false;
    }
    return !host.empty() && host.size() <= 253;
}

bool is_bracketed(std::string_view host) {
    for (const char c : host) {
        if (!is_host_character(c) && c != ':' && c != '%') return false;
    }
    return host.size() >= 2;
}

std::optional<ServerAddress> address_of(std::string_view text, std::uint16_t default_port) {
    ServerAddress address{.host = {}, .port = default_port};
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || !is_bracketed(text.substr(1, end - 1))) {
            return std::nullopt;
        }
        address.host = text.substr(1, end - 1);
        text.remove_prefix(end + 1);
    } else {
        const std::size_t end = std::min(text.find(':'), text.size());
        if (!is_host(text.substr(0, end))) return std::nullopt;
        address.host = text.substr(0, end);
        text.remove_prefix(end);
    }
    if (text.empty()) return address;
    const auto port = text.starts_with(':') ? parse_unsigned(text.substr(1)) : std::nullopt;
    if (!port || *port == 0 || *port > 65'535) return std::nullopt;
    address.port = static_cast<std::uint16_t>(*port);
    return address;
}

// Nothing when it is in order.
std::optional<Complaint> read_servers(Options& options, std::string_view hosts) {
    const bool sentinels = options.topology == Options::Topology::sentinel;
    while (!hosts.empty()) {
        const auto address =
            address_of(take_until(hosts, ','), sentinels ? kSentinelPort : kRedisPort);
        if (!address) {
            return Complaint{
                "a host of the Redis URL is not understood: write host:port, separated by commas, "
                "and percent-encode '/', '@', ',' and ':' in a password"};
        }
        options.servers.push_back(*address);
    }
    if (options.servers.empty()) return Complaint{"the Redis URL names no host"};
    if (options.servers.size() > kServersMax) {
        return Complaint{"the Redis URL names more than 64 hosts: a few are enough to find all"};
    }
    if (options.topology == Options::Topology::single && options.servers.size() > 1) {
        return Complaint{
            "redis:// takes one host: for several write redis+sentinel:// or redis+cluster://"};
    }
    return std::nullopt;
}

std::optional<Complaint> read_path(Options& options, std::string_view path) {
    if (options.topology == Options::Topology::sentinel) {
        const auto name = decode_percent(take_until(path, '/'));
        if (!name || name->empty()) {
            return Complaint{
                "redis+sentinel:// needs the name of the master after the hosts, such as "
                "/mymaster"};
        }
        options.master_name = *name;
    }
    if (path.empty()) return std::nullopt;
    const auto database = parse_unsigned(path);
    if (!database || *database > kDatabaseMax) {
        return Complaint{"the database of the Redis URL is not a number"};
    }
    if (options.topology == Options::Topology::cluster && *database != 0) {
        return Complaint{"a Redis cluster has no databases but 0: leave the number away"};
    }
    options.database = static_cast<std::uint16_t>(*database);
    return std::nullopt;
}

std::optional<Complaint> read_query(Options& options, std::string_view query) {
    while (!query.empty()) {
        std::string_view value = take_until(query, '&');
        const std::string_view name = take_until(value, '=');
        const auto decoded = decode_percent(value);
        const bool known = name == "sentinel_user" || name == "sentinel_password";
        if (!known || !decoded || options.topology != Options::Topology::sentinel) {
            return Complaint{
                "after '?' the Redis URL takes only sentinel_user and sentinel_password, and only "
                "with redis+sentinel://"};
        }
        auto& wanted = options.sentinel_credentials;
        (name == "sentinel_user" ? wanted.user : wanted.password) = *decoded;
    }
    return std::nullopt;
}

}  // namespace

std::string ServerAddress::to_text() const {
    const bool brackets = host.find(':') != std::string::npos;
    std::string text = brackets ? "[" : "";
    text += host;
    text += brackets ? "]:" : ":";
    text += std::to_string(port);
    return text;
}

Result<Options, Complaint> parse_url(std::string_view url) {
    if (url.starts_with("rediss")) return Complaint{kNoTls};
    for (const Scheme& scheme : kSchemes) {
        if (!url.starts_with(scheme.name)) continue;
        const Parts parts = parts_of(url.substr(scheme.name.size()));
        const auto credentials = credentials_of(parts.user_info);
        if (!credentials) {
            return Complaint{
                "before '@' the Redis URL takes user:password or :password, percent-encoded"};
        }
        Options options{.topology = scheme.topology, .credentials = *credentials};
        if (auto complaint = read_servers(options, parts.hosts)) return *std::move(complaint);
        if (auto complaint = read_path(options, parts.path)) return *std::move(complaint);
        if (auto complaint = read_query(options, parts.query)) return *std::move(complaint);
        return options;
    }
    return Complaint{
        "the Redis URL must begin with redis://, redis+sentinel:// or redis+cluster://"};
}

std::string describe(const Options& options) {
    std::string text{kSchemes[static_cast<std::size_t>(options.topology)].name};
    for (std::size_t i = 0; i < options.servers.size(); ++i) {
        if (i > 0) text += ',';
        text += options.servers[i].to_text();
    }
    if (!options.master_name.empty()) text.append("/").append(options.master_name);
    if (options.database != 0) text.append("/").append(std::to_string(options.database));
    return text;
}

}  // namespace postern::redis
