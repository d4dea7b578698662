#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

#include <cstdint>

namespace postern::storage {

struct EventSweep {
    TimePoint before;  // events that were told before are old
    EventId after;     // where the step before this one stopped; 0: at the oldest
};

// What one step took away, and where it stopped.
struct ForgottenEvents {
    std::int64_t events = 0;
    std::int64_t deliveries = 0;
    std::int64_t attempts = 0;
    EventId reached;  // the last event that was settled: gone, or still needed
    enum class Rest : std::uint8_t { none, some };
    Rest rest = Rest::none;  // of old events behind `reached`

    std::int64_t rows() const { return events + deliveries + attempts; }
    bool operator==(const ForgottenEvents&) const = default;
};

// Takes away old events, the oldest first and a few rows at a time, since the writer serves nobody
// else meanwhile. An event goes in one piece with its deliveries, so that nothing takes one that is
// half gone for one that was never sent. It stays while
// - one of its deliveries is still to be made, or ended after `before`;
// - an endpoint still waits for another event of the same payment, and must be able to see that a
//   newer one arrived there.
[[nodiscard]] Result<ForgottenEvents, StoreError>
forget_events(Transaction& transaction, const EventSweep& sweep);

}  // namespace postern::storage
