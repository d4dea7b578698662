#pragma once

#include "core/result.hpp"
#include "storage/store_error.hpp"

#include <cstdint>

namespace postern::storage {

// Who holds in memory what other processes change in the store. A transaction that goes by it has
// it brought up to date first, so that what was committed before its units came is known to them.
class ChangeFollower {
 public:
    virtual ~ChangeFollower() = default;
    // After it all changes up to this number are in memory. On a thread of the writer and in the
    // middle of a transaction: it reads through a connection of its own, which sees only what is
    // committed, and waits for no row.
    [[nodiscard]] virtual Result<void, StoreError> follow(std::int64_t number) = 0;
};

}  // namespace postern::storage
