#pragma once

#include "core/time.hpp"
#include "dispatch/delivery_book.hpp"
#include "dispatch/endpoint.hpp"
#include "storage/endpoint_repository.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace postern::scenario {

// The store as memory: what was committed, and one unit of work that can be undone. It survives the
// process that writes to it.
class FakeStore final : public dispatch::DeliveryTable {
 public:
    explicit FakeStore(const Clock& wall) : wall_{wall} {}

    // ---- a unit of work
    void begin();
    void commit();
    void roll_back();
    // The statement of that number, counted from 1 in the next unit, fails.
    void fail_statement(std::int64_t number) { failing_statement_ = number; }

    TimePoint now() const override { return wall_.now(); }
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

    void put_endpoint(const dispatch::Endpoint& endpoint);
    void put_health(const storage::EndpointHealthRow& health);
    void put_event(std::shared_ptr<const dispatch::EventContent> event);

    // ---- reads of what is there
    using EventPointer = std::shared_ptr<const dispatch::EventContent>;
    storage::DueRows load_due(const storage::DueQuery& query) const;
    std::optional<TimePoint> first_due(EndpointId endpoint, storage::DeliveryQueue queue) const;
    std::vector<DeliveryId> due(EndpointId endpoint, TimePoint until) const;
    bool has_newer_delivered(const storage::DeliveryRow& row) const;
    const storage::DeliveryRow& row(DeliveryId id) const;
    const std::vector<storage::DeliveryRow>& rows() const { return rows_; }
    std::vector<DeliveryId> open_of_key(const storage::KeyAtEndpoint& key) const;
    std::vector<DeliveryId> open_of(EndpointId endpoint, std::size_t count_max) const;
    std::vector<storage::KeyAtEndpoint> keys_with_held() const;
    std::int64_t attempts_of(DeliveryId id) const;
    std::int64_t last_sequence(EndpointId endpoint) const;
    const dispatch::Endpoint& endpoint(EndpointId id) const;
    std::optional<storage::EndpointHealthRow> health(EndpointId id) const;
    EventPointer event(EventId id) const;
    void forget_event(EventId id) { events_.erase(id); }

 private:
    using Key = std::pair<EndpointId, std::int64_t>;
    using DueKey = std::pair<EndpointId, storage::DeliveryQueue>;
    using DueEntry = std::pair<TimePoint, DeliveryId>;
    // What a statement changed, as it was before; absent: it was not there.
    struct Undo {
        enum class What : std::uint8_t { row, sequence, attempt, endpoint, health, event } what;
        DeliveryId delivery = {};
        EndpointId endpoint = {};
        EventId event = {};
        std::int64_t sequence = 0;
        std::optional<storage::DeliveryRow> row = {};
        std::optional<dispatch::Endpoint> endpoint_before = {};
        std::optional<storage::EndpointHealthRow> health = {};
    };

    bool next_statement_fails();
    void index(const storage::DeliveryRow& row);
    void unindex(const storage::DeliveryRow& row);
    void undo(const Undo& step);
    std::optional<storage::DeliveryRow> first_of(const std::set<DeliveryId>& ids) const;
    storage::DeliveryRow& at(DeliveryId id);

    const Clock& wall_;
    bool in_unit_ = false;
    std::int64_t statement_ = 0;
    std::int64_t failing_statement_ = 0;
    std::vector<Undo> undo_;

    std::vector<storage::DeliveryRow> rows_;  // the id is the place, counted from 1
    std::vector<std::int64_t> attempts_;      // of each row
    std::int64_t attempt_count_ = 0;
    std::map<DueKey, std::set<DueEntry>> due_;
    std::map<Key, std::set<DeliveryId>> open_;
    std::map<Key, std::set<DeliveryId>> held_;
    std::map<EndpointId, std::set<DeliveryId>> open_by_endpoint_;
    std::map<std::pair<EventId, EndpointId>, DeliveryId> by_event_;
    std::map<EndpointId, std::int64_t> sequences_;
    std::map<EndpointId, dispatch::Endpoint> endpoints_;
    std::map<EndpointId, storage::EndpointHealthRow> health_;
    std::map<EventId, EventPointer> events_;
};

}  // namespace postern::scenario
