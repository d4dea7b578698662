#pragma once

#include "payments/records/payment_blocks.hpp"

#include <cstdint>
#include <vector>

// The payments of an owner in the order of their amounts, cut into runs, and how many of each run
// are of one status and gateway: a page deep in that order, or the number of payments in a range of
// amounts, costs a look at the runs and at a part of one. A run that grows too long is cut in two.
namespace postern::payments {

// About: a run is measured now and then only.
inline constexpr std::int64_t kRunPaymentsMax = 4'096;

struct AmountKey {
    std::int64_t thousandths = 0;
    std::int64_t id = 0;
    auto operator<=>(const AmountKey&) const = default;
};
// A payment as it is counted.
struct RunCell {
    AmountKey key;
    FaceStatus status = FaceStatus::pending;
    storage::GatewayNumber gateway;
    bool operator==(const RunCell&) const = default;
};
RunCell run_cell_of(const Payment& payment);

// In the transaction that wrote the payment's row, and after it.
[[nodiscard]] Result<void, StoreError>
add_to_runs(Transaction& transaction, Owner owner, const RunCell& cell);
[[nodiscard]] Result<void, StoreError>
take_from_runs(Transaction& transaction, Owner owner, const RunCell& cell);

struct AmountRun {
    AmountKey first;
    std::int64_t before = 0;  // how many of the kind lie before it
    std::int64_t count = 0;   // of the kind
};
// All runs, counted for one kind of payments: absent is any.
struct AmountOrder {
    Owner owner;
    std::optional<FaceStatus> status;
    std::optional<storage::GatewayNumber> gateway;
    std::vector<AmountRun> runs = {};
    std::int64_t total() const { return runs.empty() ? 0 : runs.back().before + runs.back().count; }
};
[[nodiscard]] Result<void, StoreError> read_runs(Connection& connection, AmountOrder& order);
// How many of the kind cost less.
[[nodiscard]] Result<std::int64_t, StoreError>
count_below(Connection& connection, const AmountOrder& order, std::int64_t thousandths);
// Those of the kind with these places in the order.
[[nodiscard]] Result<std::vector<Payment>, StoreError>
payments_by_amount(Connection& connection, const AmountOrder& order, const RankRange& ranks);

}  // namespace postern::payments
