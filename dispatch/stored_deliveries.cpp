#include "dispatch/stored_deliveries.hpp"

#include "storage/delivery_sets.hpp"
#include "storage/delivery_writes.hpp"
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
    const auto changed = storage::change_found_delivery(transaction_, change);
    if (!changed) return changed.error();
    return true;
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

DeliveryTable::Answer<std::vector<std::int64_t>> StoredDeliveries::take_sequences(
    const std::vector<storage::SequenceDraw>& draws
) {
    return storage::take_sequences(transaction_, draws);
}

DeliveryTable::Answer<DeliveryTable::Found> StoredDeliveries::find_to_change(
    const std::vector<DeliveryId>& ids
) {
    return storage::find_deliveries_to_change(transaction_, ids);
}

DeliveryTable::Answer<DeliveryTable::Found> StoredDeliveries::first_open_of(
    const std::vector<storage::KeyAtEndpoint>& keys
) {
    return storage::first_open_of_keys(transaction_, keys);
}

DeliveryTable::Answer<std::vector<DeliveryId>> StoredDeliveries::insert_all(
    const std::vector<DeliveryRow>& rows
) {
    return storage::insert_deliveries(transaction_, rows);
}

DeliveryTable::Answer<void> StoredDeliveries::insert_attempts(
    const std::vector<storage::AttemptRow>& rows
) {
    return storage::insert_attempts(transaction_, rows);
}

DeliveryTable::Answer<void> StoredDeliveries::change_all(
    const std::vector<storage::DeliveryChange>& changes
) {
    return storage::change_found_deliveries(transaction_, changes);
}

}  // namespace postern::dispatch
