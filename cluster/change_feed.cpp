#include "cluster/change_feed.hpp"

#include <mutex>

namespace postern::cluster {

using storage::ChangeRow;

Result<ChangeRow, storage::StoreError> ChangeFeed::newest(storage::Connection& connection) {
    const auto number = storage::last_change(connection);
    if (!number) return number.error();
    const auto rows = storage::load_changes(connection, *number - 1, 1);
    if (!rows) return rows.error();
    return rows->empty() ? ChangeRow{} : rows->front();
}

void ChangeFeed::note_seen(const ChangeRow& row) {
    last_ = row;
    seen_ = row.number;
}

ChangeFeed::Done ChangeFeed::begin(storage::Connection& connection) {
    const auto row = newest(connection);
    if (!row) return row.error();
    const std::lock_guard lock{mutex_};
    note_seen(*row);
    return {};
}

ChangeFeed::Done ChangeFeed::start_over(storage::Connection& connection) {
    const auto row = newest(connection);
    if (!row) return row.error();
    if (const Done told = listener_.missed(connection); !told) return told;
    note_seen(*row);
    return {};
}

// The newest change stays in the store for ever. So what was seen last is there or has older ones
// behind it, unless the server is another one now that never had it: then its number may even stand
// for another change.
bool ChangeFeed::is_from_elsewhere(const Rows& rows) const {
    if (seen_ == 0) return false;
    return rows.empty() || (rows.front().number == seen_ && rows.front() != last_);
}

ChangeFeed::Done ChangeFeed::look(storage::Connection& connection) {
    const std::unique_lock lock{mutex_, patience_};
    if (!lock.owns_lock()) return storage::StoreError::busy;
    for (;;) {
        auto rows = storage::load_changes(connection, seen_ - 1, kRowsAtOnce);
        if (!rows) return rows.error();
        if (is_from_elsewhere(*rows)) return start_over(connection);
        const bool more = rows->size() == kRowsAtOnce;
        if (!rows->empty() && rows->front().number == seen_) rows->erase(rows->begin());
        if (rows->empty()) return {};
        // Numbers have no gaps, so those in between were there and are gone.
        const bool missed = rows->front().number != seen_ + 1;
        const Done told =
            missed ? listener_.missed(connection) : listener_.changed(connection, *rows);
        if (!told) return told.error();
        note_seen(rows->back());
        if (!more) return {};
    }
}

ChangeFeed::Done ChangeFeed::forget_old(storage::Connection& connection, TimePoint now) {
    return storage::forget_changes(connection, now - kKept);
}

}  // namespace postern::cluster
