#include "payments/records/ledger_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

using State = BalanceTransaction::State;

class BalanceTransactionRecordsTest : public PaymentsTest {
 protected:
    BalanceTransaction insert(BalanceTransaction line) {
        line.owner = owner_;
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return insert_balance_transaction(transaction, line);
                    }).has_value());
        clock_.at += std::chrono::seconds{1};
        return line;
    }
    std::vector<BalanceTransaction> list(const BalanceTransactionFilter& filter) {
        return read(list_balance_transactions(connection(), filter, {})).rows;
    }
    std::vector<BalanceTransaction> due(TimePoint now) {
        return read(due_balance_transactions(connection(), now, 10));
    }
};

TEST_P(BalanceTransactionRecordsTest, KeepsALine) {
    BalanceTransaction line;
    line.type = TransactionType::refund;
    line.currency = currency("kwd");
    line.amount = -1'234;
    line.fee = -7;
    line.bucket = Bucket::pending_instant;
    line.available_on = clock_.at + std::chrono::hours{48};
    line.source = "re_1";
    line.payment = PaymentId{4};
    line = insert(line);
    EXPECT_EQ(read(find_balance_transaction(connection(), owner_, line.id)), line);
    const Owner other{AccountId{9}};
    EXPECT_FALSE(read(find_balance_transaction(connection(), other, line.id)));
}

TEST_P(BalanceTransactionRecordsTest, ListsAndCountsByEachFilter) {
    const auto charge = insert({.type = TransactionType::charge, .source = "ch_1"});
    const auto refund = insert({.type = TransactionType::refund, .source = "re_1"});
    const auto payout =
        insert({.type = TransactionType::payout, .currency = currency("eur"), .source = "po_1"});
    const auto second = insert({.type = TransactionType::charge, .source = "ch_2"});
    struct Case {
        const char* name;
        BalanceTransactionFilter filter;
        std::vector<BalanceTransaction> expected;
    };
    const Case cases[] = {
        {"all", {.owner = owner_}, {second, payout, refund, charge}},
        {"charges", {.owner = owner_, .type = TransactionType::charge}, {second, charge}},
        {"refunds", {.owner = owner_, .type = TransactionType::refund}, {refund}},
        {"by source", {.owner = owner_, .source = "ch_1"}, {charge}},
        {"by payout", {.owner = owner_, .payout = "po_1"}, {payout}},
        {"by currency", {.owner = owner_, .currency = currency("eur")}, {payout}},
        {"from", {.owner = owner_, .created_from = payout.created_at}, {second, payout}},
        {"until", {.owner = owner_, .created_until = refund.created_at}, {charge}},
        {"another's", {.owner = {AccountId{9}}}, {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(list(test_case.filter), test_case.expected);
        EXPECT_EQ(
            read(count_balance_transactions(connection(), test_case.filter)),
            static_cast<std::int64_t>(test_case.expected.size())
        );
    }
}

TEST_P(BalanceTransactionRecordsTest, PagesByNumber) {
    std::vector<BalanceTransactionId> made;
    for (int i = 0; i < 5; ++i) made.push_back(insert({.source = "ch_1"}).id);
    const auto page = [this](NumberedPage wish) {
        const auto found = read(list_balance_transactions_by_page(connection(), owner_, wish));
        EXPECT_EQ(found.total, 5);
        std::vector<BalanceTransactionId> ids;
        for (const BalanceTransaction& line : found.lines) ids.push_back(line.id);
        return ids;
    };
    using Ids = std::vector<BalanceTransactionId>;
    const auto oldest = storage::Order::oldest_first;
    EXPECT_EQ(page({.page = 1, .per_page = 2}), (Ids{made[4], made[3]}));
    EXPECT_EQ(page({.page = 3, .per_page = 2}), Ids{made[0]});
    EXPECT_EQ(page({.page = 4, .per_page = 2}), Ids{});
    EXPECT_EQ(page({.page = 2, .per_page = 3, .order = oldest}), (Ids{made[3], made[4]}));
}

TEST_P(BalanceTransactionRecordsTest, GivesWhatIsDueOldestFirstUntilItIsMarked) {
    const TimePoint day = clock_.at + std::chrono::hours{24};
    const auto later = insert({.available_on = day + std::chrono::hours{24}});
    const auto first = insert({.available_on = day});
    const auto second = insert({.available_on = day});
    insert({.bucket = Bucket::available, .available_on = day, .state = State::available});
    EXPECT_TRUE(due(day - std::chrono::seconds{1}).empty());
    EXPECT_EQ(due(day), (std::vector{first, second}));
    EXPECT_EQ(due(later.available_on), (std::vector{first, second, later}));
    EXPECT_TRUE(write([&](Transaction& transaction) {
                    return mark_available(transaction, first.id);
                }).has_value());
    EXPECT_EQ(due(day), (std::vector{second}));
    EXPECT_EQ(
        read(find_balance_transaction(connection(), owner_, first.id))->state, State::available
    );
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    BalanceTransactionRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
