#pragma once

#include "storage/store_error.hpp"

namespace postern::daemon {

inline constexpr int kRetrySoonSeconds = 5;
inline constexpr int kRetryLaterSeconds = 30;

// When it is worth while to ask again. A server that does not answer is mostly one that another
// takes the place of; a disk that is full or fails waits for people.
constexpr int retry_after(storage::StoreError error) {
    const bool passes =
        error == storage::StoreError::busy || error == storage::StoreError::unavailable;
    return passes ? kRetrySoonSeconds : kRetryLaterSeconds;
}

}  // namespace postern::daemon
