#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

// A type of a merchant's own messages, as it was described: nothing has to be described before it
// is sent.
struct EventTypeRow {
    AccountId account;
    std::string name;
    std::string description;
    std::string schemas;  // a JSON object; empty: none
    bool archived = false;
    bool deprecated = false;
    TimePoint created_at;
    TimePoint updated_at;

    bool operator==(const EventTypeRow&) const = default;
};

struct EventTypeKey {
    AccountId account;
    std::string_view name;
};
[[nodiscard]] Result<std::optional<EventTypeRow>, StoreError>
find_event_type(Connection& connection, const EventTypeKey& key);
// All of the account, by name.
[[nodiscard]] Result<std::vector<EventTypeRow>, StoreError>
list_event_types(Connection& connection, AccountId account);
[[nodiscard]] Result<std::int64_t, StoreError>
count_event_types(Connection& connection, AccountId account);
// Takes the place of one of the same name, but for the moment of its making.
[[nodiscard]] Result<void, StoreError>
put_event_type(Transaction& transaction, const EventTypeRow& row);
[[nodiscard]] Result<void, StoreError>
delete_event_type(Transaction& transaction, const EventTypeKey& key);

}  // namespace postern::storage
