#pragma once

#include "payments/records/payment_records.hpp"

namespace postern::payments {

// Gives id (unless it is set), number and the moments, which must be known before the payment can
// be told of, and leaves the row to insert_payment: the version is zero until then.
[[nodiscard]] Result<void, StoreError> number_payment(Transaction& transaction, Payment& payment);

}  // namespace postern::payments
