#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct AccountRow {
    AccountId id;
    std::string name;
    TimePoint created_at;

    bool operator==(const AccountRow&) const = default;
};

// Made with the store, for operators who serve one merchant and for events that name nobody else.
inline constexpr AccountId kDefaultAccount{1};

[[nodiscard]] Result<std::vector<AccountRow>, StoreError> list_accounts(Connection& connection);
[[nodiscard]] Result<std::optional<AccountRow>, StoreError>
find_account(Connection& connection, AccountId id);
[[nodiscard]] Result<AccountId, StoreError>
insert_account(Transaction& transaction, std::string_view name);

// Called when a store is opened.
[[nodiscard]] Result<void, StoreError>
ensure_default_account(WriteConnection& connection, TimePoint now);

}  // namespace postern::storage
