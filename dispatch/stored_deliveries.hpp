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

 private:
    storage::Transaction& transaction_;
};

}  // namespace postern::dispatch
