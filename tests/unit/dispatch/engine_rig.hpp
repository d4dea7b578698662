#pragma once

#include "dispatch/engine.hpp"
#include "tests/unit/dispatch/delivery_table_fake.hpp"

#include <chrono>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace postern::dispatch {

// An engine, the store behind it, and the driver's part done by hand: what is started, read and
// written down stays in lists until the test lets it end.
class EngineRig {
 public:
    using Settings = std::function<void(EndpointSettings&)>;

    explicit EngineRig(EngineLimits limits = {});

    std::shared_ptr<Endpoint> make_endpoint(std::int64_t id, const Settings& change = {}) const;
    EndpointId add_endpoint(std::int64_t id, const Settings& change = {});

    // A row that is due now; scheduled() leaves it to the store, offered() tells the engine.
    storage::DeliveryRow scheduled(EndpointId endpoint);
    storage::DeliveryRow offered(EndpointId endpoint);
    DueItem item_of(const storage::DeliveryRow& row) const;

    void poll();
    void advance(std::chrono::microseconds duration);
    // Lets time pass by the engine's own alarms, everything ending at once, for so long.
    void run_for(std::chrono::microseconds duration, int status = 200);
    // Polls, reads and writes until nothing moves, and leaves attempts alone.
    void settle();

    storage::DueRows read(const storage::DueQuery& query) const;
    void answer_load();  // the oldest, as the store is now
    void end(DeliveryId delivery, int status = 200);
    void end_all(int status = 200);
    void write();  // the oldest record
    void write_all();

    std::vector<std::int64_t> started_ids() const;
    std::size_t count_open() const;

    DeliveryTableFake table;
    Engine engine;
    std::vector<StartAttempt> started;  // under way
    std::deque<LoadDue> loads;
    std::deque<RecordEnd> records;
    std::vector<RecordEnd> written;
    std::vector<DeliveryId> begun;  // every attempt ever
    std::vector<Nudge> wanted;
    std::vector<GiveBackLane> given_back;
};

AttemptResult answer(int status);

}  // namespace postern::dispatch
