#pragma once

#include "storage/delivery_repository.hpp"

// For the statements about deliveries, in whichever file they are.
namespace postern::storage {

inline constexpr char kSelectDeliveries[] =
    "SELECT id, event_id, endpoint_id, account_id, livemode, sequence, order_key, state, queue,"
    " due_at, fence, attempts, round_attempts, round_started_at, trigger_kind, last_status,"
    " last_error, created_at, finished_at, reason FROM deliveries";

// Of a query that begins so.
DeliveryRow read_delivery(const Query& query);

}  // namespace postern::storage
