#include "storage/event_sweep.hpp"

#include "storage/attempt_repository.hpp"
#include "storage/event_repository.hpp"
#include "tests/unit/storage/delivery_fixture.hpp"

#include <array>

namespace postern::storage {
namespace {

using std::chrono::days;
using Rest = ForgottenEvents::Rest;

// What stands beside an old event, and whether it keeps it.
struct Case {
    std::string_view name;
    DeliveryState state = DeliveryState::delivered;
    enum class Order { any, of_payment } order = Order::any;
    std::optional<DeliveryState> other = {};  // of another event of the payment, if there is one
    days ended_after{0};
    bool kept = false;
};

constexpr std::array kCases = {
    Case{.name = "what arrived goes"},
    Case{.name = "what is dead goes", .state = DeliveryState::dead},
    Case{.name = "what nobody wanted goes", .state = DeliveryState::skipped},
    Case{.name = "what was never tried stays", .state = DeliveryState::pending, .kept = true},
    Case{.name = "what is tried again stays", .state = DeliveryState::waiting, .kept = true},
    Case{.name = "what ended lately stays", .ended_after = days{50}, .kept = true},
    Case{
        .name = "what another of its payment must see stays",
        .order = Case::Order::of_payment,
        .other = DeliveryState::waiting,
        .kept = true},
    Case{
        .name = "what nobody of its payment waits for goes",
        .order = Case::Order::of_payment,
        .other = DeliveryState::dead},
    Case{.name = "what waits elsewhere keeps nothing", .other = DeliveryState::waiting},
};

class EventSweepTest : public DeliveryStoreTest {
 protected:
    EventId insert_event_row() {
        const auto work = [](Transaction& transaction) -> Result<EventId, StoreError> {
            EventRow row;
            row.id = EventId{transaction.next_id()};
            row.account = kDefaultAccount;
            row.created_at = transaction.now();
            row.object = "{}";
            const auto inserted = insert_event(transaction, row);
            if (!inserted) return inserted.error();
            return row.id;
        };
        return written(*database_, work, clock_.at);
    }
    DeliveryRow deliver(EventId event, DeliveryState state, std::int64_t order_key = 0) {
        DeliveryRow row = next_row(state);
        row.event = event;
        row.order_key = order_key;
        return insert(row);
    }
    void attempt(const DeliveryRow& row, int times = 1) {
        const auto work = [&row, times](Transaction& transaction) -> Result<void, StoreError> {
            for (int i = 0; i < times; ++i) {
                const auto inserted = insert_attempt(transaction, {.delivery = row.id});
                if (!inserted) return inserted.error();
            }
            return {};
        };
        ASSERT_TRUE(in_transaction(*database_, work).has_value());
    }
    ForgottenEvents forget(const EventSweep& sweep) {
        return written(*database_, [&sweep](Transaction& transaction) {
            return forget_events(transaction, sweep);
        });
    }
    ForgottenEvents forget(TimePoint before) { return forget(EventSweep{before, EventId{}}); }
    bool one_writes() { return connection().writers() == Writers::one; }
    std::int64_t count(const std::string& table) { return count_rows(connection(), table); }
};

TEST_P(EventSweepTest, TakesWhatNobodyNeeds) {
    TimePoint made_at = kNow;
    std::int64_t payments = 0;
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const bool ordered = test_case.order == Case::Order::of_payment;
        const std::int64_t payment = ordered ? ++payments : 0;
        clock_.at = made_at;
        const EventId old = insert_event_row();
        DeliveryRow row = next_row(test_case.state);
        row.event = old;
        row.order_key = payment;
        if (row.finished_at) row.finished_at = made_at + test_case.ended_after;
        insert(row);
        clock_.at = made_at + days{40};
        const EventId later = insert_event_row();
        if (test_case.other) deliver(later, *test_case.other, payment);
        forget(made_at + days{30});
        EXPECT_EQ(read(find_event(connection(), old)).has_value(), test_case.kept);
        EXPECT_EQ(
            read(list_deliveries_of_event(connection(), old)).size(), test_case.kept ? 1U : 0U
        );
        EXPECT_TRUE(read(find_event(connection(), later)).has_value());
        made_at += days{100};
    }
}

TEST_P(EventSweepTest, TakesAnEventWithItsDeliveriesAndTheirAttempts) {
    const EventId event = insert_event_row();
    DeliveryRow elsewhere = next_row(DeliveryState::dead);
    elsewhere.event = event;
    elsewhere.endpoint = kOtherEndpoint;
    attempt(insert(elsewhere));
    const DeliveryRow row = deliver(event, DeliveryState::delivered);
    attempt(row, 2);
    const ForgottenEvents gone = forget(kNow + days{1});
    const ForgottenEvents wanted{
        .events = 1, .deliveries = 2, .attempts = 3, .reached = event, .rest = Rest::none};
    EXPECT_EQ(gone, wanted);
    for (const char* table : {"events", "deliveries", "attempts"}) EXPECT_EQ(count(table), 0);
}

TEST_P(EventSweepTest, TakesNothingThatIsYoung) {
    const EventId event = insert_event_row();
    deliver(event, DeliveryState::delivered);
    EXPECT_EQ(forget(time_of_id(event.value)).rows(), 0);
    EXPECT_EQ(count("events"), 1);
    EXPECT_EQ(forget(kNow + std::chrono::seconds{1}).rows(), 2);
}

TEST_P(EventSweepTest, TakesAttemptsInPartAndTheRestInOnePiece) {
    const EventId event = insert_event_row();
    const DeliveryRow row = deliver(event, DeliveryState::delivered);
    const int in_a_step = one_writes() ? 256 : 4096;
    attempt(row, in_a_step + 44);
    const ForgottenEvents first = forget(kNow + days{1});
    EXPECT_EQ(first.attempts, in_a_step);
    EXPECT_EQ(first.events + first.deliveries, 0);
    EXPECT_EQ(first.reached, EventId{});
    EXPECT_EQ(first.rest, Rest::some);
    const ForgottenEvents second = forget(EventSweep{kNow + days{1}, first.reached});
    EXPECT_EQ(second.attempts, 44);
    EXPECT_EQ(second.events + second.deliveries, 2);
    EXPECT_EQ(second.rest, Rest::none);
}

// However many are passed over, a step looks at a few, and the next goes on behind them.
TEST_P(EventSweepTest, ComesThroughWithManyThatStay) {
    // More than a step looks at, and fewer than two do.
    const int stay = one_writes() ? 150 : 1'100;
    for (int i = 0; i < stay; ++i) deliver(insert_event_row(), DeliveryState::waiting);
    const EventId last = insert_event_row();
    EventSweep sweep{kNow + days{1}, EventId{}};
    std::int64_t events = 0;
    int steps = 0;
    for (Rest rest = Rest::some; rest == Rest::some && steps < 100; ++steps) {
        const ForgottenEvents gone = forget(sweep);
        events += gone.events;
        sweep.after = gone.reached;
        rest = gone.rest;
    }
    EXPECT_EQ(events, 1);
    EXPECT_EQ(sweep.after, last);
    EXPECT_EQ(steps, 2);
    EXPECT_EQ(count("events"), stay);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    EventSweepTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
