#include "cluster/lane_records.hpp"
#include "storage/node_repository.hpp"
#include "tests/unit/cluster/cluster_store.hpp"
#include "tests/unit/storage/sent_plans.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern::cluster {
namespace {

using storage::HotWork;
using storage::read;
using storage::Transaction;

// As a cluster is nearly always when its rows are counted: no delivery waits.
constexpr const char* kFill =
    "INSERT INTO endpoints SELECT n, a.id, 0, 0, 1, 0, 0, NULL, '', '', 'u', '{}', ''"
    " FROM generate_series(1, 10000) AS n, (SELECT MIN(id) AS id FROM accounts) AS a;"
    "INSERT INTO endpoint_health SELECT n, NULL, 1, NULL, 0 FROM generate_series(1, 10000) AS n;"
    "INSERT INTO deliveries SELECT n, n, 11 + n % 200, 1, 0, n, 1 + n % 4000, 2, NULL,"
    " n, 1, 1, 1, 0, 0, 200, 0, 0, 0, '' FROM generate_series(1, 20000) AS n;"
    "INSERT INTO nodes SELECT n, n, 'n', '', '1', 1, 0, 1::bigint << 60"
    " FROM generate_series(1, 60) AS n;"
    "INSERT INTO leases SELECT 'lease ' || n, 1, 1, 0 FROM generate_series(1, 3) AS n;"
    "INSERT INTO lanes SELECT n, 1 + n % 60, 1 FROM generate_series(1, 9000) AS n;"
    "ANALYZE";

constexpr std::array kLanes{EndpointId{60}, EndpointId{61}, EndpointId{9500}};
constexpr std::array kHeld{HeldLane{EndpointId{60}, 1}, HeldLane{EndpointId{9500}}};
constexpr std::int64_t kNode = 1;
constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
constexpr storage::LeaseTerm kTerm{.now = kNow, .until = kNow + std::chrono::seconds{9}};

void live(Transaction& transaction) {
    auto& connection = transaction.connection();
    EXPECT_EQ(read(storage::list_nodes(connection)).size(), 60U);
    read(storage::extend_node(connection, {.id = kNode, .started_at = {}}, kTerm));
    EXPECT_TRUE(storage::end_node(connection, {.id = 2, .started_at = {}}, kNow).has_value());
    read(storage::delete_ended_node(transaction, 2, kNow));
}

void lead(Transaction& transaction) {
    auto& connection = transaction.connection();
    storage::LeaseHold hold{.name = "lease 1", .node = kNode};
    hold.fence = read(storage::take_lease(connection, hold, kTerm)).value_or(0);
    EXPECT_EQ(hold.fence, 2);
    EXPECT_TRUE(read(storage::find_lease(connection, hold.name)).has_value());
    EXPECT_TRUE(read(storage::extend_lease(connection, hold, kTerm)));
    EXPECT_TRUE(read(storage::holds_lease(transaction, hold)));
    EXPECT_TRUE(storage::end_lease(connection, hold, kNow).has_value());
}

const HotWork kWork[] = {
    {"lanes to confirm",
     [](Transaction& transaction) {
         EXPECT_EQ(read(confirm_lanes(transaction.connection(), {kNode, kLanes})).size(), 3U);
     },
     {"lanes_pkey", "nodes_pkey", "endpoints_pkey"},
     {"endpoints_1.id"}},
    {"the lanes of a node",
     [](Transaction& transaction) { read(list_lanes_of(transaction.connection(), kNode)); },
     {"lanes_by_node"}},
    {"lanes to release",
     [](Transaction& transaction) {
         EXPECT_TRUE(release_lanes(transaction.connection(), kNode, kHeld).has_value());
     },
     {"lanes_pkey"}},
    {"what nobody serves",
     [](Transaction& transaction) { read(find_unserved(transaction.connection(), kLanes, kNow)); },
     {"endpoints_pkey", "endpoint_health_pkey", "deliveries_due", "lanes_pkey", "nodes_pkey"}},
    {"when each endpoint has something due",
     [](Transaction& transaction) {
         read(read_earliest_due(transaction.connection(), {.after = {}, .rows_max = 9}));
     },
     {"endpoints_pkey", "deliveries_due", "endpoint_health_pkey"}},
    {"nodes that live and end", live, {"nodes_pkey"}},
    {"what one node does alone", lead, {"leases_pkey"}},
};

TEST(LanePlans, AreLookUpsInFullTables) {
    if (!storage::PostgresServer::is_installed()) GTEST_SKIP() << "no PostgreSQL here";
    ClusterStore store;
    store.ask(kFill);
    for (const HotWork& hot : kWork) storage::expect_look_ups(store.database(), hot);
}

}  // namespace
}  // namespace postern::cluster
