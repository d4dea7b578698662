#include "payments/records/customer_records.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/records/ledger_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"
#include "tests/unit/storage/query_plans.hpp"

#include <functional>

namespace postern::payments {
namespace {

constexpr Owner kOwner{storage::kDefaultAccount, storage::Livemode::test};

struct Case {
    const char* name;
    std::function<void(Connection&)> ask;
    const char* index;  // what the last statement must use
};

const Case kCases[] = {
    {"an owner's customers",
     [](Connection& connection) {
         read(list_customers(connection, {.owner = kOwner}, {.after = CustomerId{5}}));
     },
     "customers_by_owner (account_id=? AND livemode=? AND id<?)"},
    {"customers by email",
     [](Connection& connection) {
         read(list_customers(connection, {.owner = kOwner, .email = "a"}, {}));
     },
     "customers_by_email (account_id=? AND livemode=? AND email=?)"},
    {"a customer by the shop's name for it",
     [](Connection& connection) { read(find_customer_by_external_id(connection, kOwner, "a")); },
     "customers_by_external_id (account_id=? AND livemode=? AND external_id=?)"},
    {"a customer's methods",
     [](Connection& connection) {
         read(list_payment_methods(
             connection, {.owner = kOwner, .customer = CustomerId{1}}, {.after = PaymentMethodId{5}}
         ));
     },
     "payment_methods_by_customer (customer_id=? AND id<?)"},
    {"an owner's methods",
     [](Connection& connection) { read(list_payment_methods(connection, {.owner = kOwner}, {})); },
     "payment_methods_by_owner (account_id=? AND livemode=?)"},
    {"an owner's methods of a type",
     [](Connection& connection) {
         read(list_payment_methods(
             connection, {.owner = kOwner, .type = MethodType::us_bank_account}, {}
         ));
     },
     "payment_methods_by_type (account_id=? AND livemode=? AND type=?)"},
    {"the statement in a currency",
     [](Connection& connection) {
         read(list_balance_transactions(
             connection, {.owner = kOwner, .currency = currency("eur")}, {}
         ));
     },
     "balance_transactions_by_currency (account_id=? AND livemode=? AND currency=?)"},
    {"the statement",
     [](Connection& connection) {
         read(list_balance_transactions(connection, {.owner = kOwner}, {}));
     },
     "balance_transactions_by_owner (account_id=? AND livemode=?)"},
    {"the statement's refunds",
     [](Connection& connection) {
         read(list_balance_transactions(
             connection,
             {.owner = kOwner, .type = TransactionType::refund},
             {.after = BalanceTransactionId{5}}
         ));
     },
     "balance_transactions_by_type (account_id=? AND livemode=? AND type=? AND id<?)"},
    {"the statement's charges",
     [](Connection& connection) {
         read(list_balance_transactions(
             connection, {.owner = kOwner, .type = TransactionType::charge}, {}
         ));
     },
     "balance_transactions_by_owner (account_id=? AND livemode=?)"},
    {"lines by source",
     [](Connection& connection) {
         read(list_balance_transactions(connection, {.owner = kOwner, .source = "ch_1"}, {}));
     },
     "balance_transactions_by_source (account_id=? AND livemode=? AND source=?)"},
    {"lines that settle",
     [](Connection& connection) { read(due_balance_transactions(connection, TimePoint{}, 9)); },
     "balance_transactions_pending (available_on<?)"},
    {"payouts",
     [](Connection& connection) { read(list_payouts(connection, {.owner = kOwner}, {})); },
     "payouts_by_owner (account_id=? AND livemode=?)"},
    {"a payout by its gateway's name",
     [](Connection& connection) {
         read(find_payout_by_gateway_id(connection, {storage::GatewayNumber{1}, "a"}));
     },
     "payouts_by_gateway_id (gateway=? AND gateway_payout_id=?)"},
    {"transfers",
     [](Connection& connection) { read(list_transfers(connection, {.owner = kOwner}, {})); },
     "transfers_by_owner (account_id=? AND livemode=?)"},
    {"transfers by destination",
     [](Connection& connection) {
         read(list_transfers(connection, {.owner = kOwner, .destination = "a"}, {}));
     },
     "transfers_by_destination (account_id=? AND livemode=? AND destination=?)"},
    {"transfers by group",
     [](Connection& connection) {
         read(list_transfers(connection, {.owner = kOwner, .transfer_group = "a"}, {}));
     },
     "transfers_by_group (account_id=? AND livemode=? AND transfer_group=?)"},
    {"a transfer's reversals",
     [](Connection& connection) { read(reversals_of(connection, TransferId{1})); },
     "transfer_reversals_by_transfer (transfer_id=?)"},
    {"orders that are due",
     [](Connection& connection) { read(due_orders(connection, TimePoint{}, 9)); },
     "gateway_orders_due (due_at<?)"},
    {"pages that expired",
     [](Connection& connection) { read(expired_actions(connection, TimePoint{}, 9)); },
     "sandbox_actions_open (expires_at<?)"},
    {"messages that are due",
     [](Connection& connection) { read(due_messages(connection, TimePoint{}, 9)); },
     "sandbox_messages_due (due_at<?)"},
};

using MoneyQueryPlanTest = PaymentsTest;

TEST_P(MoneyQueryPlanTest, ReadsEachListFromItsIndexWithoutSorting) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        storage::ListeningConnection listening{connection()};
        test_case.ask(listening);
        ASSERT_FALSE(listening.texts.empty());
        const std::string plan = storage::plan_of(connection(), listening.texts.back());
        EXPECT_NE(plan.find(test_case.index), std::string::npos) << plan;
        EXPECT_EQ(plan.find("SCAN "), std::string::npos) << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << plan;
    }
}

std::vector<storage::Driver> sqlite_only() {
    return {storage::all_drivers().front()};
}
INSTANTIATE_TEST_SUITE_P(
    Embedded,
    MoneyQueryPlanTest,
    ::testing::ValuesIn(sqlite_only()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
