#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace postern::net {

struct FetchLimits {
    std::chrono::milliseconds timeout{8'000};
    std::size_t head_bytes_max = 16 * 1024;
    std::size_t body_bytes_max = 256 * 1024;
};

struct FetchOrder {
    std::string url;
    std::string authorization;
    std::vector<std::string> allowed_hosts;
    FetchLimits limits = {};
};

struct FetchAnswer {
    int status = 0;
    std::string body;
};

// One GET over verified TLS, to one of the allowed hosts on port 443, without redirects. Blocks for
// at most the timeout: for worker threads only. nullopt: not allowed, or no whole answer came.
std::optional<FetchAnswer> fetch_https(const FetchOrder& order);

}  // namespace postern::net
