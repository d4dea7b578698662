#pragma once

#include "core/ids.hpp"
#include "payments/domain/values.hpp"
#include "payments/event_door.hpp"
#include "payments/failure.hpp"
#include "payments/gateways/gateway.hpp"
#include "storage/database.hpp"

#include <string>
#include <vector>

namespace postern::payments {

class CardDesk;

// What every part of the payment API works with; built once, outlives all calls.
struct Surroundings {
    IdCodec ids;
    const GatewayBook& gateways;
    const CardDesk& cards;
    std::string public_url;  // of our own pages: "http://127.0.0.1:8080", no slash at the end
};

// For reading: one snapshot of the store, as one owner sees it.
struct Books {
    storage::Connection& connection;
    const Surroundings& around;
    Owner owner;
    TimePoint now;  // some of what is shown is so by the clock alone
};

// One unit of the payment API's work: state, ledger, events and deliveries of it are one
// transaction, which may run more than once before it commits.
struct Work {
    storage::Transaction& transaction;
    const Surroundings& around;
    EventDoor& events;
    Owner owner;
    RequestMark request;
    // What a gateway must be called for once this is committed; answers wait for it for a while.
    std::vector<OrderId> orders = {};

    Books books() const { return {transaction.connection(), around, owner, now()}; }
    TimePoint now() const { return transaction.now(); }
};

}  // namespace postern::payments
