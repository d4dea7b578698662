#pragma once

#include "core/ids.hpp"
#include "storage/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::storage {

struct GatewayRow {
    GatewayNumber number;
    std::string name;  // as in the configuration and in the URL
    std::string kind;
    std::optional<AccountId> account;  // absent: the platform's
    TimePoint created_at;

    bool operator==(const GatewayRow&) const = default;
};

[[nodiscard]] Result<std::vector<GatewayRow>, StoreError> list_gateways(Connection& connection);
// The number that this name has for ever. A known name takes over kind and account as they are
// configured now. The row's own number and creation time are the store's to give.
[[nodiscard]] Result<GatewayNumber, StoreError>
find_or_insert_gateway(Transaction& transaction, const GatewayRow& row);

}  // namespace postern::storage
