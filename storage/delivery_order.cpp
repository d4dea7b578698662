#include "storage/delivery_columns.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/sql_text.hpp"

namespace postern::storage {
namespace {

// A partial index is used only when the statement repeats its condition word for word.
constexpr char kOfKey[] = " WHERE endpoint_id = $1 AND order_key = $2 AND order_key <> 0";

// The sequence is taken under a lock, so it tells who was first whatever clock made the ids.
constexpr auto kFirstOpenText =
    sql_text(kSelectDeliveries, kOfKey, " AND queue IS NOT NULL ORDER BY sequence LIMIT 1");
constexpr Sql kFirstOpenSql{kFirstOpenText.data()};

// 2: held.
constexpr auto kFirstHeldText =
    sql_text(kSelectDeliveries, kOfKey, " AND queue = 2 ORDER BY sequence LIMIT 1");
constexpr Sql kFirstHeldSql{kFirstHeldText.data()};
static_assert(static_cast<int>(DeliveryQueue::held) == 2);

// 2: delivered.
constexpr auto kNewerDeliveredText = sql_text(
    "SELECT 1 FROM deliveries",
    kOfKey,
    " AND sequence > (SELECT sequence FROM deliveries WHERE id = $3) AND state = 2 LIMIT 1"
);
constexpr Sql kNewerDeliveredSql{kNewerDeliveredText.data()};
static_assert(static_cast<int>(DeliveryState::delivered) == 2);

Result<std::optional<DeliveryRow>, StoreError>
first_of_key(Connection& connection, const Sql& sql, const KeyAtEndpoint& key) {
    auto query = connection.query(sql);
    query.bind(key.endpoint.value).bind(key.order_key);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<DeliveryRow>{};
    return std::optional<DeliveryRow>{read_delivery(query)};
}

}  // namespace

Result<std::optional<DeliveryRow>, StoreError>
first_open_of_key(Connection& connection, const KeyAtEndpoint& key) {
    return first_of_key(connection, kFirstOpenSql, key);
}

Result<std::optional<DeliveryRow>, StoreError>
first_held_of_key(Connection& connection, const KeyAtEndpoint& key) {
    return first_of_key(connection, kFirstHeldSql, key);
}

Result<bool, StoreError>
has_newer_delivered(Connection& connection, const KeyAtEndpoint& key, DeliveryId id) {
    auto query = connection.query(kNewerDeliveredSql);
    query.bind(key.endpoint.value).bind(key.order_key).bind(id.value);
    const auto step = query.step();
    if (!step) return step.error();
    return *step == Step::row;
}

}  // namespace postern::storage
