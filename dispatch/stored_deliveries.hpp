#pragma once

#include "dispatch/delivery_book.hpp"
#include "storage/database.hpp"

namespace postern::dispatch {

// The deliveries of the store, inside one transaction.
class StoredDeliveries final : public DeliveryTable {
 public:
    explicit StoredDeliveries(storage::Transaction& transaction) : transaction_{transaction} {}

    TimePoint now() const override { return transaction_.now(); }
    Answer<std::int64_t> next_sequence(EndpointId endpoint) override;
    Answer<DeliveryId> insert(const storage::DeliveryRow& row) override;
    Answer<bool> change(const storage::DeliveryChange& change) override;
    Answer<std::optional<storage::DeliveryRow>> find(DeliveryId id) override;
    Answer<std::optional<storage::DeliveryRow>> find_of(const storage::EventAtEndpoint& which
    ) override;
    Answer<std::optional<storage::DeliveryRow>> first_open(const storage::KeyAtEndpoint& key
    ) override;
    Answer<std::optional<storage::DeliveryRow>> first_held(const storage::KeyAtEndpoint& key
    ) override;
    Answer<AttemptId> insert_attempt(const storage::AttemptRow& row) override;
    Answer<std::vector<std::int64_t>> take_sequences(const std::vector<storage::SequenceDraw>& draws
    ) override;
    Answer<Found> find_to_change(const std::vector<DeliveryId>& ids) override;
    Answer<Found> first_open_of(const std::vector<storage::KeyAtEndpoint>& keys) override;
    Answer<std::vector<DeliveryId>> insert_all(const std::vector<storage::DeliveryRow>& rows
    ) override;
    Answer<void> insert_attempts(const std::vector<storage::AttemptRow>& rows) override;
    Answer<void> change_all(const std::vector<storage::DeliveryChange>& changes) override;

 private:
    storage::Transaction& transaction_;
};

}  // namespace postern::dispatch
