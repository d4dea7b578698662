#pragma once

#include "core/ids.hpp"
#include "storage/ingest.hpp"
#include "storage/sqlite/sqlite_handle.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace postern::storage {

// Which things have been said before. Their places are random numbers, so a tree of them changes
// one page for each webhook, several times what the webhook itself costs. Therefore the newest
// entries are appended to a small table and held in memory; once there are enough, they move into
// the tree in the order of their places, when many fall on the same page. Every step is part of a
// transaction that is committed anyway, and an entry may be in both tables: it is the same in both.
// So a crash at any moment leaves nothing to repair, and opening reads the small table again.
class DedupeIndex {
 public:
    // Moving begins when memory holds that many.
    DedupeIndex(SqliteHandle& handle, std::size_t recent_max)
        : handle_{handle}, recent_max_{recent_max} {}

    [[nodiscard]] Result<void, StoreError> load();

    using Claim = DedupeClaim;
    // The row that has the thing already; 0 when it is new and now claimed.
    [[nodiscard]] Result<InboxId, StoreError> claim(const Claim& claim);

    // The writer tells how its transaction goes, since memory must not know more than the disk.
    [[nodiscard]] Result<void, StoreError> before_commit();
    void committed();
    void rolled_back() noexcept;
    void begin_savepoint() { savepoint_at_ = added_.size(); }
    void savepoint_rolled_back() noexcept { forget_added_from(savepoint_at_); }

    std::size_t recent_count() const { return recent_.size(); }

 private:
    struct Entry {
        std::int64_t place;
        std::int64_t check;
        InboxId inbox;
    };
    struct Held {
        std::int64_t check;
        InboxId inbox;
    };
    // idle → moving, entry by entry → clearing what was moved from the small table → idle.
    enum class Phase { idle, moving, clearing };

    [[nodiscard]] Result<InboxId, StoreError> find_settled(std::int64_t place, std::int64_t check);
    [[nodiscard]] Result<void, StoreError> add(const Claim& claim, std::int64_t place);
    [[nodiscard]] Result<void, StoreError> move_some(std::size_t count);
    [[nodiscard]] Result<void, StoreError> clear_some(std::size_t count);
    void forget_added_from(std::size_t index) noexcept;
    void forget_moved();
    void begin_moving();

    SqliteHandle& handle_;
    std::size_t recent_max_;
    boost::unordered_flat_map<std::int64_t, Held> recent_;  // by place
    std::int64_t last_entry_id_ = 0;

    // Of the transaction in hand.
    std::vector<std::int64_t> added_;  // places
    std::size_t savepoint_at_ = 0;
    std::int64_t added_entry_id_ = 0;
    std::size_t moved_until_ = 0;
    enum class Cleared { some, all };
    Cleared cleared_ = Cleared::some;

    // Of the move in progress.
    Phase phase_ = Phase::idle;
    std::vector<Entry> moving_;  // by place
    std::size_t moved_ = 0;      // of these, committed
    std::int64_t moving_last_id_ = 0;
};

}  // namespace postern::storage
