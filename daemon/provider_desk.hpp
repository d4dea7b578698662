#pragma once

#include "core/ids.hpp"
#include "core/unified_event.hpp"
#include "dispatch/delivery_book.hpp"
#include "storage/database.hpp"
#include "storage/ingest.hpp"

#include <vector>

namespace postern::daemon {

// What a provider told, as an event that is in the store already and not yet fanned out.
struct ToldEvent {
    EventId id;
    InboxId inbox;
    AccountId account;
    storage::Livemode livemode = storage::Livemode::test;
    storage::GatewayNumber gateway;
    const UnifiedEvent& facts;
    std::string_view object;  // JSON, as it was made of the facts alone
};

// Where what a provider told meets the payments that we made ourselves: it moves them, and their
// events are told once.
class ProviderDesk {
 public:
    virtual ~ProviderDesk() = default;

    struct Taken {
        storage::EventTurn turn;
        std::vector<dispatch::Nudge> nudges;  // of other events that it caused; after the commit
    };
    // Corrects or removes the event's row where that is due.
    [[nodiscard]] virtual Result<Taken, storage::StoreError>
    take(storage::Transaction& transaction, const ToldEvent& told) = 0;
};

}  // namespace postern::daemon
