#include "payments/records/payment_metadata.hpp"

#include "payments/records/rows.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

constexpr storage::Sql kInsertSql{
    "INSERT INTO payment_metadata (account_id, livemode, name, value, payment_id)"
    " VALUES ($1, $2, $3, $4, $5)"};

constexpr storage::Sql kDeleteSql{
    "DELETE FROM payment_metadata WHERE account_id = $1 AND livemode = $2 AND name = $3"
    " AND value = $4 AND payment_id = $5"};

using Pair = Metadata::value_type;

Result<void, StoreError> write_pair(
    Transaction& transaction,
    const storage::Sql& sql,
    const Payment& payment,
    const Pair& pair
) {
    auto query = transaction.query(sql);
    bind_owner(query, payment.owner).bind(pair.first).bind(pair.second).bind(payment.id.value);
    return query.run();
}

struct Difference {
    const Metadata& of;
    const Metadata& without;
};
Result<void, StoreError> write_difference(
    Transaction& transaction,
    const storage::Sql& sql,
    const Payment& payment,
    Difference pairs
) {
    for (const Pair& pair : pairs.of) {
        const auto& others = pairs.without;
        if (std::find(others.begin(), others.end(), pair) != others.end()) continue;
        const auto written = write_pair(transaction, sql, payment, pair);
        if (!written) return written.error();
    }
    return {};
}

}  // namespace

Result<void, StoreError> index_metadata(Transaction& transaction, const Payment& payment) {
    return reindex_metadata(transaction, payment, {});
}

Result<void, StoreError>
reindex_metadata(Transaction& transaction, const Payment& payment, const Metadata& before) {
    const Metadata& after = payment.details.metadata;
    if (after == before) return {};
    const auto taken = write_difference(transaction, kDeleteSql, payment, {before, after});
    if (!taken) return taken.error();
    return write_difference(transaction, kInsertSql, payment, {after, before});
}

}  // namespace postern::payments
