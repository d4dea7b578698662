#include "payments/records/ledger_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

class PayoutRecordsTest : public PaymentsTest {
 protected:
    Payout insert(Payout payout) {
        payout.owner = owner_;
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return insert_payout(transaction, payout);
                    }).has_value());
        clock_.at += std::chrono::seconds{1};
        return payout;
    }
};

TEST_P(PayoutRecordsTest, KeepsAPayoutThroughItsLife) {
    Payout payout;
    payout.amount = {12'345, currency("jpy")};
    payout.method = Payout::Method::instant;
    payout.origin = Payout::Origin::schedule;
    payout.gateway = storage::GatewayNumber{3};
    payout.destination = "ba_1";
    payout.description = "daily";
    payout.statement_descriptor = "SHOP";
    payout.metadata = {{"a", "1"}};
    payout.arrival_at = clock_.at + std::chrono::hours{48};
    payout.balance_transaction = BalanceTransactionId{8};
    payout = insert(payout);
    EXPECT_EQ(read(find_payout(connection(), owner_, payout.id)), payout);
    payout.status = PayoutStatus::failed;
    payout.failure_code = "account_closed";
    payout.failure_transaction = BalanceTransactionId{9};
    payout.gateway_payout_id = "po_g";
    EXPECT_TRUE(write([&](Transaction& transaction) { return update_payout(transaction, payout); }
    ).has_value());
    EXPECT_EQ(payout.updated_at, clock_.at);
    EXPECT_EQ(read(find_payout(connection(), owner_, payout.id)), payout);
    const GatewayObject named{storage::GatewayNumber{3}, "po_g"};
    EXPECT_EQ(read(find_payout_by_gateway_id(connection(), named)), payout);
    EXPECT_FALSE(read(find_payout_by_gateway_id(connection(), {storage::GatewayNumber{4}, "po_g"}))
    );
    EXPECT_FALSE(read(find_payout(connection(), {AccountId{9}}, payout.id)));
}

TEST_P(PayoutRecordsTest, ListsAndCountsByEachFilter) {
    const TimePoint day = clock_.at + std::chrono::hours{24};
    const Payout first = insert({.arrival_at = day});
    const Payout second = insert({.status = PayoutStatus::paid, .arrival_at = day});
    const Payout third = insert({.arrival_at = day + std::chrono::hours{24}});
    struct Case {
        const char* name;
        PayoutFilter filter;
        std::vector<Payout> expected;
    };
    const Case cases[] = {
        {"all", {.owner = owner_}, {third, second, first}},
        {"paid", {.owner = owner_, .status = PayoutStatus::paid}, {second}},
        {"made from", {.owner = owner_, .created_from = second.created_at}, {third, second}},
        {"made until", {.owner = owner_, .created_until = second.created_at}, {first}},
        {"arriving from", {.owner = owner_, .arrival_from = third.arrival_at}, {third}},
        {"arriving until", {.owner = owner_, .arrival_until = third.arrival_at}, {second, first}},
        {"another's", {.owner = {AccountId{9}}}, {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(read(list_payouts(connection(), test_case.filter, {})).rows, test_case.expected);
        EXPECT_EQ(
            read(count_payouts(connection(), test_case.filter)),
            static_cast<std::int64_t>(test_case.expected.size())
        );
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    PayoutRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
