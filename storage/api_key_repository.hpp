#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

// The key itself is not stored: a hash to find it by, and a hint to show.
struct ApiKeyRow {
    ApiKeyId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    KeyKind kind = KeyKind::secret;
    std::string key_hash;
    std::string hint;
    std::string name;    // for people
    std::string scopes;  // separated by commas; empty: all that its kind may do
    std::string plan;    // how much it may ask; empty: what keys of its mode may
    TimePoint created_at;
    std::optional<TimePoint> revoked_at;
    std::optional<TimePoint> expires_at;    // works before this moment only
    std::optional<TimePoint> last_used_at;  // to the minute
    std::optional<ApiKeyId> replaced_by;    // the key that it was rolled to

    bool operator==(const ApiKeyRow&) const = default;
};

// Revoked keys are found too: whoever asks decides what to answer.
[[nodiscard]] Result<std::optional<ApiKeyRow>, StoreError>
find_api_key(Connection& connection, Blob key_hash);
[[nodiscard]] Result<std::optional<ApiKeyRow>, StoreError>
find_api_key(Connection& connection, ApiKeyId id);
[[nodiscard]] Result<std::vector<ApiKeyRow>, StoreError>
list_api_keys(Connection& connection, std::optional<AccountId> account);

struct ApiKeyFilter {
    AccountId account;
    Livemode livemode = Livemode::test;
};
[[nodiscard]] Result<Page<ApiKeyRow>, StoreError> list_api_key_page(
    Connection& connection,
    const ApiKeyFilter& filter,
    const PageRequest<ApiKeyId>& page
);
// How many secret keys of that owner work at that moment without an end in sight.
[[nodiscard]] Result<std::int64_t, StoreError>
count_lasting_secret_keys(Connection& connection, const ApiKeyFilter& filter);

// How many keys of every kind work now.
[[nodiscard]] Result<std::int64_t, StoreError>
count_working_keys(Transaction& transaction, const ApiKeyFilter& filter);

// The row's id and creation time are the store's to give. A hash that is there already: constraint.
[[nodiscard]] Result<ApiKeyId, StoreError>
insert_api_key(Transaction& transaction, const ApiKeyRow& row);
enum class Revoked { now, before, unknown };
[[nodiscard]] Result<Revoked, StoreError> revoke_api_key(Transaction& transaction, ApiKeyId id);

struct ApiKeyEnd {
    ApiKeyId replaced_by;
    TimePoint expires_at;
};
// Says which key follows and how long the old one still works.
[[nodiscard]] Result<void, StoreError>
replace_api_key(Transaction& transaction, ApiKeyId id, const ApiKeyEnd& end);
// A later use that was noted already stays.
[[nodiscard]] Result<void, StoreError>
note_api_key_use(Transaction& transaction, ApiKeyId id, TimePoint used_at);

}  // namespace postern::storage
