#include "dispatch/engine.hpp"

#include "tests/unit/dispatch/engine_rig.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

namespace postern::dispatch {
namespace {

using storage::AttemptTrigger;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::EndpointStatus;
using Ids = std::vector<std::int64_t>;
using Notice = RecordEnd::Notice;
using namespace std::chrono_literals;

// ---- one delivery

TEST(Engine, SendsWhatItIsOfferedAndRecordsTheEnd) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow row = rig.offered(endpoint);
    rig.poll();
    ASSERT_EQ(rig.started_ids(), Ids{row.id.value});
    EXPECT_NE(rig.started[0].item.content, nullptr);
    EXPECT_EQ(rig.started[0].endpoint->id, endpoint);
    EXPECT_TRUE(rig.engine.is_in_flight(row.id));
    EXPECT_TRUE(rig.loads.empty());
    rig.end(row.id);
    EXPECT_FALSE(rig.engine.is_in_flight(row.id));
    rig.poll();
    ASSERT_EQ(rig.records.size(), 1U);
    const RecordEnd record = rig.records[0];
    EXPECT_EQ(record.finished.disposition.state, DeliveryState::delivered);
    ASSERT_TRUE(record.finished.attempt.has_value());
    EXPECT_EQ(record.finished.attempt->number, 1);
    EXPECT_EQ(record.finished.attempt->status, 200);
    EXPECT_EQ(record.event, row.event);
    EXPECT_EQ(record.event_type, "payment.succeeded");
    EXPECT_EQ(record.finished.order, NewDelivery::Order::any);
    EXPECT_FALSE(record.health.has_value());
    EXPECT_EQ(record.notice, Notice::none);
    EXPECT_EQ(rig.engine.status(rig.table.time).unrecorded, 1);
    rig.write();
    rig.poll();
    EXPECT_EQ(rig.engine.status(rig.table.time).unrecorded, 0);
    EXPECT_EQ(rig.engine.next_wake(), std::nullopt);
    EXPECT_EQ(rig.count_open(), 0U);
}

TEST(Engine, RetriesFromMemoryOnTheScheduleOfTheType) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1, [](EndpointSettings& settings) {
        settings.retry_by_type["payment.failed"] = RetryPolicy{.delays = {0s, 70s, 80s}};
    });
    const DeliveryRow row = rig.scheduled(endpoint);
    rig.engine.nudge({.endpoint = endpoint, .due_at = row.due_at});
    rig.settle();
    ASSERT_EQ(rig.started.size(), 1U);
    EXPECT_EQ(rig.started[0].item.content, nullptr);
    rig.engine.learned_event_type(row.id, "payment.failed");
    rig.end(row.id, 500);
    rig.settle();
    EXPECT_EQ(rig.engine.next_wake(), rig.table.time + 70s);
    rig.advance(70s - 1us);
    EXPECT_TRUE(rig.started.empty());
    rig.advance(1us);
    ASSERT_EQ(rig.started.size(), 1U);
    EXPECT_EQ(rig.started[0].item.progress.attempts, 1);
    EXPECT_EQ(rig.started[0].item.progress.round_attempts, 1);
    EXPECT_TRUE(rig.loads.empty());
}

TEST(Engine, RecordsWhatIsSkippedWithoutAnAttempt) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.poll();
    rig.engine.attempt_skipped(row.id, SkipReason::unsubscribed, rig.table.time);
    rig.started.clear();
    rig.settle();
    EXPECT_EQ(rig.table.rows.at(row.id).state, DeliveryState::skipped);
    EXPECT_TRUE(rig.table.attempts.empty());
}

TEST(Engine, TriesAgainSoonWhenAnAttemptCouldNotBegin) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.poll();
    rig.started.clear();
    rig.engine.attempt_not_made(row.id, rig.table.time);
    rig.poll();
    EXPECT_TRUE(rig.started.empty());
    EXPECT_TRUE(rig.records.empty());
    rig.advance(1s);
    EXPECT_EQ(rig.started_ids(), Ids{row.id.value});
}

TEST(Engine, IgnoresTheEndOfWhatIsNotUnderWay) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.engine.attempt_ended(row.id, answer(200), rig.table.time);
    rig.engine.attempt_ended(DeliveryId{404}, answer(200), rig.table.time);
    rig.engine.recorded(DeliveryId{404}, Recorded{.row = row, .successor = std::nullopt});
    rig.engine.record_failed(DeliveryId{404}, rig.table.time);
    rig.poll();
    EXPECT_TRUE(rig.records.empty());
    EXPECT_EQ(rig.started_ids(), Ids{row.id.value});
}

TEST(Engine, SendsTheNextEventOfAPaymentOnceTheFirstIsWritten) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1, [](EndpointSettings& settings) {
        settings.ordering = Ordering::payment;
        settings.max_hold = 2h;
    });
    NewDelivery wanted{
        .event = EventId{1},
        .endpoint = endpoint,
        .account = AccountId{1},
        .order_key = 5,
        .order = NewDelivery::Order::kept};
    const DeliveryRow first = *schedule_delivery(rig.table, wanted);
    wanted.event = EventId{2};
    const DeliveryRow second = *schedule_delivery(rig.table, wanted);
    rig.engine.offer(rig.item_of(first));
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{first.id.value});
    rig.end(first.id);
    rig.poll();
    ASSERT_EQ(rig.records.size(), 1U);
    EXPECT_EQ(rig.records[0].finished.order, NewDelivery::Order::kept);
    EXPECT_EQ(rig.records[0].finished.max_hold, 2h);
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{second.id.value});
}

// ---- writing it down

TEST(Engine, AsksAgainForWhatCouldNotBeWritten) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.poll();
    rig.end(row.id);
    rig.poll();
    for (const auto pause : {1s, 2s, 4s, 8s, 16s, 30s, 30s}) {
        ASSERT_EQ(rig.records.size(), 1U);
        rig.records.clear();
        rig.engine.record_failed(row.id, rig.table.time);
        EXPECT_EQ(rig.engine.next_wake(), rig.table.time + pause);
        rig.advance(pause - 1us);
        EXPECT_TRUE(rig.records.empty());
        rig.advance(1us);
    }
    EXPECT_EQ(rig.engine.status(rig.table.time).unrecorded, 1);
    rig.write();
    EXPECT_EQ(rig.table.rows.at(row.id).state, DeliveryState::delivered);
}

TEST(Engine, BeginsNothingWhileTooMuchIsUnwritten) {
    EngineLimits limits;
    limits.unrecorded_max = 2;
    EngineRig rig{limits};
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 1; });
    for (int i = 0; i < 4; ++i) rig.offered(endpoint);
    rig.poll();
    rig.end_all();
    rig.poll();
    rig.end_all();
    rig.poll();
    EXPECT_TRUE(rig.started.empty());
    rig.write();
    rig.poll();
    EXPECT_EQ(rig.started.size(), 1U);
}

TEST(Engine, SendsAgainWhatAPersonRetriedWhileItWasUnderWay) {
    EngineRig rig;
    const DeliveryRow row = rig.offered(rig.add_endpoint(1));
    rig.poll();
    ASSERT_TRUE(retry_delivery(rig.table, row.id, AttemptTrigger::manual).has_value());
    rig.end(row.id);
    rig.settle();
    ASSERT_EQ(rig.started_ids(), Ids{row.id.value});
    EXPECT_EQ(rig.started[0].item.fence, row.fence + 1);
    EXPECT_EQ(rig.started[0].item.progress.trigger, AttemptTrigger::manual);
    rig.end(row.id);
    rig.settle();
    EXPECT_EQ(rig.count_open(), 0U);
    EXPECT_EQ(rig.table.attempts.size(), 2U);
}

TEST(Engine, TakesARetryByHandBeforeItsOwnTime) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow row = rig.offered(endpoint);
    rig.poll();
    rig.end(row.id, 500);
    rig.settle();
    rig.table.time += 5s;
    const auto nudge = retry_delivery(rig.table, row.id, AttemptTrigger::manual);
    rig.engine.nudge(**nudge);
    rig.poll();
    EXPECT_TRUE(rig.started.empty()) << "it is not sent as it was before";
    rig.settle();
    ASSERT_EQ(rig.started_ids(), Ids{row.id.value});
    EXPECT_EQ(rig.started[0].item.progress.trigger, AttemptTrigger::manual);
    rig.run_for(1h);
    EXPECT_EQ(rig.begun.size(), 2U);
}

TEST(Engine, DoesNotSendWhatWasWithdrawn) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow row = rig.offered(endpoint);
    rig.poll();
    rig.end(row.id, 500);
    rig.settle();
    const auto canceled = cancel_delivery(rig.table, row.id, "manual");
    ASSERT_TRUE(canceled.has_value() && canceled->withdrawn.has_value());
    rig.engine.nudge(*canceled->withdrawn);
    rig.run_for(24h);
    EXPECT_EQ(rig.begun.size(), 1U);
    EXPECT_EQ(rig.engine.status(rig.table.time).items, 0U);
}

// ---- the store and the window

TEST(Engine, SendsABacklogOnceEachAndInOrderThroughASmallWindow) {
    EngineLimits limits;
    limits.window_items = 16;
    EngineRig rig{limits};
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 5; });
    Ids expected;
    for (int i = 0; i < 500; ++i) {
        expected.push_back(rig.offered(endpoint).id.value);
        rig.table.time += 1ms;
    }
    for (rig.settle(); !rig.started.empty(); rig.settle()) {
        ASSERT_LE(rig.engine.status(rig.table.time).items, 16U);
        rig.end(rig.started.front().item.delivery);
        // Later ones queue up behind the store's backlog.
        if (expected.size() < 600) expected.push_back(rig.offered(endpoint).id.value);
        rig.table.time += 1ms;
    }
    EXPECT_EQ(rig.count_open(), 0U);
    Ids begun;
    for (const DeliveryId id : rig.begun) begun.push_back(id.value);
    EXPECT_EQ(begun, expected);
}

TEST(Engine, KeepsTheEarliestRetriesInMemory) {
    EngineLimits limits;
    limits.window_items = 8;
    EngineRig rig{limits};
    const EndpointId endpoint = rig.add_endpoint(1);
    // The window fills with retries that are hours away.
    for (int i = 0; i < 8; ++i) {
        DeliveryRow row = rig.scheduled(endpoint);
        DeliveryRow& stored = rig.table.rows.at(row.id);
        stored.queue = DeliveryQueue::retry;
        stored.state = DeliveryState::waiting;
        stored.due_at = rig.table.time + 3s;
        stored.round_attempts = 3;
    }
    rig.engine.nudge({.endpoint = endpoint, .queue = DeliveryQueue::retry, .due_at = rig.table.time}
    );
    rig.settle();
    EXPECT_EQ(rig.engine.status(rig.table.time).items, 8U);
    rig.advance(3s);
    rig.end_all(500);
    rig.settle();
    EXPECT_EQ(rig.engine.status(rig.table.time).items, 8U);
    const DeliveryRow urgent = rig.offered(endpoint);
    rig.settle();
    rig.end(urgent.id, 500);
    rig.settle();
    rig.advance(5s);
    EXPECT_EQ(rig.started_ids(), Ids{urgent.id.value});
    rig.end(urgent.id);
    rig.run_for(24h);
    EXPECT_EQ(rig.count_open(), 0U);
    EXPECT_EQ(rig.begun.size(), 18U);
}

TEST(Engine, DoesNotBelieveAnAnswerOlderThanItsOwnRecord) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow row = rig.offered(endpoint);
    rig.poll();
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.poll();
    ASSERT_EQ(rig.loads.size(), 1U);
    const storage::DueQuery query = rig.loads[0].query;
    const storage::DueRows old_answer = rig.read(query);
    ASSERT_EQ(old_answer.rows.size(), 1U);
    rig.end(row.id);
    rig.poll();
    rig.write_all();
    rig.engine.loaded(query, old_answer);
    rig.loads.clear();
    rig.settle();
    EXPECT_EQ(rig.begun.size(), 1U);
}

TEST(Engine, DoesNotTakeTwiceWhatItHas) {
    EngineRig rig;
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 1; });
    for (int i = 0; i < 3; ++i) rig.offered(endpoint);
    rig.poll();
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.settle();
    EXPECT_EQ(rig.engine.status(rig.table.time).items, 2U);
    rig.run_for(1s);
    EXPECT_EQ(rig.begun.size(), 3U);
}

TEST(Engine, ReadsAgainWhenNudgedDuringARead) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    rig.scheduled(endpoint);
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.poll();
    ASSERT_EQ(rig.loads.size(), 1U);
    const storage::DueQuery query = rig.loads[0].query;
    const storage::DueRows old_answer = rig.read(query);
    rig.scheduled(endpoint);
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.poll();
    EXPECT_EQ(rig.loads.size(), 1U) << "one read at a time";
    rig.loads.clear();
    rig.engine.loaded(query, old_answer);
    rig.poll();
    EXPECT_EQ(rig.loads.size(), 1U);
    rig.run_for(1s);
    EXPECT_EQ(rig.begun.size(), 2U);
}

TEST(Engine, KeepsWhatIsOfferedDuringARead) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow first = rig.scheduled(endpoint);
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.poll();
    const storage::DueQuery query = rig.loads.front().query;
    const storage::DueRows answer_without = rig.read(query);
    const DeliveryRow second = rig.offered(endpoint);
    rig.poll();
    EXPECT_TRUE(rig.started.empty()) << "the store may have earlier ones";
    rig.loads.clear();
    rig.engine.loaded(query, answer_without);
    rig.poll();
    EXPECT_EQ(rig.started_ids(), (Ids{first.id.value, second.id.value}));
    EXPECT_NE(rig.started[1].item.content, nullptr);
    EXPECT_TRUE(rig.loads.empty());
}

TEST(Engine, ReadsAgainAfterAReadThatFailed) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow row = rig.scheduled(endpoint);
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.poll();
    rig.engine.load_failed(rig.loads.front().query, rig.table.time);
    rig.loads.clear();
    rig.poll();
    EXPECT_TRUE(rig.loads.empty());
    EXPECT_EQ(rig.engine.next_wake(), rig.table.time + 1s);
    rig.advance(1s);
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{row.id.value});
}

TEST(Engine, TakesUpWhatTheStoreHasAtItsStart) {
    EngineRig rig;
    const EndpointId endpoint{1};
    const DeliveryRow due = rig.scheduled(endpoint);
    const DeliveryRow later = rig.scheduled(endpoint);
    DeliveryRow& stored = rig.table.rows.at(later.id);
    stored.queue = DeliveryQueue::retry;
    stored.state = DeliveryState::waiting;
    stored.due_at = rig.table.time + 10min;
    rig.engine.put_endpoint(
        rig.make_endpoint(1), std::nullopt, {.fresh = due.due_at, .retry = stored.due_at}
    );
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{due.id.value});
    rig.end_all();
    rig.settle();
    EXPECT_EQ(rig.engine.next_wake(), rig.table.time + 10min);
    rig.run_for(10min);
    EXPECT_EQ(rig.count_open(), 0U);
}

TEST(Engine, DropsContentsWhenTheyTakeTooMuchMemory) {
    EngineLimits limits;
    limits.content_bytes_max = 700;
    EngineRig rig{limits};
    const EndpointId endpoint = rig.add_endpoint(1);
    for (int i = 0; i < 4; ++i) rig.offered(endpoint);
    const Engine::Status status = rig.engine.status(rig.table.time);
    EXPECT_EQ(status.items, 4U);
    EXPECT_LE(status.content_bytes, 700U);
    EXPECT_GT(status.content_bytes, 0U);
    rig.poll();
    EXPECT_EQ(rig.started.size(), 4U);
    EXPECT_EQ(rig.started.back().item.content, nullptr);
    EXPECT_EQ(rig.engine.status(rig.table.time).content_bytes, 0U);
}

// ---- the clock

TEST(Engine, TreatsAnAbsurdDueTimeAsDueNow) {
    EngineRig rig;
    const EndpointId endpoint = rig.add_endpoint(1);
    const DeliveryRow row = rig.scheduled(endpoint);
    rig.table.rows.at(row.id).due_at = rig.table.time + std::chrono::days{3'650};
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time + std::chrono::days{3'650}});
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{row.id.value});
}

TEST(Engine, GoesOnAfterTheClockWasSetBackByYears) {
    EngineRig rig;
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.rate_per_second = 1; });
    const TimePoint right = rig.table.time;
    rig.table.time += std::chrono::days{3'650};
    const DeliveryRow row = rig.offered(endpoint);
    rig.poll();
    rig.end(row.id, 500);
    rig.settle();
    const DeliveryRow unwritten = rig.offered(endpoint);
    rig.advance(1s);
    rig.end(unwritten.id, 200);
    rig.poll();
    rig.records.clear();
    rig.engine.record_failed(unwritten.id, rig.table.time);
    rig.table.time = right;
    rig.poll();
    EXPECT_EQ(rig.started_ids(), Ids{row.id.value});
    EXPECT_EQ(rig.records.size(), 1U);
}

// ---- endpoints that come, change and go

TEST(Engine, StopsForADisabledEndpointAndGoesOnWhenItIsEnabled) {
    EngineRig rig;
    rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 1; });
    const EndpointId endpoint{1};
    const DeliveryRow first = rig.offered(endpoint);
    const DeliveryRow second = rig.offered(endpoint);
    rig.poll();
    auto disabled = rig.make_endpoint(1);
    disabled->revision = 2;
    disabled->status = EndpointStatus::disabled;
    rig.engine.put_endpoint(disabled, std::nullopt, {});
    rig.settle();
    EXPECT_EQ(rig.engine.status(rig.table.time).items, 0U);
    rig.end(first.id);
    rig.settle();
    EXPECT_EQ(rig.table.rows.at(first.id).state, DeliveryState::delivered);
    EXPECT_TRUE(rig.started.empty());
    EXPECT_EQ(rig.engine.next_wake(), std::nullopt);
    rig.engine.put_endpoint(rig.make_endpoint(1), std::nullopt, {});
    rig.settle();
    EXPECT_TRUE(rig.started.empty()) << "an older revision";
    auto enabled = rig.make_endpoint(1);
    enabled->revision = 3;
    rig.engine.put_endpoint(enabled, std::nullopt, {.fresh = TimePoint{}, .retry = TimePoint{}});
    rig.settle();
    EXPECT_EQ(rig.started_ids(), Ids{second.id.value});
}

TEST(Engine, ForgetsARemovedEndpointOnceNothingOfItIsUnderWay) {
    EngineRig rig;
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 1; });
    const DeliveryRow first = rig.offered(endpoint);
    rig.offered(endpoint);
    rig.poll();
    rig.engine.remove_endpoint(endpoint);
    rig.offered(endpoint);
    rig.settle();
    EXPECT_EQ(rig.engine.status(rig.table.time).endpoints, 0U);
    EXPECT_EQ(rig.engine.status(rig.table.time).items, 0U);
    rig.end(first.id, 500);
    rig.settle();
    EXPECT_EQ(rig.table.rows.at(first.id).state, DeliveryState::waiting);
    EXPECT_EQ(rig.engine.next_wake(), std::nullopt);
    rig.engine.nudge({.endpoint = endpoint, .due_at = rig.table.time});
    rig.run_for(24h);
    EXPECT_EQ(rig.begun.size(), 1U);
}

struct VerdictCase {
    const char* name;
    int status;
    ReceiverWish wish;
    std::string_view reason;
};

TEST(Engine, StopsAtOnceWhenTheEndpointAsksForIt) {
    constexpr VerdictCase kCases[] = {
        {"gone", 410, ReceiverWish::stop_endpoint, "gone"},
        {"asked with an error", 400, ReceiverWish::stop_endpoint, "requested"},
        {"asked with thanks", 200, ReceiverWish::stop_endpoint, "requested"},
        {"one message only", 400, ReceiverWish::stop_message, ""},
    };
    for (const VerdictCase& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EngineRig rig;
        const EndpointId endpoint =
            rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 2; });
        for (int i = 0; i < 3; ++i) rig.offered(endpoint);
        rig.poll();
        ASSERT_EQ(rig.started.size(), 2U);
        for (const std::int64_t id : rig.started_ids()) {
            AttemptResult result = answer(test_case.status);
            result.wish = test_case.wish;
            rig.engine.attempt_ended(DeliveryId{id}, result, rig.table.time);
        }
        rig.started.clear();
        rig.poll();
        ASSERT_EQ(rig.records.size(), 2U);
        EXPECT_EQ(rig.records[0].disable_reason, test_case.reason);
        EXPECT_EQ(rig.records[1].disable_reason, "") << "said once";
        rig.settle();
        EXPECT_EQ(rig.started.empty(), !test_case.reason.empty());
    }
}

TEST(Engine, AsksToDisableAnEndpointThatFailedForDays) {
    EngineRig rig;
    const storage::EndpointHealthRow health{
        .endpoint = EndpointId{1},
        .failing_since = rig.table.time - std::chrono::days{6},
        .failures = 50,
        .not_before = rig.table.time,
        .breaker_openings = 9};
    rig.engine.put_endpoint(rig.make_endpoint(1), health, {});
    rig.offered(EndpointId{1});
    rig.offered(EndpointId{1});
    rig.poll();
    ASSERT_EQ(rig.started.size(), 1U) << "a probe";
    rig.end_all(500);
    rig.settle();
    EXPECT_EQ(rig.written.back().disable_reason, "failing");
    rig.run_for(24h);
    EXPECT_EQ(rig.begun.size(), 1U);
}

TEST(Engine, StopsTakingFromItsQueues) {
    EngineRig rig;
    const EndpointId endpoint =
        rig.add_endpoint(1, [](EndpointSettings& settings) { settings.in_flight_max = 1; });
    const DeliveryRow first = rig.offered(endpoint);
    rig.offered(endpoint);
    rig.poll();
    rig.engine.stop();
    rig.engine.nudge({.endpoint = endpoint, .queue = DeliveryQueue::retry});
    rig.end(first.id, 500);
    rig.settle();
    EXPECT_EQ(rig.written.size(), 1U);
    EXPECT_TRUE(rig.started.empty());
    EXPECT_EQ(rig.engine.next_wake(), std::nullopt);
}

}  // namespace
}  // namespace postern::dispatch
