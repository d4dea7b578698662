#include "tests/unit/dispatch/engine_rig.hpp"

#include <gtest/gtest.h>

// A person changes a delivery while the engine is about to hear of it in another way.
namespace postern::dispatch {
namespace {

using storage::AttemptTrigger;
using storage::DeliveryRow;
using storage::DueRows;
using namespace std::chrono_literals;
using Ids = std::vector<std::int64_t>;

// Written down, while the engine does not hear of it yet.
Recorded write_silently(EngineRig& rig) {
    rig.poll();
    auto recorded = record_finished(rig.table, rig.records.front().finished);
    rig.records.pop_front();
    EXPECT_TRUE(recorded.has_value());
    return *recorded;
}

TEST(EngineOvertaken, KeepsARetryThatIsReadBeforeTheEndIsHeardOf) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.poll();
    rig.end(row.id);
    const Recorded recorded = write_silently(rig);
    const auto nudge = retry_delivery(rig.table, row.id, AttemptTrigger::manual);
    ASSERT_TRUE(nudge.has_value() && nudge->has_value());
    rig.engine.nudge(**nudge);
    rig.poll();
    ASSERT_FALSE(rig.loads.empty());
    rig.answer_load();
    rig.engine.recorded(row.id, recorded);
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{row.id.value});
}

TEST(EngineOvertaken, DoesNotTakeBackWhatWasCanceledBeforeItsEndIsHeardOf) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.poll();
    rig.end(row.id, 500);
    const Recorded recorded = write_silently(rig);
    const auto canceled = cancel_delivery(rig.table, row.id, "manual");
    ASSERT_TRUE(canceled.has_value() && canceled->withdrawn.has_value());
    rig.engine.nudge(*canceled->withdrawn);
    rig.engine.recorded(row.id, recorded);
    rig.settle();
    rig.run_for(1h);
    EXPECT_EQ(rig.begun.size(), 1U);
}

TEST(EngineOvertaken, DoesNotTakeWhatIsCanceledWhileAReadBringsIt) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    rig.settle();
    const DeliveryRow row = rig.scheduled(endpoint);
    rig.engine.nudge({.endpoint = endpoint, .queue = *row.queue, .due_at = row.due_at});
    rig.poll();
    ASSERT_EQ(rig.loads.size(), 1U);
    const storage::DueQuery query = rig.loads.front().query;
    rig.loads.pop_front();
    const DueRows before = rig.read(query);
    const auto canceled = cancel_delivery(rig.table, row.id, "manual");
    ASSERT_TRUE(canceled.has_value() && canceled->withdrawn.has_value());
    rig.engine.nudge(*canceled->withdrawn);
    rig.engine.loaded(query, before);
    rig.settle();
    EXPECT_TRUE(rig.begun.empty());
}

}  // namespace
}  // namespace postern::dispatch
