#include "tests/scenario/intake.hpp"

namespace postern::scenario {

Result<std::vector<Scheduled>, storage::StoreError> schedule_event(
    FakeStore& store,
    const dispatch::EventContent& event,
    const KnownEndpoints& endpoints
) {
    std::vector<Scheduled> made;
    for (const auto& [id, endpoint] : endpoints) {
        const dispatch::EndpointSettings& settings = endpoint->settings;
        if (!dispatch::is_subscribed(settings, event)) continue;
        const bool ordered = settings.ordering == dispatch::Ordering::payment;
        const bool keyed = ordered || settings.deliver == dispatch::Deliver::latest;
        const bool enabled = endpoint->status == storage::EndpointStatus::enabled;
        using Wanted = dispatch::NewDelivery;
        const auto row = dispatch::schedule_delivery(
            store,
            {.event = event.id,
             .endpoint = id,
             .account = event.account,
             .livemode = event.livemode,
             .order_key = keyed ? dispatch::order_key_of(event) : 0,
             .order = ordered ? Wanted::Order::kept : Wanted::Order::any,
             .fate = enabled ? Wanted::Fate::send : Wanted::Fate::record_only,
             .first_delay = dispatch::retry_policy_of(settings, event.type).delays.front()}
        );
        if (!row) return row.error();
        made.push_back({*row, ordered ? Scheduled::Kept::yes : Scheduled::Kept::no});
    }
    return made;
}

}  // namespace postern::scenario
