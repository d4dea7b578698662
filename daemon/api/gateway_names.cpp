#include "daemon/api/gateway_names.hpp"

namespace postern::daemon {

Result<GatewayNames, storage::StoreError> GatewayNames::load(storage::Connection& connection) {
    auto rows = storage::list_gateways(connection);
    if (!rows) return rows.error();
    return GatewayNames{std::move(*rows)};
}

std::string_view GatewayNames::name(storage::GatewayNumber number) const {
    for (const storage::GatewayRow& row : rows_) {
        if (row.number == number) return row.name;
    }
    return {};
}

std::optional<storage::GatewayNumber> GatewayNames::find(std::string_view name, AccountId account)
    const {
    for (const storage::GatewayRow& row : rows_) {
        if (row.name == name && row.account.value_or(account) == account) return row.number;
    }
    return std::nullopt;
}

}  // namespace postern::daemon
