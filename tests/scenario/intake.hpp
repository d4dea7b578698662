#pragma once

#include "tests/scenario/fake_store.hpp"

#include <map>
#include <memory>
#include <vector>

namespace postern::scenario {

// A delivery that an event was given.
struct Scheduled {
    storage::DeliveryRow row;
    enum class Kept : std::uint8_t { no, yes } order = Kept::no;
};

using KnownEndpoints = std::map<EndpointId, std::shared_ptr<const dispatch::Endpoint>>;

// One delivery for each of those endpoints that wants the event, inside of a unit.
Result<std::vector<Scheduled>, storage::StoreError> schedule_event(
    FakeStore& store,
    const dispatch::EventContent& event,
    const KnownEndpoints& endpoints
);

}  // namespace postern::scenario
