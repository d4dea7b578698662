#include "payments/records/payment_blocks.hpp"

#include "core/assert.hpp"
#include "payments/records/owner_counts.hpp"
#include "payments/records/payment_row.hpp"
#include "payments/records/rows.hpp"
#include "storage/sql_text.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace postern::payments {
namespace {

constexpr storage::Sql kAddSql{
    "INSERT INTO payment_blocks (account_id, livemode, block, face_status, gateway, count)"
    " VALUES ($1, $2, $3, $4, $5, 1)"
    " ON CONFLICT (account_id, livemode, block, face_status, gateway)"
    " DO UPDATE SET count = payment_blocks.count + 1"};

constexpr storage::Sql kTakeSql{
    "UPDATE payment_blocks SET count = count - 1 WHERE account_id = $1 AND livemode = $2"
    " AND block = $3 AND face_status = $4 AND gateway = $5 AND count > 0"};

constexpr storage::Sql kFirstNumberSql{
    "SELECT number FROM payments WHERE account_id = $1 AND livemode = $2 AND id >= $3"
    " ORDER BY id LIMIT 1"};

constexpr storage::Sql kLastNumberSql{
    "SELECT number FROM payments WHERE account_id = $1 AND livemode = $2 AND id < $3"
    " ORDER BY id DESC LIMIT 1"};

constexpr storage::Sql kIdOfNumberSql{
    "SELECT id FROM payments WHERE account_id = $1 AND livemode = $2 AND number = $3"};

constexpr auto kByNumberText = storage::sql_text(
    kSelectPayment,
    " WHERE account_id = $1 AND livemode = $2 AND number >= $3 AND number <= $4 ORDER BY number"
);
constexpr storage::Sql kByNumberSql{kByNumberText.data()};

void bind_cell(storage::Query& query, Owner owner, const BlockCell& cell) {
    bind_owner(query, owner).bind(cell.block).bind(stored(cell.status)).bind(cell.gateway.value);
}

Result<std::optional<std::int64_t>, StoreError> read_number(storage::Query& query) {
    return read_one(query, [](const storage::Query& row) -> Result<std::int64_t, StoreError> {
        return row.integer(0);
    });
}

Result<std::optional<std::int64_t>, StoreError>
number_at(Connection& connection, const storage::Sql& sql, Owner owner, std::int64_t id) {
    auto query = connection.query(sql);
    bind_owner(query, owner).bind(id);
    return read_number(query);
}

// Of the kind's rows: the index of a status knows the gateway too.
std::string_view index_conditions(const KindInSpan& kind) {
    if (kind.status && kind.gateway) return " AND face_status = $5 AND +gateway = $6";
    if (kind.status) return " AND face_status = $5";
    POSTERN_ASSERT(kind.gateway.has_value());
    return " AND gateway = $5";
}

std::string text_of_kind(std::string_view select, const KindInSpan& kind) {
    std::string text{select};
    text += " WHERE account_id = $1 AND livemode = $2 AND id >= $3 AND id <= $4";
    text += index_conditions(kind);
    return text;
}

struct IdsOfBlock {
    std::int64_t first = 0;
    std::int64_t last = 0;
};
void bind_kind(storage::Query& query, const KindInSpan& kind, const IdsOfBlock& ids) {
    bind_owner(query, kind.owner).bind(ids.first).bind(ids.last);
    if (kind.status) query.bind(stored(*kind.status));
    if (kind.gateway) query.bind(kind.gateway->value);
}

NumberSpan numbers_of_block(std::int64_t block, std::int64_t made) {
    const std::int64_t first = block * kBlockNumbers + 1;
    return {.first = first, .last = std::min(first + kBlockNumbers - 1, made), .made = made};
}

NumberSpan common(const NumberSpan& a, const NumberSpan& b) {
    return {.first = std::max(a.first, b.first), .last = std::min(a.last, b.last), .made = a.made};
}

Result<std::int64_t, StoreError>
id_of_number(Connection& connection, Owner owner, std::int64_t number) {
    const auto id = find_id_of_number(connection, owner, number);
    if (!id) return id.error();
    POSTERN_ASSERT(id->has_value());  // numbers have no gaps
    return **id;
}

Result<IdsOfBlock, StoreError>
ids_of(Connection& connection, Owner owner, const NumberSpan& numbers) {
    const auto first = id_of_number(connection, owner, numbers.first);
    if (!first) return first.error();
    const auto last = id_of_number(connection, owner, numbers.last);
    if (!last) return last.error();
    return IdsOfBlock{*first, *last};
}

// A block at an end of the span counts only as far as it lies within.
Result<void, StoreError>
cut_to_span(Connection& connection, const KindInSpan& kind, BlockCount& block) {
    const NumberSpan whole = numbers_of_block(block.block, kind.numbers.made);
    const NumberSpan within = common(kind.numbers, whole);
    if (within.count() == whole.count()) return {};
    const auto ids = ids_of(connection, kind.owner, within);
    if (!ids) return ids.error();
    auto query = connection.query(text_of_kind("SELECT COUNT(*) FROM payments", kind));
    bind_kind(query, kind, *ids);
    const auto count = read_count(query);
    if (!count) return count.error();
    block.count = *count;
    return {};
}

Result<std::vector<BlockCount>, StoreError>
read_blocks(Connection& connection, const KindInSpan& kind) {
    storage::ListQuery list;
    where_owner(list, kind.owner);
    list.where("block >=", block_of(kind.numbers.first));
    list.where("block <=", block_of(kind.numbers.last));
    if (kind.status) list.where("face_status =", stored(*kind.status));
    if (kind.gateway) list.where("gateway =", kind.gateway->value);
    auto query = connection.query(
        list.text_of_all("SELECT block, SUM(count) FROM payment_blocks")
        + " GROUP BY block ORDER BY block"
    );
    list.bind_to_all(query);
    return read_all(query, [](const storage::Query& row) -> Result<BlockCount, StoreError> {
        return BlockCount{.block = row.integer(0), .count = row.integer(1)};
    });
}

}  // namespace

Result<std::optional<std::int64_t>, StoreError>
find_id_of_number(Connection& connection, Owner owner, std::int64_t number) {
    return number_at(connection, kIdOfNumberSql, owner, number);
}

BlockCell cell_of(const Payment& payment) {
    return {block_of(payment.number), face_status_of(payment), payment.gateway};
}

Result<void, StoreError>
add_to_block(Transaction& transaction, Owner owner, const BlockCell& cell) {
    auto query = transaction.query(kAddSql);
    bind_cell(query, owner, cell);
    return query.run();
}

Result<void, StoreError>
take_from_block(Transaction& transaction, Owner owner, const BlockCell& cell) {
    auto query = transaction.query(kTakeSql);
    bind_cell(query, owner, cell);
    const auto done = query.run();
    if (!done) return done.error();
    POSTERN_ASSERT(query.changed_rows() == 1);
    return {};
}

Result<NumberSpan, StoreError>
numbers_between(Connection& connection, Owner owner, const IdSpan& ids) {
    const auto made = read_count(connection, {.owner = owner, .what = Counted::payments});
    if (!made) return made.error();
    NumberSpan span{.first = 1, .last = *made, .made = *made};
    if (ids.from) {
        const auto first = number_at(connection, kFirstNumberSql, owner, *ids.from);
        if (!first) return first.error();
        span.first = *first ? **first : *made + 1;
    }
    if (ids.until) {
        const auto last = number_at(connection, kLastNumberSql, owner, *ids.until);
        if (!last) return last.error();
        span.last = *last ? **last : 0;
    }
    return span;
}

Result<std::vector<BlockCount>, StoreError>
count_in_blocks(Connection& connection, const KindInSpan& kind) {
    if (kind.numbers.count() == 0) return std::vector<BlockCount>{};
    auto blocks = read_blocks(connection, kind);
    if (!blocks) return blocks.error();
    std::int64_t before = 0;
    for (BlockCount& block : *blocks) {
        const auto cut = cut_to_span(connection, kind, block);
        if (!cut) return cut.error();
        block.before = before;
        before += block.count;
    }
    return blocks;
}

Result<std::vector<Payment>, StoreError> payments_in_blocks(
    Connection& connection,
    const KindInSpan& kind,
    const std::vector<BlockCount>& blocks,
    const RankRange& ranks
) {
    const auto next =
        std::partition_point(blocks.begin(), blocks.end(), [&ranks](const BlockCount& block) {
            return block.before <= ranks.first;
        });
    if (next == blocks.begin() || ranks.count <= 0) return std::vector<Payment>{};
    const BlockCount& block = *std::prev(next);
    NumberSpan within = kind.numbers;
    within.first = std::max(within.first, numbers_of_block(block.block, within.made).first);
    const auto ids = ids_of(connection, kind.owner, within);
    if (!ids) return ids.error();
    const int limit = kind.status && kind.gateway ? 7 : 6;
    std::string text = text_of_kind(kSelectPayment, kind);
    text.append(" ORDER BY id LIMIT $").append(std::to_string(limit));
    text.append(" OFFSET $").append(std::to_string(limit + 1));
    auto query = connection.query(text);
    bind_kind(query, kind, *ids);
    query.bind(ranks.count).bind(ranks.first - block.before);
    return read_all(query, read_payment);
}

Result<std::vector<Payment>, StoreError>
payments_by_number(Connection& connection, Owner owner, const RankRange& numbers) {
    auto query = connection.query(kByNumberSql);
    bind_owner(query, owner).bind(numbers.first).bind(numbers.first + numbers.count - 1);
    return read_all(query, read_payment);
}

}  // namespace postern::payments
