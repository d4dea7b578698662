#include "payments/records/payment_runs.hpp"

#include "core/assert.hpp"
#include "payments/records/payment_row.hpp"
#include "payments/records/rows.hpp"

#include <algorithm>
#include <iterator>
#include <string>

namespace postern::payments {
namespace {

using storage::Sql;

constexpr std::string_view kKeyColumns = "amount_thousandths, id";
constexpr char kInOrder[] = " ORDER BY amount_thousandths, id";

constexpr Sql kRunOfSql{
    "SELECT amount_thousandths, id FROM payment_runs WHERE account_id = $1 AND livemode = $2"
    " AND (amount_thousandths, id) <= ($3, $4)"
    " ORDER BY amount_thousandths DESC, id DESC LIMIT 1"};

constexpr Sql kAddSql{
    "INSERT INTO payment_runs"
    " (account_id, livemode, amount_thousandths, id, face_status, gateway, count)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7)"
    " ON CONFLICT (account_id, livemode, amount_thousandths, id, face_status, gateway)"
    " DO UPDATE SET count = payment_runs.count + excluded.count RETURNING count"};

constexpr Sql kLengthSql{
    "SELECT COALESCE(SUM(count), 0) FROM payment_runs WHERE account_id = $1 AND livemode = $2"
    " AND amount_thousandths = $3 AND id = $4"};

constexpr Sql kDeleteSql{
    "DELETE FROM payment_runs WHERE account_id = $1 AND livemode = $2"
    " AND amount_thousandths = $3 AND id = $4"};

// A run is measured when a count in it has grown by so many.
constexpr std::int64_t kMeasuredEvery = 32;

// The order from (amount_thousandths, id) on, as two ranges of the index: SQLite compares a pair
// with an index by its first part only where the second is the row's own id. Parameters $1 to $4
// are the owner and the pair; what `also` needs comes after them.
std::string order_from(std::string_view columns, std::string_view also) {
    std::string text{"SELECT "};
    text.append(columns).append(" FROM payments WHERE account_id = $1 AND livemode = $2");
    text.append(" AND amount_thousandths = $3 AND id >= $4").append(also);
    text.append(" UNION ALL SELECT ").append(columns);
    text.append(" FROM payments WHERE account_id = $1 AND livemode = $2");
    text.append(" AND amount_thousandths > $3").append(also);
    return text;
}

storage::Query& bind_key(storage::Query& query, Owner owner, const AmountKey& key) {
    return bind_owner(query, owner).bind(key.thousandths).bind(key.id);
}

std::string parameter(int number) {
    return "$" + std::to_string(number);
}

// The kind's conditions, whose parameters begin at `first`, and the number after them.
struct KindConditions {
    std::string text;
    int next = 0;
};
KindConditions conditions_of(const AmountOrder& order, int first) {
    KindConditions conditions{.next = first};
    if (order.status)
        conditions.text.append(" AND face_status = ").append(parameter(conditions.next++));
    if (order.gateway)
        conditions.text.append(" AND gateway = ").append(parameter(conditions.next++));
    return conditions;
}
void bind_kind(storage::Query& query, const AmountOrder& order) {
    if (order.status) query.bind(stored(*order.status));
    if (order.gateway) query.bind(order.gateway->value);
}

Result<AmountKey, StoreError> read_key(const storage::Query& query) {
    return AmountKey{query.integer(0), query.integer(1)};
}

// Where the run begins in which the payment lies.
Result<AmountKey, StoreError> run_of(Connection& connection, Owner owner, const AmountKey& key) {
    auto query = connection.query(kRunOfSql);
    const auto found = read_one(bind_key(query, owner, key), read_key);
    if (!found) return found.error();
    return found->value_or(AmountKey{});
}

Result<std::int64_t, StoreError>
add(Transaction& transaction, Owner owner, const RunCell& cell, std::int64_t count) {
    auto query = transaction.query(kAddSql);
    bind_key(query, owner, cell.key).bind(stored(cell.status)).bind(cell.gateway.value);
    return read_count(query.bind(count));
}

struct Stretch {
    AmountKey first;
    std::int64_t count = 0;
};
struct CountedCell {
    RunCell cell;
    std::int64_t count = 0;
};
// Counts the payments themselves.
Result<std::vector<CountedCell>, StoreError>
count_cells(Connection& connection, Owner owner, const Stretch& stretch) {
    auto query = connection.query(
        "SELECT face_status, gateway, COUNT(*) FROM ("
        + order_from("amount_thousandths, id, face_status, gateway", {}) + kInOrder
        + " LIMIT $5) AS stretch GROUP BY face_status, gateway"
    );
    bind_key(query, owner, stretch.first).bind(stretch.count);
    return read_all(query, [&stretch](const storage::Query& row) {
        const RunCell cell{
            stretch.first,
            static_cast<FaceStatus>(row.integer(0)),
            storage::GatewayNumber{row.integer(1)}};
        return Result<CountedCell, StoreError>{CountedCell{cell, row.integer(2)}};
    });
}

Result<void, StoreError> count_run(Transaction& transaction, Owner owner, const Stretch& stretch) {
    const auto cells = count_cells(transaction.connection(), owner, stretch);
    if (!cells) return cells.error();
    for (const CountedCell& counted : *cells) {
        const auto added = add(transaction, owner, counted.cell, counted.count);
        if (!added) return added.error();
    }
    return {};
}

Result<AmountKey, StoreError>
key_in(Connection& connection, Owner owner, const AmountKey& first, std::int64_t offset) {
    auto query = connection.query(order_from(kKeyColumns, {}) + kInOrder + " LIMIT 1 OFFSET $5");
    const auto key = read_one(bind_key(query, owner, first).bind(offset), read_key);
    if (!key) return key.error();
    POSTERN_ASSERT(key->has_value());
    return **key;
}

Result<void, StoreError>
cut_if_long(Transaction& transaction, Owner owner, const AmountKey& first) {
    auto query = transaction.query(kLengthSql);
    const auto length = read_count(bind_key(query, owner, first));
    if (!length) return length.error();
    if (*length <= kRunPaymentsMax) return {};
    const std::int64_t kept = *length / 2;
    const auto middle = key_in(transaction.connection(), owner, first, kept);
    if (!middle) return middle.error();
    auto removal = transaction.query(kDeleteSql);
    const auto removed = bind_key(removal, owner, first).run();
    if (!removed) return removed.error();
    const auto counted = count_run(transaction, owner, {first, kept});
    if (!counted) return counted.error();
    return count_run(transaction, owner, {*middle, *length - kept});
}

// The last run that begins before what the predicate says; nullptr: none does.
template <class Predicate>
const AmountRun* last_run(const AmountOrder& order, Predicate begins_before) {
    const auto next = std::partition_point(order.runs.begin(), order.runs.end(), begins_before);
    return next == order.runs.begin() ? nullptr : &*std::prev(next);
}

}  // namespace

RunCell run_cell_of(const Payment& payment) {
    const AmountKey key{thousandths_of(payment.amount), payment.id.value};
    return {key, face_status_of(payment), payment.gateway};
}

Result<void, StoreError> add_to_runs(Transaction& transaction, Owner owner, const RunCell& cell) {
    const auto first = run_of(transaction.connection(), owner, cell.key);
    if (!first) return first.error();
    const auto count = add(transaction, owner, {*first, cell.status, cell.gateway}, 1);
    if (!count) return count.error();
    if (*count % kMeasuredEvery != 0) return {};
    return cut_if_long(transaction, owner, *first);
}

Result<void, StoreError>
take_from_runs(Transaction& transaction, Owner owner, const RunCell& cell) {
    const auto first = run_of(transaction.connection(), owner, cell.key);
    if (!first) return first.error();
    const auto count = add(transaction, owner, {*first, cell.status, cell.gateway}, -1);
    if (!count) return count.error();
    POSTERN_ASSERT(*count >= 0);
    return {};
}

Result<void, StoreError> read_runs(Connection& connection, AmountOrder& order) {
    const KindConditions kind = conditions_of(order, 1);
    std::string text = "SELECT amount_thousandths, id, SUM(CASE WHEN 0 = 0";
    text.append(kind.text).append(" THEN count ELSE 0 END) FROM payment_runs");
    text.append(" WHERE account_id = ").append(parameter(kind.next));
    text.append(" AND livemode = ").append(parameter(kind.next + 1));
    text.append(" GROUP BY amount_thousandths, id").append(kInOrder);
    auto query = connection.query(text);
    bind_kind(query, order);
    bind_owner(query, order.owner);
    std::int64_t before = 0;
    auto runs = read_all(query, [&before](const storage::Query& row) {
        const AmountRun run{{row.integer(0), row.integer(1)}, before, row.integer(2)};
        before += run.count;
        return Result<AmountRun, StoreError>{run};
    });
    if (!runs) return runs.error();
    order.runs = std::move(*runs);
    return {};
}

Result<std::int64_t, StoreError>
count_below(Connection& connection, const AmountOrder& order, std::int64_t thousandths) {
    const AmountRun* run = last_run(order, [thousandths](const AmountRun& each) {
        return each.first < AmountKey{.thousandths = thousandths};
    });
    if (run == nullptr) return 0;
    const KindConditions kind = conditions_of(order, 6);
    auto query = connection.query(
        "SELECT COUNT(*) FROM (" + order_from("id", " AND amount_thousandths < $5" + kind.text)
        + ") AS below"
    );
    bind_key(query, order.owner, run->first).bind(thousandths);
    bind_kind(query, order);
    const auto within = read_count(query);
    if (!within) return within.error();
    return run->before + *within;
}

Result<std::vector<Payment>, StoreError>
payments_by_amount(Connection& connection, const AmountOrder& order, const RankRange& ranks) {
    const AmountRun* run =
        last_run(order, [&ranks](const AmountRun& each) { return each.before <= ranks.first; });
    if (run == nullptr || ranks.count <= 0) return std::vector<Payment>{};
    const KindConditions kind = conditions_of(order, 5);
    std::string text = std::string{kSelectPayment} + " WHERE id IN (SELECT id FROM ("
                       + order_from(kKeyColumns, kind.text) + kInOrder + " LIMIT "
                       + parameter(kind.next) + " OFFSET " + parameter(kind.next + 1) + ") AS page)"
                       + kInOrder;
    auto query = connection.query(text);
    bind_key(query, order.owner, run->first);
    bind_kind(query, order);
    query.bind(ranks.count).bind(ranks.first - run->before);
    return read_all(query, read_payment);
}

}  // namespace postern::payments
