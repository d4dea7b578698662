#pragma once

#include "storage/attempt_repository.hpp"
#include "storage/delivery_repository.hpp"

#include <vector>

// What a whole batch writes about deliveries: a statement for all of it where rows are sent to a
// server, and one for each row where they are not.
namespace postern::storage {

// The ids that were made, in the order of the rows.
[[nodiscard]] Result<std::vector<DeliveryId>, StoreError>
insert_deliveries(Transaction& transaction, const std::vector<DeliveryRow>& rows);

// Of rows that find_deliveries_to_change() answered: their fences fit, as nobody else could change
// them. Of one delivery the later change counts on from the earlier.
[[nodiscard]] Result<void, StoreError>
change_found_deliveries(Transaction& transaction, const std::vector<DeliveryChange>& changes);

// Each is numbered after the last of its delivery, so they come before what changes the delivery.
[[nodiscard]] Result<void, StoreError>
insert_attempts(Transaction& transaction, const std::vector<AttemptRow>& rows);

}  // namespace postern::storage
