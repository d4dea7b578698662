#pragma once

#include "storage/gateway_repository.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace postern::daemon {

// What the numbers in rows are called. Read from the store and not from the configuration, because
// rows outlive the gateways that the operator has taken out of it.
class GatewayNames {
 public:
    [[nodiscard]] static Result<GatewayNames, storage::StoreError> load(
        storage::Connection& connection
    );

    explicit GatewayNames(std::vector<storage::GatewayRow> rows) : rows_{std::move(rows)} {}

    std::string_view name(storage::GatewayNumber number) const;  // empty: unknown
    // Only what this account may know of: its own and the platform's.
    std::optional<storage::GatewayNumber> find(std::string_view name, AccountId account) const;

 private:
    std::vector<storage::GatewayRow> rows_;
};

}  // namespace postern::daemon
