#pragma once

#include "core/unified_event.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string>

namespace postern::payments {

// What a provider's webhook tells, about something of ours.
struct ProviderNews {
    storage::GatewayNumber gateway;
    const UnifiedEvent& event;
};

// What became of it.
struct NewsEffect {
    Effect effect = Effect::stale;
    Owner owner;               // of the payment: the event belongs to them
    std::int64_t subject = 0;  // the payment's, refund's, dispute's or payout's number
    // Of what the webhook's own event tells, as it stands now, moved or not. Empty: the change was
    // announced through the door by other events, or nothing of ours can be shown.
    std::string object;
    std::string stripe_type;
    std::string stripe_object;
    // Already: the event that told the same before; it is not told twice.
    std::optional<EventId> told_before;
};
// nullopt: nothing of ours. `work.owner` is set from what is found.
[[nodiscard]] Result<std::optional<NewsEffect>, storage::StoreError>
take_provider_news(Work& work, const ProviderNews& news);

}  // namespace postern::payments
