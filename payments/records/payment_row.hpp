#pragma once

#include "payments/domain/payment.hpp"
#include "storage/database.hpp"
#include "storage/store_error.hpp"

#include <string>

// How a payment lies in its row, for the repositories that read payments.
namespace postern::payments {

// The columns by name, so that a join with another table's ids names them without doubt.
inline constexpr char kSelectPayment[] =
    "SELECT payments.id, payments.account_id, payments.livemode, number, version, status, amount,"
    " currency, capturable, received, refunded, capture_method, confirmation_method, gateway,"
    " gateway_payment_id, customer_id, method_id, charge_id, dispute_id, order_id, client_secret,"
    " created_at, updated_at, captured_at, canceled_at, details FROM payments";

Result<Payment, storage::StoreError> read_payment(const storage::Query& query);

// The column `details` of it.
std::string details_text(const Payment& payment);

}  // namespace postern::payments
