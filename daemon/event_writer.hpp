#pragma once

#include "dispatch/endpoint_directory.hpp"
#include "dispatch/fan_out.hpp"
#include "payments/event_door.hpp"

#include <cstdint>
#include <vector>

namespace postern::daemon {

// The payment API's way out, for one run of one unit of work: stores each event with a delivery for
// each subscriber. Who runs the unit hands the nudges to the dispatcher after the commit; who makes
// the deliveries themselves takes the events.
class EventWriter final : public payments::EventDoor {
 public:
    struct Parts {
        const dispatch::EndpointDirectory& endpoints;
        const IdCodec& ids;
        const dispatch::GatewayNameOf& gateway_name;
    };
    enum class Deliveries : std::uint8_t { made, left };
    explicit EventWriter(const Parts& parts, Deliveries deliveries = Deliveries::made)
        : parts_{parts}, deliveries_{deliveries} {}

    Result<EventId, storage::StoreError> announce(
        storage::Transaction& transaction,
        const payments::Announcement& announcement
    ) override;

    std::vector<dispatch::Nudge> take_nudges() { return std::move(nudges_); }
    std::vector<dispatch::EventContent> take_undelivered() { return std::move(undelivered_); }
    const std::vector<EventId>& made() const { return made_; }

 private:
    Parts parts_;
    Deliveries deliveries_;
    std::vector<dispatch::Nudge> nudges_;
    std::vector<dispatch::EventContent> undelivered_;
    std::vector<EventId> made_;
};

}  // namespace postern::daemon
