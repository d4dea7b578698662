#include "storage/open_steps.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "storage/meta_repository.hpp"

#include <cstring>

namespace postern::storage {
namespace {

// Each id is a primary key, so this reads one leaf of each.
constexpr Sql kLastIdSql{
    "SELECT COALESCE(MAX(id), 0) FROM ("
    "SELECT MAX(id) AS id FROM inbox"
    " UNION ALL SELECT MAX(id) FROM events"
    " UNION ALL SELECT MAX(id) FROM dedupe_recent"
    " UNION ALL SELECT MAX(id) FROM endpoints"
    " UNION ALL SELECT MAX(id) FROM deliveries"
    " UNION ALL SELECT MAX(id) FROM attempts"
    " UNION ALL SELECT MAX(id) FROM jobs"
    " UNION ALL SELECT MAX(id) FROM customers"
    " UNION ALL SELECT MAX(id) FROM payment_methods"
    " UNION ALL SELECT MAX(id) FROM payments"
    " UNION ALL SELECT MAX(id) FROM charges"
    " UNION ALL SELECT MAX(id) FROM refunds"
    " UNION ALL SELECT MAX(id) FROM disputes"
    " UNION ALL SELECT MAX(id) FROM payouts"
    " UNION ALL SELECT MAX(id) FROM transfers"
    " UNION ALL SELECT MAX(id) FROM transfer_reversals"
    " UNION ALL SELECT MAX(id) FROM ledger_entries"
    " UNION ALL SELECT MAX(id) FROM balance_transactions"
    " UNION ALL SELECT MAX(id) FROM gateway_orders"
    " UNION ALL SELECT MAX(id) FROM sandbox_actions"
    " UNION ALL SELECT MAX(id) FROM sandbox_messages"
    " UNION ALL SELECT MAX(id) FROM request_log"
    " UNION ALL SELECT MAX(id) FROM accounts"
    " UNION ALL SELECT MAX(id) FROM api_keys"
    ") AS last"};

constexpr std::size_t kSipKeyBytes = 16;

Result<SipKey, StoreError> load_or_make_key(WriteConnection& connection, std::string_view name) {
    const std::string fresh = random_bytes(kSipKeyBytes);
    const auto inserted = insert_meta_if_absent(connection, name, Blob{fresh});
    if (!inserted) return inserted.error();
    const auto stored = find_meta(connection, name);
    if (!stored) return stored.error();
    if (!*stored || (*stored)->size() != kSipKeyBytes) return StoreError::failed;
    SipKey key;
    std::memcpy(&key.first, (*stored)->data(), sizeof key.first);
    std::memcpy(&key.second, (*stored)->data() + sizeof key.first, sizeof key.second);
    return key;
}

}  // namespace

Result<StoreKeys, StoreError> load_or_make_keys(WriteConnection& connection) {
    const auto ids = load_or_make_key(connection, kMetaIdKey);
    if (!ids) return ids.error();
    const auto dedupe = load_or_make_key(connection, kMetaDedupeKey);
    if (!dedupe) return dedupe.error();
    return StoreKeys{*ids, *dedupe};
}

Result<std::int64_t, StoreError> find_last_id(Connection& connection) {
    auto query = connection.query(kLastIdSql);
    const auto step = query.step();
    if (!step) return step.error();
    return query.integer(0);
}

}  // namespace postern::storage
