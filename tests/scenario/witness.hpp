#pragma once

#include "dispatch/engine.hpp"
#include "tests/scenario/fake_network.hpp"

#include <string>
#include <vector>

namespace postern::scenario {

// A promise that was broken; ends the run of its seed.
struct Violation {
    std::string what;
};

// Whoever watches a process: is told what it does as it does it, and throws a Violation.
class Witness {
 public:
    struct Moment {
        TimePoint now;                                 // as the engine knows it
        const dispatch::Endpoint* endpoint = nullptr;  // as last put to the engine
    };

    virtual ~Witness() = default;
    virtual void disturbed(EndpointId endpoint, Microseconds until) = 0;
    virtual void started(const dispatch::StartAttempt& start, const Moment& moment) = 0;
    virtual void skipped(DeliveryId delivery) = 0;
    virtual void not_made(DeliveryId delivery) = 0;
    virtual void sent(const dispatch::StartAttempt& start, const dispatch::EventContent& event) = 0;
    virtual void arrived(DeliveryId delivery, const CallOutcome& outcome) = 0;
    virtual void
    ended(DeliveryId delivery, const dispatch::AttemptResult& result, TimePoint now) = 0;
    virtual void decided(const dispatch::RecordEnd& order) = 0;
    virtual void recorded(
        const dispatch::RecordEnd& order,
        const storage::DeliveryRow& before,
        const dispatch::Recorded& recorded
    ) = 0;
    // The engine knows.
    virtual void settled(DeliveryId delivery) = 0;
    virtual void loaded(const storage::DueRows& rows) = 0;
    virtual void polled(const dispatch::Engine::Status& status) = 0;
    virtual void audit(TimePoint now, const std::vector<const dispatch::Endpoint*>& endpoints) = 0;
};

}  // namespace postern::scenario
