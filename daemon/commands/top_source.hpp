#pragma once

#include "daemon/commands/api_client.hpp"
#include "daemon/commands/top_view.hpp"
#include "daemon/http_post.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace postern::daemon::commands {

// Asks a daemon again and again, and makes a view of each answer and the one before.
class TopSource {
 public:
    struct Options {
        ApiAccess access;  // without a key, endpoints are known by their metrics only
        std::string admin_url;
    };
    explicit TopSource(Options options) : options_{std::move(options)} {}

    // The first view is of all the time since the daemon started.
    Result<TopView, Complaint> look();

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;

    Result<PostReply, Complaint> ask(const char* path);
    void look_at_endpoints(SteadyTime now);

    Options options_;
    KeptConnection connection_;
    MetricsText before_;
    SteadyTime looked_at_{};
    std::vector<EndpointRow> endpoints_;
    SteadyTime next_endpoints_at_{};
    std::string notice_;
};

}  // namespace postern::daemon::commands
