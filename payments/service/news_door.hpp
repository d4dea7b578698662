#pragma once

#include "payments/event_door.hpp"

#include <cstdint>
#include <optional>

namespace postern::payments {

// While a webhook's news is taken: keeps back the one announcement that the webhook's own event
// makes, so that nothing is told twice, and lets all others through. That event's number is from
// before all of them, so the end of a refund that begins here is told by one more, behind its
// beginning, and the webhook's event gives way to it.
class NewsDoor final : public EventDoor {
 public:
    NewsDoor(EventDoor& door, EventType type) : door_{door}, type_{type} {}

    Result<EventId, storage::StoreError>
    announce(storage::Transaction& transaction, const Announcement& announcement) override;

    const std::optional<Announcement>& kept_back() const { return kept_back_; }
    // What told the webhook's news in its place.
    std::optional<EventId> told_by() const { return told_by_; }

 private:
    EventDoor& door_;
    EventType type_;
    std::optional<Announcement> kept_back_;
    enum class Refund : std::uint8_t { known, begins } refund_ = Refund::known;
    std::optional<EventId> told_by_;
};

}  // namespace postern::payments
