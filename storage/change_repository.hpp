#pragma once

#include "storage/database.hpp"

#include <cstdint>
#include <optional>
#include <vector>

// What several nodes hold in memory, and one of them changed: the others read it again.
namespace postern::storage {

// The numbers stand in the store.
enum class ChangeKind : std::uint8_t { endpoint = 1, api_key = 2, gateway = 3, delivery = 4 };

struct ChangeRow {
    std::int64_t number = 0;  // without gaps, in the order of commits
    std::int64_t kind = 0;    // of a ChangeKind, or of one that only a newer program knows
    std::int64_t subject = 0;
    TimePoint changed_at = {};

    bool operator==(const ChangeRow&) const = default;
};

struct Change {
    ChangeKind kind = ChangeKind::endpoint;
    std::int64_t subject = 0;
};
// In the transaction of the change itself, which takes its turn for it: numbers that grow while
// others write too would leave gaps that fill up later. Nothing where no other node can be.
[[nodiscard]] Result<void, StoreError> note_change(Transaction& transaction, const Change& change);

[[nodiscard]] Result<std::vector<ChangeRow>, StoreError>
load_changes(Connection& connection, std::int64_t after, std::size_t rows_max);
[[nodiscard]] Result<std::int64_t, StoreError> last_change(Connection& connection);  // 0: none yet
// The last one stays, so that numbers go on from it.
[[nodiscard]] Result<void, StoreError> forget_changes(Connection& connection, TimePoint before);

}  // namespace postern::storage
