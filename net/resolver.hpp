#pragma once

#include "core/metrics.hpp"
#include "net/address.hpp"
#include "net/runtime.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::net {

struct ResolverLimits {
    std::chrono::milliseconds timeout{5'000};
    std::size_t addresses_max = 8;
    std::size_t cache_entries_max = 10'000;
    std::chrono::seconds ttl_min{5};
    std::chrono::seconds ttl_max{300};
    std::chrono::seconds negative_ttl{10};
    std::size_t queries_max = 512;  // under way; more are refused at once
};

struct Resolved {
    enum class Kind { found, not_found, timed_out, failed, overloaded } kind = Kind::failed;
    std::vector<IpAddress> addresses;
};

// Names asked for, by what came of it.
struct ResolverMetrics {
    explicit ResolverMetrics(MetricRegistry& registry);

    Counter cached;
    std::vector<Counter> asked;  // by Resolved::Kind
};

// Names to addresses, A and AAAA together, absolute names, no search list, for one io thread. A
// slow name delays nobody but those who ask for it; those who ask together share one query.
class Resolver {
 public:
    struct Options {
        ResolverLimits limits = {};
        std::vector<std::string> servers;  // "192.0.2.1:53"; empty: the system's
        std::optional<ResolverMetrics> metrics = std::nullopt;
    };
    Resolver(IoThread& thread, Options options);
    ~Resolver();
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;

    // `name` is a lower-case A-label name. Must outlive the task.
    Task<Resolved> resolve(const std::string& name);

 private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // shared with what is under way
};

}  // namespace postern::net
