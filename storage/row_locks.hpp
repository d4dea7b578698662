#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "storage/store_error.hpp"

#include <compare>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Who waits for a row while holding another may wait for ever. So rows that several transactions
// want are locked here, and always in one order; what is wanted out of that order is taken only if
// nobody has it. Else the batch is undone and run again, and begins with all that it turned out to
// need, in order. Where one connection writes there is nothing to lock.
namespace postern::storage {

class Sql;
class Transaction;

// In the order in which they are taken.
enum class LockKind : std::uint8_t {
    turn,
    endpoint,  // its sequence, and the order of its payments' deliveries
    delivery,
};

struct LockName {
    LockKind kind = LockKind::turn;
    std::int64_t id = 0;
    auto operator<=>(const LockName&) const = default;
};
using LockNames = std::set<LockName>;

// Those of one transaction.
class RowLocks {
 public:
    // Each waits while another transaction holds one of them, until the lock timeout. Busy: the
    // transaction must be undone and begun again.
    [[nodiscard]] Result<void, StoreError> take_turn(Transaction& transaction);
    [[nodiscard]] Result<void, StoreError>
    lock(Transaction& transaction, const std::vector<EndpointId>& endpoints);
    [[nodiscard]] Result<void, StoreError>
    lock(Transaction& transaction, const std::vector<DeliveryId>& deliveries);

    // Of a transaction that holds nothing: what its predecessor lacked.
    [[nodiscard]] Result<void, StoreError> begin(Transaction& transaction, const LockNames& wanted);
    // What a new transaction in the place of this one is to begin with.
    const LockNames& lacking() const { return lacking_; }

    // Rows that are locked within a savepoint are free again when it is undone.
    LockNames held() const { return held_; }
    void undo_to(LockNames held) { held_ = std::move(held); }
    // One of what was taken since then was waited for in vain. Nobody of this transaction waits for
    // any of it again: what somebody else has is busy at once.
    void distrust_since(const LockNames& held);

 private:
    enum class Patience : std::uint8_t { wait, skip };
    [[nodiscard]] Result<void, StoreError> lock_names(Transaction& transaction, LockNames wanted);
    [[nodiscard]] Result<std::size_t, StoreError>
    lock_rows(Transaction& transaction, const LockNames& rows, Patience patience);
    void note_lacking(const LockNames& wanted);

    [[nodiscard]] Result<void, StoreError> try_turn(Transaction& transaction);
    bool is_distrusted(const LockNames& wanted) const;

    LockNames held_;
    LockNames lacking_;
    LockNames distrusted_;
};

// Numbers as one bound text, "{1,2,3}": for statements of stores with many writers.
template <class Ids>
std::string number_list(const Ids& ids) {
    std::string list{"{"};
    for (const auto& id : ids) {
        if (list.size() > 1) list += ',';
        list += std::to_string(id);
    }
    list += '}';
    return list;
}

}  // namespace postern::storage
