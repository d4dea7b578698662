#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

// The key itself is not stored: a hash to find it by, and a hint to show.
struct ApiKeyRow {
    ApiKeyId id;
    AccountId account;
    Livemode livemode = Livemode::test;
    KeyScope scope = KeyScope::full;
    std::string key_hash;
    std::string hint;
    TimePoint created_at;
    std::optional<TimePoint> revoked_at;

    bool operator==(const ApiKeyRow&) const = default;
};

// Revoked keys are found too: whoever asks decides what to answer.
[[nodiscard]] Result<std::optional<ApiKeyRow>, StoreError>
find_api_key(Connection& connection, Blob key_hash);
[[nodiscard]] Result<std::vector<ApiKeyRow>, StoreError>
list_api_keys(Connection& connection, std::optional<AccountId> account);
// The row's id and creation time are the store's to give. A hash that is there already: constraint.
[[nodiscard]] Result<ApiKeyId, StoreError>
insert_api_key(Transaction& transaction, const ApiKeyRow& row);
enum class Revoked { now, before, unknown };
[[nodiscard]] Result<Revoked, StoreError> revoke_api_key(Transaction& transaction, ApiKeyId id);

}  // namespace postern::storage
