#pragma once

#include "core/result.hpp"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

struct ServerAddress {
    std::string host;  // a name, or an address without brackets
    std::uint16_t port = 0;

    auto operator<=>(const ServerAddress&) const = default;
    std::string to_text() const;
};

struct Credentials {
    std::string user;  // empty: the server's default user
    std::string password;
};

struct Limits {
    std::chrono::milliseconds connect_timeout{2'000};  // until the server said it can serve us
    std::chrono::milliseconds command_timeout{2'000};
    std::chrono::milliseconds ping_after{10'000};  // of silence, so that a frozen server is noticed
    std::chrono::milliseconds retry_min{50};
    std::chrono::milliseconds retry_max{2'000};
    // While somebody else may be about to take over: asking sentinels or a cluster who it is.
    std::chrono::milliseconds search_max{500};
    std::size_t unanswered_max = 10'000;
    std::size_t unsent_bytes_max = 64 * 1024 * 1024;
    std::size_t reply_bytes_max = 64 * 1024 * 1024;
    std::size_t reply_items_max = 1'000'000;
    std::size_t redirections_max = 5;
};

struct Options {
    enum class Topology : std::uint8_t { single, sentinel, cluster } topology = Topology::single;
    std::vector<ServerAddress> servers;  // the server, the sentinels, or some of the cluster
    std::string master_name;             // as the sentinels call it
    Credentials credentials;
    Credentials sentinel_credentials;
    std::uint16_t database = 0;
    std::string client_name = "postern";  // as CLIENT LIST shows it
    Limits limits;
};

// redis://[user:password@]host[:port][/database]
// redis+sentinel://[user:password@]host[:port],…/master[/database]
//     ?sentinel_user=…&sentinel_password=… where the sentinels ask for a password too
// redis+cluster://[user:password@]host[:port],…
// No complaint repeats what was given: it may hold a password.
[[nodiscard]] Result<Options, Complaint> parse_url(std::string_view url);

// Whom it is about, without secrets: for logs and people.
std::string describe(const Options& options);

}  // namespace postern::redis
