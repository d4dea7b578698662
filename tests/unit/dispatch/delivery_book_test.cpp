#include "dispatch/delivery_book.hpp"

#include "tests/unit/dispatch/delivery_table_fake.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace postern::dispatch {
namespace {

using storage::AttemptError;
using storage::AttemptTrigger;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::StoreError;
using namespace std::chrono_literals;

constexpr EndpointId kEndpoint{7};
constexpr std::int64_t kPayment = 99;

NewDelivery ordered(std::int64_t event) {
    return {
        .event = EventId{event},
        .endpoint = kEndpoint,
        .account = AccountId{1},
        .order_key = kPayment,
        .order = NewDelivery::Order::kept};
}

NewDelivery free_delivery(std::int64_t event) {
    NewDelivery wanted = ordered(event);
    wanted.order = NewDelivery::Order::any;
    return wanted;
}

FinishedDelivery finished(const DeliveryRow& row, Disposition disposition) {
    storage::AttemptRow attempt;
    attempt.status = 503;
    attempt.error = AttemptError::http_5xx;
    if (disposition.state == DeliveryState::delivered) {
        attempt.status = 200;
        attempt.error = AttemptError::none;
    }
    return {
        .delivery = row.id,
        .fence = row.fence,
        .disposition = disposition,
        .attempt = attempt,
        .max_hold = 1h};
}

const Disposition kDelivered{.state = DeliveryState::delivered};
const Disposition kExhausted{.state = DeliveryState::dead, .due_at = {}, .reason = "exhausted"};

class DeliveryBook : public testing::Test {
 protected:
    DeliveryRow schedule(const NewDelivery& wanted) {
        const auto row = schedule_delivery(table_, wanted);
        EXPECT_TRUE(row.has_value());
        return *row;
    }
    Recorded record(const FinishedDelivery& ended) {
        auto recorded = record_finished(table_, ended);
        EXPECT_TRUE(recorded.has_value());
        return *recorded;
    }
    Disposition waiting(std::chrono::seconds wait) const {
        return {.state = DeliveryState::waiting, .due_at = table_.time + wait};
    }
    const DeliveryRow& stored(const DeliveryRow& row) { return table_.rows.at(row.id); }

    DeliveryTableFake table_;
};

TEST_F(DeliveryBook, SchedulesABatchAsOneAfterTheOther) {
    NewDelivery elsewhere = ordered(3);
    elsewhere.endpoint = EndpointId{8};
    NewDelivery recorded = ordered(5);
    recorded.fate = NewDelivery::Fate::record_only;
    const std::vector<NewDelivery> wanted = {
        ordered(1), ordered(2), elsewhere, free_delivery(4), recorded, ordered(6)};
    const auto batch = schedule_deliveries(table_, wanted);
    ASSERT_TRUE(batch.has_value());
    const auto together = table_.rows;
    table_ = DeliveryTableFake{};
    for (const NewDelivery& one : wanted) schedule(one);
    EXPECT_EQ(together, table_.rows);
    EXPECT_EQ(batch->front().queue, DeliveryQueue::fresh);
    EXPECT_EQ(batch->back().queue, DeliveryQueue::held);
    EXPECT_EQ(batch->back().sequence, 5);
}

TEST_F(DeliveryBook, RecordsABatchAsOneAfterTheOther) {
    for (const bool is_late : {false, true}) {
        SCOPED_TRACE(is_late);
        table_ = DeliveryTableFake{};
        const DeliveryRow first = schedule(ordered(1));
        const DeliveryRow second = schedule(ordered(2));
        NewDelivery elsewhere = free_delivery(3);
        elsewhere.endpoint = EndpointId{8};
        const DeliveryRow other = schedule(elsewhere);
        FinishedDelivery late = finished(first, kDelivered);
        const std::vector<FinishedDelivery> ends = {
            finished(first, is_late ? kExhausted : kDelivered),
            finished(other, waiting(60s)),
            late,
            finished(DeliveryRow{.id = DeliveryId{99}}, kDelivered)};
        std::vector<const FinishedDelivery*> pointers;
        for (const FinishedDelivery& end : ends) pointers.push_back(&end);
        const auto recorded = record_all(table_, pointers);
        ASSERT_TRUE(recorded.has_value());
        ASSERT_EQ(recorded->size(), 4U);
        EXPECT_EQ((*recorded)[0].kind, Recorded::Kind::applied);
        ASSERT_TRUE((*recorded)[0].successor.has_value());
        EXPECT_EQ(stored(second).queue, DeliveryQueue::fresh);
        EXPECT_EQ((*recorded)[1].row.state, DeliveryState::waiting);
        EXPECT_EQ((*recorded)[2].kind, Recorded::Kind::stale) << "its end is written already";
        EXPECT_EQ((*recorded)[3].kind, Recorded::Kind::stale) << "it went";
        EXPECT_EQ(table_.attempts.size(), 3U);
    }
}

TEST_F(DeliveryBook, LetsTheNextGoOnceWhenTwoOfOnePaymentEndTogether) {
    const DeliveryRow first = schedule(ordered(1));
    const DeliveryRow second = schedule(ordered(2));
    const DeliveryRow third = schedule(ordered(3));
    ASSERT_TRUE(retry_delivery(table_, second.id, AttemptTrigger::manual).has_value());
    const FinishedDelivery one = finished(first, kDelivered);
    const FinishedDelivery two = finished(stored(second), kDelivered);
    const auto recorded = record_all(table_, {&one, &two});
    ASSERT_TRUE(recorded.has_value());
    EXPECT_FALSE(recorded->front().successor.has_value());
    EXPECT_TRUE(recorded->back().successor.has_value());
    EXPECT_EQ(stored(third).queue, DeliveryQueue::fresh);
}

TEST_F(DeliveryBook, SchedulesDueNowWithGaplessSequence) {
    const DeliveryRow first = schedule(free_delivery(1));
    const DeliveryRow second = schedule(free_delivery(2));
    EXPECT_EQ(first.sequence, 1);
    EXPECT_EQ(second.sequence, 2);
    EXPECT_EQ(second.queue, DeliveryQueue::fresh);
    EXPECT_EQ(second.due_at, table_.time);
    EXPECT_EQ(second.round_started_at, table_.time);
    EXPECT_EQ(second.order_key, kPayment);
    EXPECT_EQ(stored(second), second);
}

TEST_F(DeliveryBook, RecordsOnlyWhatADisabledEndpointMisses) {
    NewDelivery wanted = ordered(1);
    wanted.fate = NewDelivery::Fate::record_only;
    const DeliveryRow row = schedule(wanted);
    EXPECT_EQ(row.sequence, 1);
    EXPECT_EQ(row.state, DeliveryState::skipped);
    EXPECT_EQ(row.queue, std::nullopt);
    EXPECT_EQ(row.reason, "endpoint_disabled");
    EXPECT_EQ(row.finished_at, table_.time);
    EXPECT_EQ(schedule(ordered(2)).queue, DeliveryQueue::fresh);
}

TEST_F(DeliveryBook, HoldsALaterEventOfTheSamePaymentOnly) {
    schedule(ordered(1));
    EXPECT_EQ(schedule(ordered(2)).queue, DeliveryQueue::held);
    NewDelivery other_payment = ordered(3);
    other_payment.order_key = kPayment + 1;
    EXPECT_EQ(schedule(other_payment).queue, DeliveryQueue::fresh);
    NewDelivery other_endpoint = ordered(4);
    other_endpoint.endpoint = EndpointId{8};
    EXPECT_EQ(schedule(other_endpoint).queue, DeliveryQueue::fresh);
    NewDelivery no_payment = ordered(5);
    no_payment.order_key = 0;
    EXPECT_EQ(schedule(no_payment).queue, DeliveryQueue::fresh);
    EXPECT_EQ(schedule(no_payment).queue, DeliveryQueue::fresh);
}

TEST_F(DeliveryBook, LetsTheNextEventGoWhenTheFirstEnds) {
    for (const Disposition& end : {kDelivered, kExhausted, decide_skipped(SkipReason::filtered)}) {
        SCOPED_TRACE(storage::to_text(end.state));
        table_ = DeliveryTableFake{};
        const DeliveryRow first = schedule(ordered(1));
        const DeliveryRow second = schedule(ordered(2));
        const DeliveryRow third = schedule(ordered(3));
        table_.time += 5min;
        const Recorded recorded = record(finished(first, end));
        EXPECT_EQ(recorded.kind, Recorded::Kind::applied);
        EXPECT_EQ(recorded.row, stored(first));
        EXPECT_EQ(recorded.row.finished_at, table_.time);
        ASSERT_TRUE(recorded.successor.has_value());
        EXPECT_EQ(recorded.successor->endpoint, kEndpoint);
        EXPECT_EQ(recorded.successor->queue, DeliveryQueue::fresh);
        EXPECT_EQ(recorded.successor->due_at, table_.time);
        EXPECT_EQ(stored(second).queue, DeliveryQueue::fresh);
        EXPECT_EQ(stored(second).due_at, table_.time);
        EXPECT_EQ(stored(second).round_started_at, table_.time);
        EXPECT_EQ(stored(second).fence, second.fence + 1);
        EXPECT_EQ(stored(third).queue, DeliveryQueue::held);
    }
}

TEST_F(DeliveryBook, KeepsTheNextEventWhileTheFirstIsRetriedSoon) {
    const DeliveryRow first = schedule(ordered(1));
    const DeliveryRow second = schedule(ordered(2));
    const Recorded recorded = record(finished(first, waiting(1h)));
    EXPECT_FALSE(recorded.successor.has_value());
    EXPECT_EQ(recorded.row.state, DeliveryState::waiting);
    EXPECT_EQ(recorded.row.queue, DeliveryQueue::retry);
    EXPECT_EQ(recorded.row.due_at, table_.time + 1h);
    EXPECT_EQ(recorded.row.attempts, 1);
    EXPECT_EQ(recorded.row.round_attempts, 1);
    EXPECT_EQ(recorded.row.last_status, 503);
    EXPECT_EQ(recorded.row.last_error, AttemptError::http_5xx);
    EXPECT_EQ(recorded.row.order_key, kPayment);
    EXPECT_EQ(stored(second).queue, DeliveryQueue::held);
}

TEST_F(DeliveryBook, SetsAsideWhatWouldHoldItsPaymentTooLong) {
    const DeliveryRow first = schedule(ordered(1));
    const DeliveryRow second = schedule(ordered(2));
    const Recorded recorded = record(finished(first, waiting(1h + 1s)));
    EXPECT_EQ(recorded.row.state, DeliveryState::waiting);
    EXPECT_EQ(recorded.row.order_key, 0);
    EXPECT_TRUE(recorded.successor.has_value());
    EXPECT_EQ(stored(second).queue, DeliveryQueue::fresh);
    const Recorded later = record(finished(recorded.row, kDelivered));
    EXPECT_EQ(later.kind, Recorded::Kind::applied);
    EXPECT_FALSE(later.successor.has_value());
}

TEST_F(DeliveryBook, KeepsTheKeyWhereOrderIsNotKept) {
    const DeliveryRow row = schedule(free_delivery(1));
    FinishedDelivery ended = finished(row, waiting(10h));
    ended.order = NewDelivery::Order::any;
    EXPECT_EQ(record(ended).row.order_key, kPayment);
}

TEST_F(DeliveryBook, RecordsAStaleAttemptAndLeavesTheState) {
    const DeliveryRow row = schedule(ordered(1));
    const auto canceled = cancel_delivery(table_, row.id, "unwanted");
    ASSERT_TRUE(canceled.has_value());
    EXPECT_EQ(canceled->kind, Canceled::Kind::canceled);
    const Recorded recorded = record(finished(row, kDelivered));
    EXPECT_EQ(recorded.kind, Recorded::Kind::stale);
    EXPECT_EQ(recorded.row.state, DeliveryState::canceled);
    EXPECT_EQ(stored(row).state, DeliveryState::canceled);
    ASSERT_EQ(table_.attempts.size(), 1U);
    EXPECT_EQ(table_.attempts[0].delivery, row.id);
}

TEST_F(DeliveryBook, RecordsNoAttemptOfWhatWasSkipped) {
    const DeliveryRow row = schedule(free_delivery(1));
    FinishedDelivery ended = finished(row, decide_skipped(SkipReason::unsubscribed));
    ended.attempt.reset();
    const Recorded recorded = record(ended);
    EXPECT_EQ(recorded.row.state, DeliveryState::skipped);
    EXPECT_EQ(recorded.row.reason, "unsubscribed");
    EXPECT_EQ(recorded.row.attempts, 0);
    EXPECT_TRUE(table_.attempts.empty());
}

TEST_F(DeliveryBook, GivesUpOnARowThatVanished) {
    const DeliveryRow row = schedule(free_delivery(1));
    table_.rows.clear();
    const Recorded recorded = record(finished(row, kDelivered));
    EXPECT_EQ(recorded.kind, Recorded::Kind::stale);
    EXPECT_FALSE(is_open(recorded.row.state));
    EXPECT_TRUE(table_.attempts.empty());
}

TEST_F(DeliveryBook, RetriesWhateverTheState) {
    for (const Disposition& end : {kDelivered, kExhausted, waiting(5min)}) {
        SCOPED_TRACE(storage::to_text(end.state));
        const DeliveryRow row = schedule(free_delivery(1));
        const DeliveryRow before = record(finished(row, end)).row;
        table_.time += 1min;
        const auto nudge = retry_delivery(table_, row.id, AttemptTrigger::manual);
        ASSERT_TRUE(nudge.has_value() && nudge->has_value());
        EXPECT_EQ((*nudge)->queue, DeliveryQueue::fresh);
        EXPECT_EQ((*nudge)->due_at, table_.time);
        const DeliveryRow& after = stored(row);
        EXPECT_EQ(after.state, DeliveryState::pending);
        EXPECT_EQ(after.queue, DeliveryQueue::fresh);
        EXPECT_EQ(after.due_at, table_.time);
        EXPECT_EQ(after.round_attempts, 0);
        EXPECT_EQ(after.attempts, 1);
        EXPECT_EQ(after.round_started_at, table_.time);
        EXPECT_EQ(after.trigger, AttemptTrigger::manual);
        EXPECT_EQ(after.finished_at, std::nullopt);
        EXPECT_EQ(after.reason, "");
        EXPECT_EQ(after.fence, before.fence + 1);
        EXPECT_EQ(after.order_key, kPayment);
    }
}

TEST_F(DeliveryBook, ReleasesAHeldOneByHand) {
    const DeliveryRow first = schedule(ordered(1));
    const DeliveryRow second = schedule(ordered(2));
    const DeliveryRow third = schedule(ordered(3));
    ASSERT_TRUE(retry_delivery(table_, second.id, AttemptTrigger::manual).has_value());
    EXPECT_EQ(stored(second).queue, DeliveryQueue::fresh);
    // The third waits for both: whichever of them ends last lets it go.
    EXPECT_FALSE(record(finished(first, kDelivered)).successor.has_value());
    EXPECT_TRUE(record(finished(stored(second), kDelivered)).successor.has_value());
    EXPECT_EQ(stored(third).queue, DeliveryQueue::fresh);
}

TEST_F(DeliveryBook, CancelsWhatIsOpenOnly) {
    const DeliveryRow first = schedule(ordered(1));
    const DeliveryRow second = schedule(ordered(2));
    const auto canceled = cancel_delivery(table_, first.id, "unwanted");
    ASSERT_TRUE(canceled.has_value());
    EXPECT_EQ(canceled->kind, Canceled::Kind::canceled);
    EXPECT_TRUE(canceled->successor.has_value());
    EXPECT_EQ(stored(first).reason, "unwanted");
    EXPECT_EQ(stored(first).queue, std::nullopt);
    EXPECT_EQ(stored(second).queue, DeliveryQueue::fresh);
    EXPECT_EQ(cancel_delivery(table_, first.id, "again")->kind, Canceled::Kind::not_open);
    EXPECT_EQ(cancel_delivery(table_, DeliveryId{404}, "")->kind, Canceled::Kind::not_found);
    const auto nudge = retry_delivery(table_, DeliveryId{404}, AttemptTrigger::manual);
    ASSERT_TRUE(nudge.has_value());
    EXPECT_FALSE(nudge->has_value());
}

TEST_F(DeliveryBook, CancelsAHeldOneWithoutMovingTheOthers) {
    schedule(ordered(1));
    const DeliveryRow second = schedule(ordered(2));
    const DeliveryRow third = schedule(ordered(3));
    const auto canceled = cancel_delivery(table_, second.id, "unwanted");
    ASSERT_TRUE(canceled.has_value());
    EXPECT_FALSE(canceled->successor.has_value());
    EXPECT_EQ(stored(third).queue, DeliveryQueue::held);
}

TEST_F(DeliveryBook, ReportsAStoreThatFailsAtAnyStep) {
    constexpr int kCallsOfRecord = 5;  // find, attempt, change, first open, change
    for (int call = 0; call < kCallsOfRecord; ++call) {
        SCOPED_TRACE(call);
        table_ = DeliveryTableFake{};
        const DeliveryRow first = schedule(ordered(1));
        schedule(ordered(2));
        table_.calls_until_failure = call;
        const auto recorded = record_finished(table_, finished(first, kDelivered));
        ASSERT_FALSE(recorded.has_value());
        EXPECT_EQ(recorded.error(), StoreError::busy);
    }
    constexpr int kCallsOfSchedule = 3;  // sequence, first open, insert
    for (int call = 0; call < kCallsOfSchedule; ++call) {
        SCOPED_TRACE(call);
        table_.calls_until_failure = call;
        EXPECT_FALSE(schedule_delivery(table_, ordered(3)).has_value());
    }
}

}  // namespace
}  // namespace postern::dispatch
