#pragma once

#include "daemon/event_writer.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"
#include "payments/work.hpp"

#include <functional>
#include <vector>

namespace postern::daemon {

// How the payment API writes, whoever asks it to: a request, a gateway's answer, time.
struct PaymentStore {
    Store& store;
    const dispatch::EndpointDirectory& endpoints;
    dispatch::GatewayNameOf gateway_name;
    dispatch::Dispatcher& dispatcher;
    // After each commit, on whichever thread: there may be orders to carry out, and messages of
    // sandbox gateways to post.
    std::function<void()> on_committed;

    EventWriter event_writer(EventWriter::Deliveries deliveries = EventWriter::Deliveries::made)
        const {
        return EventWriter{{endpoints, store.ids, gateway_name}, deliveries};
    }
    void committed(std::vector<dispatch::Nudge> nudges) const;
};

// One unit of work on a thread of one's own; everything that follows from its commit is set off.
// The work may run more than once.
using PaymentWork = std::function<StoreResult(payments::Work&)>;
[[nodiscard]] StoreResult write_payments(
    const PaymentStore& store,
    const payments::Surroundings& around,
    const PaymentWork& work
);

}  // namespace postern::daemon
