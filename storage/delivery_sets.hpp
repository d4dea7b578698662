#pragma once

#include "storage/delivery_repository.hpp"

#include <optional>
#include <vector>

// What a whole batch asks about deliveries, answered at once where asking costs a round trip.
namespace postern::storage {

using FoundDeliveries = std::vector<std::optional<DeliveryRow>>;

// To be changed by this transaction: until it ends nobody else changes them, or adds to or takes
// from the open deliveries of their payments. Answers stand in the order of the ids.
[[nodiscard]] Result<FoundDeliveries, StoreError>
find_deliveries_to_change(Transaction& transaction, const std::vector<DeliveryId>& ids);

// The first open one of each key, held or not. Who decides by it holds the endpoints' order.
[[nodiscard]] Result<FoundDeliveries, StoreError>
first_open_of_keys(Transaction& transaction, const std::vector<KeyAtEndpoint>& keys);

// The change of a row that came from one of these: its fence fits, as nobody else could change it.
[[nodiscard]] Result<void, StoreError>
change_found_delivery(Transaction& transaction, const DeliveryChange& change);

}  // namespace postern::storage
