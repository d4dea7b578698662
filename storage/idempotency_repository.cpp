#include "storage/idempotency_repository.hpp"

namespace postern::storage {
namespace {

constexpr Sql kFindSql{
    "SELECT account_id, livemode, key, request_hash, status, created_at, reply"
    " FROM idempotent_replies WHERE account_id = $1 AND livemode = $2 AND key = $3"};

constexpr Sql kPutSql{
    "INSERT INTO idempotent_replies (account_id, livemode, key, request_hash, status, created_at,"
    " reply) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account_id, livemode, key) DO UPDATE"
    " SET request_hash = excluded.request_hash, status = excluded.status,"
    " created_at = excluded.created_at, reply = excluded.reply"};

// A few at a time, since the writer serves nobody else meanwhile.
constexpr Sql kForgetSql{
    "DELETE FROM idempotent_replies WHERE (account_id, livemode, key) IN"
    " (SELECT account_id, livemode, key FROM idempotent_replies"
    " WHERE created_at >= $1 AND created_at < $2 ORDER BY created_at LIMIT $3)"
    " RETURNING created_at"};
constexpr std::int64_t kForgetRowsMax = 256;

}  // namespace

Result<std::optional<IdempotencyRow>, StoreError>
find_idempotent_reply(Connection& connection, const IdempotencyRow& which) {
    auto query = connection.query(kFindSql);
    query.bind(which.account.value).bind(static_cast<std::int64_t>(which.livemode));
    query.bind(which.key);
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == Step::done) return std::optional<IdempotencyRow>{};
    IdempotencyRow row;
    row.account = AccountId{query.integer(0)};
    row.livemode = static_cast<Livemode>(query.integer(1));
    row.key = query.text(2);
    row.request_hash = query.bytes(3);
    row.status = query.integer(4);
    row.created_at = query.time(5);
    row.reply = query.bytes(6);
    return std::optional<IdempotencyRow>{std::move(row)};
}

Result<void, StoreError> put_idempotent_reply(Transaction& transaction, const IdempotencyRow& row) {
    auto query = transaction.query(kPutSql);
    query.bind(row.account.value).bind(static_cast<std::int64_t>(row.livemode)).bind(row.key);
    query.bind(Blob{row.request_hash}).bind(row.status).bind(row.created_at);
    query.bind(Blob{row.reply});
    return query.run();
}

Result<SweptRows, StoreError>
forget_idempotent_replies(Transaction& transaction, const OldRows& old) {
    auto query = transaction.query(kForgetSql);
    query.bind(old.after).bind(old.before).bind(kForgetRowsMax);
    return run_sweep(query, old);
}

}  // namespace postern::storage
