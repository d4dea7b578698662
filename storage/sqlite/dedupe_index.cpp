#include "storage/sqlite/dedupe_index.hpp"

#include "core/assert.hpp"

#include <algorithm>

namespace postern::storage {
namespace {

constexpr Sql kLoadSql{"SELECT id, key, check_hash, inbox_id FROM dedupe_recent ORDER BY id"};
constexpr Sql kAddSql{
    "INSERT INTO dedupe_recent (id, key, check_hash, inbox_id) VALUES ($1, $2, $3, $4)"};
constexpr Sql kFindSql{"SELECT check_hash, inbox_id FROM dedupe WHERE key = $1"};
constexpr Sql kMoveSql{
    "INSERT INTO dedupe (key, check_hash, inbox_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
constexpr Sql kClearSql{
    "DELETE FROM dedupe_recent WHERE id IN"
    " (SELECT id FROM dedupe_recent WHERE id <= $1 ORDER BY id LIMIT $2)"};

// For each entry that comes, so many go: a move ends before as many have come again.
constexpr std::size_t kMovedForEachAdded = 2;
constexpr std::size_t kClearedForEachAdded = 4;

// No row has this id: somebody else's entry holds the place.
constexpr InboxId kTaken{-1};
constexpr InboxId kFree{0};

}  // namespace

Result<void, StoreError> DedupeIndex::load() {
    Query query{handle_.statement(kLoadSql)};
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return {};
        last_entry_id_ = query.integer(0);
        recent_[query.integer(1)] = {query.integer(2), InboxId{query.integer(3)}};
    }
}

// Another thing may hash to the same place: then the next place is tried, as every later search
// will do. Entries change tables but never places, and are never deleted one by one, so a chain of
// places is never cut.
Result<InboxId, StoreError> DedupeIndex::claim(const Claim& claim) {
    for (std::int64_t place = claim.wanted.key;; place = next_dedupe_place(place)) {
        const auto held = recent_.find(place);
        if (held != recent_.end()) {
            if (held->second.check == claim.wanted.check) return held->second.inbox;
            continue;
        }
        const auto settled = find_settled(place, claim.wanted.check);
        if (!settled) return settled.error();
        if (*settled == kTaken) continue;
        if (*settled != kFree) return *settled;
        const auto added = add(claim, place);
        if (!added) return added.error();
        return kFree;
    }
}

Result<InboxId, StoreError> DedupeIndex::find_settled(std::int64_t place, std::int64_t check) {
    Query query{handle_.statement(kFindSql)};
    query.bind(place);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return kFree;
    return query.integer(0) == check ? InboxId{query.integer(1)} : kTaken;
}

Result<void, StoreError> DedupeIndex::add(const Claim& claim, std::int64_t place) {
    Query query{handle_.statement(kAddSql)};
    query.bind(claim.entry_id).bind(place).bind(claim.wanted.check).bind(claim.inbox.value);
    const auto added = query.run();
    if (!added) return added.error();
    added_.push_back(place);
    recent_[place] = {claim.wanted.check, claim.inbox};
    added_entry_id_ = claim.entry_id;
    return {};
}

// Work in proportion to what the batch brought: the cost of moving is spread evenly, and a batch
// that wrote nothing stays one that writes nothing.
Result<void, StoreError> DedupeIndex::before_commit() {
    moved_until_ = moved_;
    cleared_ = Cleared::some;
    switch (phase_) {
        case Phase::idle: return {};
        case Phase::moving: return move_some(added_.size() * kMovedForEachAdded);
        case Phase::clearing: return clear_some(added_.size() * kClearedForEachAdded);
    }
    return {};
}

Result<void, StoreError> DedupeIndex::move_some(std::size_t count) {
    const std::size_t end = std::min(moving_.size(), moved_ + count);
    for (; moved_until_ < end; ++moved_until_) {
        const Entry& entry = moving_[moved_until_];
        Query query{handle_.statement(kMoveSql)};
        query.bind(entry.place).bind(entry.check).bind(entry.inbox.value);
        const auto moved = query.run();
        if (!moved) return moved.error();
    }
    return {};
}

Result<void, StoreError> DedupeIndex::clear_some(std::size_t count) {
    if (count == 0) return {};
    Query query{handle_.statement(kClearSql)};
    query.bind(moving_last_id_).bind(static_cast<std::int64_t>(count));
    const auto cleared = query.run();
    if (!cleared) return cleared.error();
    const auto cleared_count = static_cast<std::size_t>(query.changed_rows());
    cleared_ = cleared_count < count ? Cleared::all : Cleared::some;
    return {};
}

void DedupeIndex::committed() {
    last_entry_id_ = std::max(last_entry_id_, added_entry_id_);
    added_.clear();
    switch (phase_) {
        case Phase::idle:
            if (recent_.size() >= recent_max_) begin_moving();
            break;
        case Phase::moving: forget_moved(); break;
        case Phase::clearing:
            if (cleared_ == Cleared::all) phase_ = Phase::idle;
            break;
    }
}

void DedupeIndex::begin_moving() {
    moving_.reserve(recent_.size());
    for (const auto& [place, held] : recent_) {
        moving_.push_back({place, held.check, held.inbox});
    }
    std::sort(moving_.begin(), moving_.end(), [](const Entry& a, const Entry& b) {
        return a.place < b.place;
    });
    moved_ = 0;
    moved_until_ = 0;
    moving_last_id_ = last_entry_id_;
    phase_ = Phase::moving;
}

void DedupeIndex::forget_moved() {
    for (; moved_ < moved_until_; ++moved_) recent_.erase(moving_[moved_].place);
    if (moved_ < moving_.size()) return;
    moving_ = {};
    moved_ = 0;
    moved_until_ = 0;
    phase_ = Phase::clearing;
}

void DedupeIndex::rolled_back() noexcept {
    forget_added_from(0);
    moved_until_ = moved_;
    cleared_ = Cleared::some;
}

void DedupeIndex::forget_added_from(std::size_t index) noexcept {
    POSTERN_ASSERT(index <= added_.size());
    for (std::size_t i = index; i < added_.size(); ++i) recent_.erase(added_[i]);
    added_.resize(index);
}

}  // namespace postern::storage
