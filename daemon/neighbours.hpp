#pragma once

#include "daemon/store.hpp"

#include <chrono>
#include <functional>
#include <vector>

namespace postern::daemon {

// The other nodes of the same store, as far as parts of the daemon have to know of them. A null
// pointer to it says that there can be none.
struct Neighbours {
    std::function<unsigned()> own_number;           // in the ids that this node makes
    std::function<bool()> leads;                    // does this node do what one does for all?
    std::function<std::vector<unsigned>()> others;  // the numbers of those that live
    StepGuard guard;                                // of what one does for all
    // Takes into memory what others had committed by now.
    std::function<StoreResult()> catch_up;
    std::function<void()> tell;  // to look again at once, where that is possible
};

// By then each of them has heard of a change that was committed, or cannot write either.
inline constexpr std::chrono::seconds kNeighboursKnowAfter{5};

// Work that other nodes leave for the leader is found by looking this often.
inline constexpr std::chrono::seconds kNeighboursLeaveWork{1};

inline void tell(const Neighbours* neighbours) {
    if (neighbours != nullptr && neighbours->tell) neighbours->tell();
}

inline StepGuard guard_of(const Neighbours* neighbours) {
    return neighbours == nullptr ? StepGuard{} : neighbours->guard;
}

}  // namespace postern::daemon
