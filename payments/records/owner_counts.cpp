#include "payments/records/owner_counts.hpp"

#include "core/assert.hpp"
#include "payments/records/rows.hpp"

namespace postern::payments {
namespace {

constexpr storage::Sql kAddSql{
    "INSERT INTO owner_counts (account_id, livemode, kind, value, count)"
    " VALUES ($1, $2, $3, $4, $5)"
    " ON CONFLICT (account_id, livemode, kind, value)"
    " DO UPDATE SET count = owner_counts.count + excluded.count RETURNING count"};

constexpr storage::Sql kReadSql{
    "SELECT count FROM owner_counts"
    " WHERE account_id = $1 AND livemode = $2 AND kind = $3 AND value = $4"};

}  // namespace

Result<std::int64_t, storage::StoreError>
add_to_count(storage::Transaction& transaction, const CountKey& key, std::int64_t by) {
    auto query = transaction.query(kAddSql);
    bind_owner(query, key.owner).bind(stored(key.what)).bind(key.value).bind(by);
    const auto count = read_count(query);
    if (count) POSTERN_ASSERT(*count >= 0);
    return count;
}

Result<std::int64_t, storage::StoreError>
read_count(storage::Connection& connection, const CountKey& key) {
    auto query = connection.query(kReadSql);
    bind_owner(query, key.owner).bind(stored(key.what)).bind(key.value);
    return read_count(query);
}

}  // namespace postern::payments
