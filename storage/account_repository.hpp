#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct AccountRow {
    AccountId id;
    std::string name;
    std::optional<AccountId> parent;  // whose keys may act for it
    std::string uid;                  // the parent's own name for it; empty: none; unique there
    std::string metadata = "{}";      // JSON
    TimePoint created_at;
    TimePoint updated_at;
    std::optional<TimePoint> deleted_at;

    bool operator==(const AccountRow&) const = default;
};

// Made with the store, for operators who serve one merchant and for events that name nobody else.
inline constexpr AccountId kDefaultAccount{1};

[[nodiscard]] Result<std::vector<AccountRow>, StoreError> list_accounts(Connection& connection);
[[nodiscard]] Result<std::optional<AccountRow>, StoreError>
find_account(Connection& connection, AccountId id);
[[nodiscard]] Result<AccountId, StoreError>
insert_account(Transaction& transaction, std::string_view name);

// An account that another one made: its applications. The id is made here when it is 0.
[[nodiscard]] Result<AccountId, StoreError>
insert_child_account(Transaction& transaction, const AccountRow& row);
[[nodiscard]] Result<bool, StoreError>  // name, uid, metadata, updated_at, deleted_at
update_account(Transaction& transaction, const AccountRow& row);
[[nodiscard]] Result<std::optional<AccountRow>, StoreError>
find_account_by_uid(Connection& connection, AccountId parent, std::string_view uid);
// The children that are not deleted.
[[nodiscard]] Result<Page<AccountRow>, StoreError>
list_child_accounts(Connection& connection, AccountId parent, const PageRequest<AccountId>& page);

// Called when a store is opened.
[[nodiscard]] Result<void, StoreError>
ensure_default_account(WriteConnection& connection, TimePoint now);

}  // namespace postern::storage
