#include "storage/row_locks.hpp"

#include "storage/database.hpp"

#include <algorithm>
#include <iterator>

namespace postern::storage {
namespace {

constexpr Sql kTryTurnSql{"SELECT name FROM turns WHERE name = 'general' FOR UPDATE SKIP LOCKED"};
constexpr Sql kWaitForEndpointsSql{
    "SELECT endpoint_id FROM endpoint_sequences WHERE endpoint_id = ANY ($1::bigint[])"
    " ORDER BY endpoint_id FOR UPDATE"};
constexpr Sql kTryEndpointsSql{
    "SELECT endpoint_id FROM endpoint_sequences WHERE endpoint_id = ANY ($1::bigint[])"
    " ORDER BY endpoint_id FOR UPDATE SKIP LOCKED"};
constexpr Sql kWaitForDeliveriesSql{
    "SELECT id FROM deliveries WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE"};
constexpr Sql kTryDeliveriesSql{
    "SELECT id FROM deliveries WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE SKIP LOCKED"};

template <class Id>
LockNames names_of(LockKind kind, const std::vector<Id>& ids) {
    LockNames names;
    for (const Id id : ids) names.insert({kind, id.value});
    return names;
}

LockNames of_kind(const LockNames& names, LockKind kind) {
    LockNames chosen;
    for (const LockName& name : names) {
        if (name.kind == kind) chosen.insert(name);
    }
    return chosen;
}

bool has_many_writers(Transaction& transaction) {
    return transaction.connection().writers() == Writers::many;
}

}  // namespace

Result<void, StoreError> RowLocks::take_turn(Transaction& transaction) {
    const LockName turn{};
    if (held_.contains(turn)) return {};
    if (!held_.empty()) {
        note_lacking({turn});
        return StoreError::busy;
    }
    const bool tries = is_distrusted({turn});
    const auto taken = tries ? try_turn(transaction) : transaction.connection().take_turn();
    if (!taken) return taken.error();
    if (has_many_writers(transaction)) held_.insert(turn);
    return {};
}

Result<void, StoreError> RowLocks::try_turn(Transaction& transaction) {
    auto query = transaction.query(kTryTurnSql);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return StoreError::busy;
    return transaction.connection().take_turn();  // which it has: now it does what comes with it
}

Result<void, StoreError>
RowLocks::lock(Transaction& transaction, const std::vector<EndpointId>& endpoints) {
    if (!has_many_writers(transaction)) return {};
    return lock_names(transaction, names_of(LockKind::endpoint, endpoints));
}

Result<void, StoreError>
RowLocks::lock(Transaction& transaction, const std::vector<DeliveryId>& deliveries) {
    if (!has_many_writers(transaction)) return {};
    return lock_names(transaction, names_of(LockKind::delivery, deliveries));
}

Result<void, StoreError> RowLocks::begin(Transaction& transaction, const LockNames& wanted) {
    if (wanted.contains(LockName{})) {
        const auto taken = take_turn(transaction);
        if (!taken) return taken.error();
    }
    for (const LockKind kind : {LockKind::endpoint, LockKind::delivery}) {
        const auto locked = lock_names(transaction, of_kind(wanted, kind));
        if (!locked) return locked.error();
    }
    return {};
}

// All of one kind.
Result<void, StoreError> RowLocks::lock_names(Transaction& transaction, LockNames wanted) {
    for (const LockName& name : held_) wanted.erase(name);
    if (wanted.empty()) return {};
    const bool is_in_order = held_.empty() || *held_.rbegin() < *wanted.begin();
    const bool waits = is_in_order && !is_distrusted(wanted);
    const auto locked = lock_rows(transaction, wanted, waits ? Patience::wait : Patience::skip);
    if (!locked) return locked.error();
    // One that is skipped may also have gone. The next run waits for it, and will know.
    if (!waits && *locked != wanted.size()) {
        if (!is_in_order) note_lacking(wanted);
        return StoreError::busy;
    }
    held_.merge(wanted);
    return {};
}

Result<std::size_t, StoreError>
RowLocks::lock_rows(Transaction& transaction, const LockNames& rows, Patience patience) {
    const bool waits = patience == Patience::wait;
    const bool of_endpoints = rows.begin()->kind == LockKind::endpoint;
    const Sql& of_endpoint = waits ? kWaitForEndpointsSql : kTryEndpointsSql;
    const Sql& of_delivery = waits ? kWaitForDeliveriesSql : kTryDeliveriesSql;
    std::vector<std::int64_t> ids;
    for (const LockName& row : rows) ids.push_back(row.id);
    const std::string list = number_list(ids);
    auto query = transaction.query(of_endpoints ? of_endpoint : of_delivery);
    query.bind(std::string_view{list});
    if (waits) {
        // Whatever is asked next comes after it, so nobody needs its answer.
        const auto queued = query.run();
        if (!queued) return queued.error();
        return rows.size();
    }
    for (std::size_t count = 0;; ++count) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return count;
    }
}

void RowLocks::distrust_since(const LockNames& held) {
    std::set_difference(
        held_.begin(),
        held_.end(),
        held.begin(),
        held.end(),
        std::inserter(distrusted_, distrusted_.end())
    );
}

bool RowLocks::is_distrusted(const LockNames& wanted) const {
    return std::any_of(wanted.begin(), wanted.end(), [this](const LockName& name) {
        return distrusted_.contains(name);
    });
}

void RowLocks::note_lacking(const LockNames& wanted) {
    lacking_.insert(held_.begin(), held_.end());
    lacking_.insert(wanted.begin(), wanted.end());
}

}  // namespace postern::storage
