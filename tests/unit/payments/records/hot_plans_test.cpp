#include "payments/records/gateway_records.hpp"
#include "payments/service/news_filter.hpp"
#include "tests/unit/storage/postgres_store.hpp"
#include "tests/unit/storage/sent_plans.hpp"

namespace postern::payments {
namespace {

using storage::HotWork;
using storage::read;
using storage::Transaction;

// Orders are made at many times and come due in the order in which they stand in the table, which
// makes the index of all of them look as good as that of a node's.
constexpr const char* kFill =
    "INSERT INTO payments SELECT n, 1, 0, n, 1, 1, 1, 100, 1000, 'usd', 0, 0, 0, 0, 0, 1 + n % 3,"
    " 'pay_' || n, NULL, NULL, NULL, NULL, '', '', 0, 0, NULL, NULL, '{}'"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO refunds SELECT n, 1, 0, n, n, 0, 1, 'usd', 1 + n % 3, 're_' || n, NULL, 0, 0, ''"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO disputes SELECT n, 1, 0, n, n, 0, 1, 'usd', 1 + n % 3, 'dp_' || n, NULL, NULL, 0,"
    " NULL, 0, 0, NULL, '' FROM generate_series(1, 20000) AS n;"
    "INSERT INTO payouts SELECT n, 1, 0, 0, 1, 'usd', 0, 0, 1 + n % 3, 'po_' || n, 0, NULL, NULL,"
    " 0, 0, '' FROM generate_series(1, 20000) AS n;"
    "INSERT INTO gateway_orders SELECT (n::bigint << 20) | ((n % 8) << 14), 1, 0, 1, 0, n, n, 0,"
    " n, 0, 0 FROM generate_series(1, 20000) AS n;"
    "ANALYZE";

constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);
constexpr OrderId kOrder{(5 << 20) | (5 << 14)};

void look_for_news(Transaction& transaction) {
    UnifiedEvent event;
    event.gateway_payment_id = "pay_5";
    event.gateway_refund_id = "re_5";
    event.gateway_dispute_id = "dp_5";
    event.gateway_payout_id = "po_5";
    const std::vector<ProviderNews> news{{storage::GatewayNumber{3}, event}};
    read(find_news_of_ours(transaction, IdCodec{SipKey{}}, news));
}

const HotWork kNews{
    "what a provider tells",
    look_for_news,
    {"payments_by_gateway_id",
     "refunds_by_gateway_id",
     "disputes_by_gateway_id",
     "payouts_by_gateway_id"}};

const HotWork kOrders[] = {
    {"a node's orders that are due",
     [](Transaction& transaction) {
         const OrdersOfNode question{.node = 5, .now = kNow, .rows_max = 10};
         EXPECT_EQ(read(due_orders_of(transaction.connection(), question)).size(), 10U);
     },
     {"gateway_orders_of_node"}},
    {"when one of a node is due",
     [](Transaction& transaction) {
         EXPECT_TRUE(read(next_order_of(transaction.connection(), 5)).has_value());
     },
     {"gateway_orders_of_node"}},
    {"all orders that are due",
     [](Transaction& transaction) {
         EXPECT_EQ(read(due_orders(transaction.connection(), kNow, 10)).size(), 10U);
     },
     {"gateway_orders_due"}},
    {"an order and its end",
     [](Transaction& transaction) {
         EXPECT_TRUE(read(find_order(transaction.connection(), kOrder)).has_value());
         EXPECT_TRUE(postpone_order(transaction, kOrder, kNow).has_value());
         EXPECT_TRUE(delete_order(transaction, kOrder).has_value());
     },
     {"gateway_orders_pkey"}},
};

class HotPlans : public storage::PostgresStoreTest {};

TEST_F(HotPlans, OfNewsAreLookUpsWhateverIsInTheTables) {
    expect_look_ups(*database_, kNews);
    static_cast<void>(ask(kFill));
    expect_look_ups(*database_, kNews);
}

TEST_F(HotPlans, OfOrdersAreLookUpsInFullTables) {
    static_cast<void>(ask(kFill));
    for (const HotWork& hot : kOrders) expect_look_ups(*database_, hot);
}

}  // namespace
}  // namespace postern::payments
