#pragma once

#include "core/result.hpp"
#include "payments/domain/values.hpp"
#include "storage/database.hpp"

namespace postern::payments {

// We store codes that we parsed; one that parses no more is a damaged row.
inline Result<Currency, storage::StoreError>
read_currency(const storage::Query& query, int column) {
    const auto currency = Currency::parse(query.text(column));
    if (!currency) return storage::StoreError::failed;
    return *currency;
}

}  // namespace postern::payments
