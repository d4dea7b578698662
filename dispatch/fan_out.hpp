#pragma once

#include "dispatch/delivery_book.hpp"
#include "dispatch/endpoint_directory.hpp"
#include "storage/event_repository.hpp"
#include "storage/ingest.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace postern::dispatch {

// A gateway's name as events show it.
using GatewayNameOf = std::function<std::string(storage::GatewayNumber)>;

// What fan-out hands to the dispatcher once it is committed.
struct FreshDelivery {
    DeliveryId id;
    EndpointId endpoint;
    std::int64_t fence = 0;
    std::int64_t sequence = 0;
    std::int64_t order_key = 0;
    TimePoint due_at;
    std::shared_ptr<const EventContent> content;
};

// One delivery for each subscribed endpoint, in the transaction that stores the event: what is
// accepted is scheduled.
class FanOut final : public storage::IngestStep {
 public:
    using OnCommitted = std::function<void(std::vector<FreshDelivery>)>;
    struct Parts {
        const EndpointDirectory& endpoints;
        IdCodec ids;
        GatewayNameOf gateway_name;
        OnCommitted on_committed;  // on the writer's thread: hand over and return
    };
    explicit FanOut(Parts parts) : parts_{std::move(parts)} {}

    Result<void, storage::StoreError>
    run(storage::Transaction& transaction, std::span<storage::IngestItem* const> items) override;
    void committed(std::span<const storage::IngestItem* const> items) noexcept override;

    // From a step before this one: other events that follow from a request. They are in the store,
    // and are delivered before the request's own. Each call replaces what was put there.
    void put_before(const storage::IngestItem& item, std::vector<EventContent> events);

 private:
    // A delivery to be made of an event that a request told, or that follows from it.
    struct Planned {
        storage::IngestItem* item;
        std::optional<std::size_t> event_index;  // absent: it was not the request that told it
        std::shared_ptr<const EventContent> content;
        NewDelivery wanted;
    };

    void plan(storage::IngestItem& item, TimePoint now, std::vector<Planned>& planned);
    void plan_event(Planned draft, std::vector<Planned>& planned) const;
    void keep(const Planned& planned, const storage::DeliveryRow& row);
    EventContent draft(const storage::IngestItem& item, std::size_t index) const;

    Parts parts_;
    // Of the batch in hand, on its thread: what is told before, and what run() made and committed()
    // is to hand over.
    std::unordered_map<const storage::IngestItem*, std::vector<EventContent>> before_;
    std::unordered_map<const storage::IngestItem*, std::vector<FreshDelivery>> fresh_;
};

// An event as stored, as dispatch sees it.
EventContent
content_of(const storage::EventRow& row, const IdCodec& ids, const GatewayNameOf& gateway_name);

// What schedule_delivery() is asked for, whoever wants this event to go there.
NewDelivery new_delivery(const Endpoint& endpoint, const EventContent& event);

// The deliveries of an event that is in the store already and did not come through ingest: those of
// our own payment API, messages, operational ones, reprocessed ones. The nudges go to the
// dispatcher after the commit.
[[nodiscard]] Result<std::vector<Nudge>, storage::StoreError> fan_out(
    storage::Transaction& transaction,
    const EndpointDirectory& endpoints,
    const EventContent& event,
    std::optional<EndpointId> except = std::nullopt  // an event about an endpoint is not for it
);

// The same for several at once, which asks and locks once for all of them.
struct ToldTo {
    const EventContent& event;
    std::optional<EndpointId> except;
};
[[nodiscard]] Result<std::vector<Nudge>, storage::StoreError> fan_out_all(
    storage::Transaction& transaction,
    const EndpointDirectory& endpoints,
    const std::vector<ToldTo>& events
);

// An event of our own, without fan-out: its row is without id, and made at the transaction's time.
[[nodiscard]] Result<EventContent, storage::StoreError>
insert_own_event(storage::Transaction& transaction, storage::EventRow row, const IdCodec& ids);

// Inserts the row and fans it out.
struct CreatedEvent {
    EventId id;
    std::vector<Nudge> nudges;
};
[[nodiscard]] Result<CreatedEvent, storage::StoreError> create_event(
    storage::Transaction& transaction,
    const EndpointDirectory& endpoints,
    storage::EventRow row,  // without id; the time of its making is the transaction's
    const IdCodec& ids,
    std::optional<EndpointId> except = std::nullopt
);

}  // namespace postern::dispatch
