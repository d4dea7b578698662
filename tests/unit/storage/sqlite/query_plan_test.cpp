#include "storage/account_repository.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/idempotency_repository.hpp"
#include "storage/job_repository.hpp"
#include "tests/unit/storage/delivery_fixture.hpp"
#include "tests/unit/storage/query_plans.hpp"

#include <functional>

namespace postern::storage {
namespace {

struct Case {
    const char* name;
    std::function<void(Connection&)> ask;
    const char* index;  // what the last statement must use
};

constexpr PageRequest<DeliveryId> kPage{.after = DeliveryId{5}};
constexpr EndpointOwner kOwner{kDefaultAccount, Livemode::test};

const Case kCases[] = {
    {"what is due",
     [](Connection& connection) { read(load_due(connection, {.endpoint = kEndpoint})); },
     "deliveries_due (endpoint_id=? AND queue=?)"},
    {"when something is due",
     [](Connection& connection) { read(first_due(connection, kEndpoint, DeliveryQueue::retry)); },
     "COVERING INDEX deliveries_due (endpoint_id=? AND queue=?)"},
    {"the first open of a payment",
     [](Connection& connection) {
         read(first_open_of_key(connection, {kEndpoint, 7}));
     },
     "deliveries_by_order_key (endpoint_id=? AND order_key=?)"},
    {"the first held of a payment",
     [](Connection& connection) {
         read(first_held_of_key(connection, {kEndpoint, 7}));
     },
     "deliveries_by_order_key (endpoint_id=? AND order_key=?)"},
    {"a newer one of a payment",
     [](Connection& connection) {
         read(has_newer_delivered(connection, {kEndpoint, 7}, DeliveryId{1}));
     },
     "deliveries_by_order_key (endpoint_id=? AND order_key=? AND id>?)"},
    {"an endpoint's deliveries",
     [](Connection& connection) {
         read(list_deliveries(connection, {.endpoint = kEndpoint}, kPage));
     },
     "deliveries_by_endpoint (endpoint_id=? AND id<?)"},
    {"an endpoint's dead ones",
     [](Connection& connection) {
         const DeliveryFilter filter{
             .endpoint = kEndpoint, .state = DeliveryState::dead, .since = kNow};
         read(list_deliveries(connection, filter, {}));
     },
     "deliveries_not_delivered (endpoint_id=? AND state=?)"},
    {"the next page of them",
     [](Connection& connection) {
         const DeliveryFilter filter{.endpoint = kEndpoint, .state = DeliveryState::dead};
         read(list_deliveries(connection, filter, {.after = DeliveryId{0}}));
     },
     "deliveries_not_delivered (endpoint_id=? AND state=? AND sequence<?)"},
    {"the next gaps",
     [](Connection& connection) {
         read(list_gaps(connection, {kEndpoint, 3, 10}));
     },
     "deliveries_not_delivered (endpoint_id=? AND state=? AND sequence>?)"},
    {"counts",
     [](Connection& connection) { read(count_deliveries(connection, kEndpoint, kNow)); },
     "COVERING INDEX deliveries_not_delivered (endpoint_id=?)"},
    {"a delivery's attempts",
     [](Connection& connection) { read(list_attempts(connection, DeliveryId{1})); },
     "sqlite_autoindex_attempts_1 (delivery_id=?)"},
    {"an owner's endpoints",
     [](Connection& connection) { read(list_endpoints(connection, kOwner, {})); },
     "endpoints_by_owner (account_id=? AND livemode=?)"},
    {"an endpoint by uid",
     [](Connection& connection) { read(find_endpoint_by_uid(connection, kOwner, "a")); },
     "endpoints_by_uid (account_id=? AND livemode=? AND uid=?)"},
    {"an account's children",
     [](Connection& connection) { read(list_child_accounts(connection, kDefaultAccount, {})); },
     "accounts_by_parent (parent_id=?)"},
    {"a child by uid",
     [](Connection& connection) { read(find_account_by_uid(connection, kDefaultAccount, "a")); },
     "accounts_by_uid (parent_id=? AND uid=?)"},
    {"an event by its sender's name",
     [](Connection& connection) {
         read(find_event_by_external_id(connection, {kDefaultAccount, Livemode::test, "a"}));
     },
     "events_by_external_id (account_id=? AND livemode=? AND external_id=?)"},
    {"an account's messages",
     [](Connection& connection) {
         const EventFilter filter{
             .account = kDefaultAccount,
             .livemode = Livemode::test,
             .kind = StoredEventKind::message};
         read(list_events(connection, filter, {}));
     },
     "events_by_kind (account_id=? AND livemode=? AND kind=?)"},
    {"events under a name of Stripe's users",
     [](Connection& connection) {
         const EventFilter filter{
             .account = kDefaultAccount,
             .livemode = Livemode::test,
             .own_type = "charge.succeeded"};
         read(list_events(connection, filter, {}));
     },
     "events_by_stripe_type (account_id=? AND livemode=? AND own_type=?)"},
    {"what is still to be delivered of an event",
     [](Connection& connection) { read(count_open_deliveries(connection, EventId{5})); },
     "(event_id=?)"},
    {"an owner's jobs",
     [](Connection& connection) { read(list_jobs(connection, {.account = kDefaultAccount}, {})); },
     "jobs_by_owner (account_id=? AND livemode=?)"},
    {"an endpoint's jobs",
     [](Connection& connection) {
         read(list_jobs(connection, {.account = kDefaultAccount, .endpoint = kEndpoint}, {}));
     },
     "jobs_by_"},
};

class QueryPlanTest : public DeliveryStoreTest {
 protected:
    void SetUp() override {
        StoreTest::SetUp();
        insert(next_row(DeliveryState::dead));
    }
};

// A partial index is left aside without a word when a statement's condition does not imply its own,
// and a sort of a million rows looks like any other answer in a test with ten.
TEST_P(QueryPlanTest, ReadsEachListFromItsIndexWithoutSorting) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        ListeningConnection listening{connection()};
        test_case.ask(listening);
        ASSERT_FALSE(listening.texts.empty());
        const std::string plan = plan_of(connection(), listening.texts.back());
        EXPECT_NE(plan.find(test_case.index), std::string::npos) << plan;
        EXPECT_EQ(plan.find("SCAN "), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

TEST_P(QueryPlanTest, StaysWithTheIndexWhenThereIsABacklog) {
    constexpr std::int64_t kBacklog = 10'000;
    const auto done = in_transaction(*database_, [this](Transaction& transaction) {
        for (std::int64_t i = 0; i < kBacklog; ++i) {
            DeliveryRow row = next_row();
            row.due_at = seconds_later(kBacklog - i);
            const auto inserted = insert_delivery(transaction, row);
            if (!inserted) return Result<void, StoreError>{inserted.error()};
        }
        return Result<void, StoreError>{};
    });
    ASSERT_TRUE(done.has_value());
    ListeningConnection listening{connection()};
    const DueRows due = read(load_due(
        listening, {.endpoint = kEndpoint, .due_until = seconds_later(kBacklog), .rows_max = 64}
    ));
    ASSERT_EQ(due.rows.size(), 64U);
    EXPECT_EQ(due.rows.front().sequence, made_) << "the one that was inserted last is due first";
    EXPECT_EQ(due.next_due, seconds_later(65));
    const std::string plan = plan_of(connection(), listening.texts.back());
    EXPECT_EQ(plan, "SEARCH deliveries USING INDEX deliveries_due (endpoint_id=? AND queue=?)\n");
}

std::vector<Driver> sqlite_only() {
    return {all_drivers().front()};
}
INSTANTIATE_TEST_SUITE_P(Embedded, QueryPlanTest, ::testing::ValuesIn(sqlite_only()), driver_name);

}  // namespace
}  // namespace postern::storage
