#pragma once

#include "payments/records/numbered_ranks.hpp"
#include "payments/records/payment_records.hpp"

#include <cstdint>
#include <optional>
#include <vector>

// The payments of an owner in blocks of their numbers, and how many of each block are of one status
// and gateway: what finds a page deep in a filtered list and tells its total, without counting
// rows.
namespace postern::payments {

inline constexpr std::int64_t kBlockNumbers = 4'096;
inline std::int64_t block_of(std::int64_t number) {
    return (number - 1) / kBlockNumbers;  // numbers count from 1
}

// A payment as it is counted.
struct BlockCell {
    std::int64_t block = 0;
    FaceStatus status = FaceStatus::pending;
    storage::GatewayNumber gateway;
    bool operator==(const BlockCell&) const = default;
};
BlockCell cell_of(const Payment& payment);

// In the transaction of the change that is counted.
[[nodiscard]] Result<void, StoreError>
add_to_block(Transaction& transaction, Owner owner, const BlockCell& cell);
[[nodiscard]] Result<void, StoreError>
take_from_block(Transaction& transaction, Owner owner, const BlockCell& cell);

// Numbers have no gaps; nullopt: there is none so great.
[[nodiscard]] Result<std::optional<std::int64_t>, StoreError>
find_id_of_number(Connection& connection, Owner owner, std::int64_t number);

// An owner's payments from one number to another, both included. Numbers and ids grow together, so
// this is a span of time too.
struct NumberSpan {
    std::int64_t first = 1;
    std::int64_t last = 0;
    std::int64_t made = 0;  // the owner's last number
    std::int64_t count() const { return last < first ? 0 : last - first + 1; }
};
struct IdSpan {
    std::optional<std::int64_t> from;   // included
    std::optional<std::int64_t> until;  // not included
};
[[nodiscard]] Result<NumberSpan, StoreError>
numbers_between(Connection& connection, Owner owner, const IdSpan& ids);

// Payments of one kind within a span.
struct KindInSpan {
    Owner owner;
    std::optional<FaceStatus> status;
    std::optional<storage::GatewayNumber> gateway;
    NumberSpan numbers;
};
struct BlockCount {
    std::int64_t block = 0;
    std::int64_t before = 0;  // how many of the kind lie before it
    std::int64_t count = 0;
};
// Oldest block first, those at the span's ends cut to it.
[[nodiscard]] Result<std::vector<BlockCount>, StoreError>
count_in_blocks(Connection& connection, const KindInSpan& kind);
inline std::int64_t total_of(const std::vector<BlockCount>& blocks) {
    return blocks.empty() ? 0 : blocks.back().before + blocks.back().count;
}

// Those number `first` (from 0) and on of the kind, oldest first.
[[nodiscard]] Result<std::vector<Payment>, StoreError> payments_in_blocks(
    Connection& connection,
    const KindInSpan& kind,
    const std::vector<BlockCount>& blocks,
    const RankRange& ranks
);
// The same of all kinds: found by number alone.
[[nodiscard]] Result<std::vector<Payment>, StoreError>
payments_by_number(Connection& connection, Owner owner, const RankRange& numbers);

}  // namespace postern::payments
