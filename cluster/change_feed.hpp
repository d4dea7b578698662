#pragma once

#include "cluster/patient_mutex.hpp"
#include "core/time.hpp"
#include "storage/change_repository.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <vector>

namespace postern::cluster {

// What other nodes changed that this one holds in memory. It follows a table to which each change
// is written in its own transaction, so nothing is missed, however late a node looks. Whoever did
// not look for longer than rows are kept reads everything again.
class ChangeFeed {
 public:
    using Done = Result<void, storage::StoreError>;
    struct Listener {
        // Read these again. After a failure they come once more.
        std::function<Done(storage::Connection&, const std::vector<storage::ChangeRow>&)> changed;
        // Read everything again.
        std::function<Done(storage::Connection&)> missed;
    };
    // Who looks while somebody else does waits for the end of that, but not for ever.
    static constexpr std::chrono::milliseconds kPatience{2'000};
    explicit ChangeFeed(Listener listener, std::chrono::milliseconds patience = kPatience)
        : listener_{std::move(listener)}, patience_{patience} {}

    // Before anything is read into memory: what changes from here on is told.
    [[nodiscard]] Done begin(storage::Connection& connection);
    // Tells all that was committed by now. `busy`: somebody else looks, and stands still.
    // Any thread; the listener is told on the caller's.
    [[nodiscard]] Done look(storage::Connection& connection);

    // Whether all up to this number was told.
    bool has_told(std::int64_t number) const { return seen_ >= number; }

    // For one node of all, now and then: takes away what nobody needs any more.
    static constexpr std::chrono::hours kKept{1};
    [[nodiscard]] static Done forget_old(storage::Connection& connection, TimePoint now);

 private:
    static constexpr std::size_t kRowsAtOnce = 500;
    using Rows = std::vector<storage::ChangeRow>;

    static Result<storage::ChangeRow, storage::StoreError> newest(storage::Connection& connection);
    void note_seen(const storage::ChangeRow& row);
    Done start_over(storage::Connection& connection);
    bool is_from_elsewhere(const Rows& rows) const;

    Listener listener_;
    std::chrono::milliseconds patience_;
    PatientMutex mutex_;  // held while the listener reads, and to change what follows
    std::atomic<std::int64_t> seen_ = 0;
    storage::ChangeRow last_;  // the one of that number
};

}  // namespace postern::cluster
