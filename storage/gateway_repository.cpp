#include "storage/gateway_repository.hpp"

#include "core/assert.hpp"

namespace postern::storage {
namespace {

constexpr Sql kListSql{
    "SELECT number, name, kind, account_id, created_at FROM gateways ORDER BY number"};
// Numbers count up and are never given twice: gateways are not deleted.
constexpr Sql kInsertSql{
    "INSERT INTO gateways (number, name, kind, account_id, created_at)"
    " SELECT COALESCE(MAX(number), 0) + 1, $1, $2, $3, $4 FROM gateways WHERE number > 0"
    " ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, account_id = excluded.account_id"
    " RETURNING number"};

}  // namespace

Result<std::vector<GatewayRow>, StoreError> list_gateways(Connection& connection) {
    auto query = connection.query(kListSql);
    std::vector<GatewayRow> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return rows;
        GatewayRow row;
        row.number = GatewayNumber{query.integer(0)};
        row.name = query.text(1);
        row.kind = query.text(2);
        if (!query.is_null(3)) row.account = AccountId{query.integer(3)};
        row.created_at = query.time(4);
        rows.push_back(std::move(row));
    }
}

Result<GatewayNumber, StoreError>
find_or_insert_gateway(Transaction& transaction, const GatewayRow& row) {
    auto query = transaction.query(kInsertSql);
    query.bind(row.name).bind(row.kind);
    query.bind(row.account ? std::optional{row.account->value} : std::nullopt);
    query.bind(transaction.now());
    const auto step = query.step();
    if (!step) return step.error();
    POSTERN_ASSERT(*step == Step::row);
    return GatewayNumber{query.integer(0)};
}

}  // namespace postern::storage
