#pragma once

#include "cluster/shared_counts.hpp"
#include "daemon/rate_limits.hpp"

namespace postern::daemon {

// Limits that hold for all nodes together. A window is a piece of the clock's time here, the same
// on every node, so the first one of a caller may be shorter than the plan says.
class SharedRateLimiter final : public RateLimiter {
 public:
    // Which outlive this object: whoever exchanges them with other nodes holds them too.
    explicit SharedRateLimiter(cluster::SharedCounts& counts) : counts_{counts} {}

    RateGrant take(const Ask& ask) override;
    RateGrant look(const Ask& ask) const override;

 private:
    cluster::SharedCounts& counts_;
};

}  // namespace postern::daemon
