#include "payments/records/ledger_records.hpp"
#include "tests/unit/payments/payments_fixture.hpp"

namespace postern::payments {
namespace {

class TransferRecordsTest : public PaymentsTest {
 protected:
    Transfer insert(Transfer transfer) {
        transfer.owner = owner_;
        EXPECT_TRUE(write([&](Transaction& transaction) {
                        return insert_transfer(transaction, transfer);
                    }).has_value());
        clock_.at += std::chrono::seconds{1};
        return transfer;
    }
};

TEST_P(TransferRecordsTest, KeepsATransferAndItsReversals) {
    Transfer transfer;
    transfer.amount = {700, currency("gbp")};
    transfer.destination = "acct_1";
    transfer.description = "share";
    transfer.transfer_group = "order 1";
    transfer.source = ChargeId{5};
    transfer.balance_transaction = BalanceTransactionId{6};
    transfer.metadata = {{"z", "1"}};
    transfer = insert(transfer);
    EXPECT_EQ(read(find_transfer(connection(), owner_, transfer.id)), transfer);
    TransferReversal first{.transfer = transfer.id, .owner = owner_, .amount = {200}};
    first.amount.currency = transfer.amount.currency;
    first.metadata = {{"why", "half"}};
    TransferReversal second = first;
    second.balance_transaction = BalanceTransactionId{7};
    transfer.reversed_minor = 400;
    transfer.description = "other";
    EXPECT_TRUE(write([&](Transaction& transaction) -> Result<void, StoreError> {
                    if (auto done = insert_reversal(transaction, first); !done) return done;
                    if (auto done = insert_reversal(transaction, second); !done) return done;
                    return update_transfer(transaction, transfer);
                }).has_value());
    EXPECT_EQ(read(reversals_of(connection(), transfer.id)), (std::vector{first, second}));
    EXPECT_EQ(read(find_transfer(connection(), owner_, transfer.id)), transfer);
    EXPECT_FALSE(read(find_transfer(connection(), {AccountId{9}}, transfer.id)));
}

TEST_P(TransferRecordsTest, ListsByEachFilter) {
    const Transfer first = insert({.destination = "acct_1", .transfer_group = "g"});
    const Transfer second = insert({.destination = "acct_2", .transfer_group = "g"});
    const Transfer third = insert({.destination = "acct_1"});
    struct Case {
        const char* name;
        TransferFilter filter;
        std::vector<Transfer> expected;
    };
    const Case cases[] = {
        {"all", {.owner = owner_}, {third, second, first}},
        {"destination", {.owner = owner_, .destination = "acct_1"}, {third, first}},
        {"group", {.owner = owner_, .transfer_group = "g"}, {second, first}},
        {"both", {.owner = owner_, .destination = "acct_1", .transfer_group = "g"}, {first}},
        {"from", {.owner = owner_, .created_from = third.created_at}, {third}},
        {"another's", {.owner = {AccountId{9}}}, {}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(
            read(list_transfers(connection(), test_case.filter, {})).rows, test_case.expected
        );
    }
}

INSTANTIATE_TEST_SUITE_P(
    AllDrivers,
    TransferRecordsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

}  // namespace
}  // namespace postern::payments
