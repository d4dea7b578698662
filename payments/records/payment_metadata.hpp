#pragma once

#include "payments/records/payment_records.hpp"

// The pairs of each payment by name and value, for searches.
namespace postern::payments {

[[nodiscard]] Result<void, StoreError>
index_metadata(Transaction& transaction, const Payment& payment);
// Only what differs is written.
[[nodiscard]] Result<void, StoreError>
reindex_metadata(Transaction& transaction, const Payment& payment, const Metadata& before);

}  // namespace postern::payments
