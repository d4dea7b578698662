#pragma once

#include <chrono>

namespace postern::daemon {

// How long things are kept; 0: for ever.
struct RetentionPeriods {
    std::chrono::days request_log{0};
    std::chrono::days inbox{0};
    std::chrono::days events{0};  // with their deliveries
    std::chrono::days attempts{0};
    std::chrono::days jobs{0};

    bool operator==(const RetentionPeriods&) const = default;
};

}  // namespace postern::daemon
