#include "dispatch/stored_deliveries.hpp"

#include "storage/endpoint_repository.hpp"

namespace postern::dispatch {

using storage::DeliveryRow;

DeliveryTable::Answer<std::int64_t> StoredDeliveries::next_sequence(EndpointId endpoint) {
    return storage::next_sequence(transaction_, endpoint);
}

DeliveryTable::Answer<DeliveryId> StoredDeliveries::insert(const DeliveryRow& row) {
    return storage::insert_delivery(transaction_, row);
}

DeliveryTable::Answer<bool> StoredDeliveries::change(const storage::DeliveryChange& change) {
    return storage::change_delivery(transaction_, change);
}

DeliveryTable::Answer<std::optional<DeliveryRow>> StoredDeliveries::find(DeliveryId id) {
    return storage::find_delivery(transaction_.connection(), id);
}

DeliveryTable::Answer<std::optional<DeliveryRow>> StoredDeliveries::find_of(
    const storage::EventAtEndpoint& which
) {
    return storage::find_delivery_of(transaction_.connection(), which);
}

DeliveryTable::Answer<std::optional<DeliveryRow>> StoredDeliveries::first_open(
    const storage::KeyAtEndpoint& key
) {
    return storage::first_open_of_key(transaction_.connection(), key);
}

DeliveryTable::Answer<std::optional<DeliveryRow>> StoredDeliveries::first_held(
    const storage::KeyAtEndpoint& key
) {
    return storage::first_held_of_key(transaction_.connection(), key);
}

DeliveryTable::Answer<AttemptId> StoredDeliveries::insert_attempt(const storage::AttemptRow& row) {
    return storage::insert_attempt(transaction_, row);
}

}  // namespace postern::dispatch
