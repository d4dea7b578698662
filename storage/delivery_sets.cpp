#include "storage/delivery_sets.hpp"

#include "storage/delivery_columns.hpp"
#include "storage/row_locks.hpp"
#include "storage/sql_text.hpp"

#include <map>

namespace postern::storage {
namespace {

// What never changes in a delivery but to 0: read without a lock, it tells which locks are needed.
constexpr Sql kOrderedSql{
    "SELECT DISTINCT endpoint_id FROM deliveries"
    " WHERE id = ANY ($1::bigint[]) AND order_key <> 0"};

constexpr Sql kLockOrderedSql{
    "SELECT endpoint_id FROM endpoint_sequences WHERE endpoint_id IN"
    " (SELECT endpoint_id FROM deliveries WHERE id = ANY ($1::bigint[]) AND order_key <> 0)"
    " ORDER BY endpoint_id FOR UPDATE"};

// Asked after the locks, since what was read before them may have changed meanwhile.
constexpr auto kFindAllText =
    sql_text(kSelectDeliveries, " WHERE id = ANY ($1::bigint[]) ORDER BY id");
constexpr Sql kFindAllSql{kFindAllText.data()};

// One look into the index for each key, however many deliveries there are. The sequence is taken
// under the lock and tells who was first; ids are made by the clocks of several nodes.
constexpr auto kFirstOpenText = sql_text(
    kSelectDeliveries,
    " WHERE id = ANY (ARRAY ("
    "SELECT (SELECT open.id FROM deliveries AS open WHERE open.endpoint_id = wanted.endpoint_id"
    " AND open.order_key = wanted.order_key AND open.order_key <> 0 AND open.queue IS NOT NULL"
    " ORDER BY open.sequence LIMIT 1)"
    " FROM unnest($1::bigint[], $2::bigint[]) AS wanted (endpoint_id, order_key)))"
);
constexpr Sql kFirstOpenSql{kFirstOpenText.data()};

struct DeliveryList {
    const std::vector<DeliveryId>& ids;
    std::string_view text;
};

bool is_asked_one_by_one(Transaction& transaction) {
    return transaction.connection().writers() == Writers::one;
}

template <class Wanted, class Find>
Result<FoundDeliveries, StoreError> find_each(const std::vector<Wanted>& wanted, Find find) {
    FoundDeliveries found;
    found.reserve(wanted.size());
    for (const Wanted& one : wanted) {
        auto row = find(one);
        if (!row) return row.error();
        found.push_back(std::move(*row));
    }
    return found;
}

Result<std::vector<DeliveryRow>, StoreError> read_all(Query& query) {
    std::vector<DeliveryRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        rows.push_back(read_delivery(query));
    }
}

Result<std::vector<EndpointId>, StoreError> read_endpoints(Query& query) {
    std::vector<EndpointId> endpoints;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return endpoints;
        endpoints.push_back(EndpointId{query.integer(0)});
    }
}

Result<std::vector<DeliveryRow>, StoreError>
lock_and_find(Transaction& transaction, const DeliveryList& wanted) {
    auto ordered = transaction.query(kOrderedSql);
    const auto endpoints = read_endpoints(ordered.bind(wanted.text));
    if (!endpoints) return endpoints.error();
    RowLocks& locks = transaction.locks();
    const auto in_line = locks.lock(transaction, *endpoints);
    if (!in_line) return in_line.error();
    const auto locked = locks.lock(transaction, wanted.ids);
    if (!locked) return locked.error();
    auto query = transaction.query(kFindAllSql);
    return read_all(query.bind(wanted.text));
}

// Where no row is locked yet, the endpoints may be waited for before anybody knows which they are.
// So all of it is asked at once, and the endpoints, which are ours by then, are noted afterwards.
Result<std::vector<DeliveryRow>, StoreError>
lock_and_find_at_once(Transaction& transaction, const DeliveryList& wanted) {
    auto ordered = transaction.query(kLockOrderedSql);
    const auto in_line = ordered.bind(wanted.text).run();
    if (!in_line) return in_line.error();
    const auto locked = transaction.locks().lock(transaction, wanted.ids);
    if (!locked) return locked.error();
    auto query = transaction.query(kFindAllSql);
    auto rows = read_all(query.bind(wanted.text));
    if (!rows) return rows.error();
    const auto endpoints = read_endpoints(ordered);
    if (!endpoints) return endpoints.error();
    const auto noted = transaction.locks().lock(transaction, *endpoints);
    if (!noted) return noted.error();
    return rows;
}

bool holds_rows(Transaction& transaction) {
    const LockNames held = transaction.locks().held();
    return !held.empty() && held.rbegin()->kind != LockKind::turn;
}

template <class Wanted, class Key>
FoundDeliveries in_order_of(
    const std::vector<Wanted>& wanted,
    const std::map<Key, DeliveryRow>& rows,
    Key (*key_of)(const Wanted&)
) {
    FoundDeliveries found;
    found.reserve(wanted.size());
    for (const Wanted& one : wanted) {
        const auto row = rows.find(key_of(one));
        found.push_back(row == rows.end() ? std::nullopt : std::optional{row->second});
    }
    return found;
}

}  // namespace

Result<FoundDeliveries, StoreError>
find_deliveries_to_change(Transaction& transaction, const std::vector<DeliveryId>& ids) {
    if (is_asked_one_by_one(transaction)) {
        return find_each(ids, [&transaction](DeliveryId id) {
            return find_delivery(transaction.connection(), id);
        });
    }
    if (ids.empty()) return FoundDeliveries{};
    std::vector<std::int64_t> numbers;
    for (const DeliveryId id : ids) numbers.push_back(id.value);
    const std::string list = number_list(numbers);
    const DeliveryList wanted{ids, list};
    const auto rows = holds_rows(transaction) ? lock_and_find(transaction, wanted)
                                              : lock_and_find_at_once(transaction, wanted);
    if (!rows) return rows.error();
    std::map<DeliveryId, DeliveryRow> by_id;
    for (const DeliveryRow& row : *rows) by_id.emplace(row.id, row);
    return in_order_of<DeliveryId, DeliveryId>(ids, by_id, [](const DeliveryId& id) { return id; });
}

Result<FoundDeliveries, StoreError>
first_open_of_keys(Transaction& transaction, const std::vector<KeyAtEndpoint>& keys) {
    if (is_asked_one_by_one(transaction)) {
        return find_each(keys, [&transaction](const KeyAtEndpoint& key) {
            return first_open_of_key(transaction.connection(), key);
        });
    }
    if (keys.empty()) return FoundDeliveries{};
    std::vector<std::int64_t> endpoints;
    std::vector<std::int64_t> order_keys;
    for (const KeyAtEndpoint& key : keys) {
        endpoints.push_back(key.endpoint.value);
        order_keys.push_back(key.order_key);
    }
    const std::string endpoint_list = number_list(endpoints);
    const std::string key_list = number_list(order_keys);
    auto query = transaction.query(kFirstOpenSql);
    query.bind(std::string_view{endpoint_list}).bind(std::string_view{key_list});
    const auto rows = read_all(query);
    if (!rows) return rows.error();
    using Pair = std::pair<std::int64_t, std::int64_t>;
    std::map<Pair, DeliveryRow> by_key;
    for (const DeliveryRow& row : *rows) {
        by_key.emplace(Pair{row.endpoint.value, row.order_key}, row);
    }
    return in_order_of<KeyAtEndpoint, Pair>(keys, by_key, [](const KeyAtEndpoint& key) {
        return Pair{key.endpoint.value, key.order_key};
    });
}

Result<void, StoreError>
change_found_delivery(Transaction& transaction, const DeliveryChange& change) {
    // Asking how many rows were changed would be a round trip.
    if (!is_asked_one_by_one(transaction)) return queue_delivery_change(transaction, change);
    const auto applied = change_delivery(transaction, change);
    if (!applied) return applied.error();
    if (!*applied) return StoreError::busy;
    return {};
}

}  // namespace postern::storage
