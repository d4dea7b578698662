#include "payments/records/payment_numbers.hpp"

#include "payments/records/payment_blocks.hpp"
#include "tests/unit/payments/records/records_fixture.hpp"
#include "tests/unit/storage/postgres_store.hpp"

namespace postern::payments {
namespace {

// Two nodes of one store whose clocks differ.
class PaymentNumbers : public storage::PostgresStoreTest {
 protected:
    void SetUp() override {
        PostgresStoreTest::SetUp();
        if (IsSkipped()) return;
        const storage::PostgresOptions options{.url = server().url(database_name_), .node = 1};
        auto opened = storage::open_postgres(options, clock_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        other_ = std::move(*opened);
    }
    Payment make(storage::Database& node, TimePoint now) const {
        Payment payment = payment_of(100);
        const auto work = [&payment](Transaction& transaction) {
            return insert_payment(transaction, payment);
        };
        EXPECT_TRUE(storage::in_transaction(node, work, now).has_value());
        return payment;
    }

    std::unique_ptr<storage::Database> other_;
};

TEST_F(PaymentNumbers, GrowWithTheIdsWhicheverNodeMakesThePayment) {
    const TimePoint now = clock_.at;
    const TimePoint ahead = now + std::chrono::milliseconds{5};
    std::vector<Payment> made;
    for (int i = 0; i < 3; ++i) {
        made.push_back(make(*other_, ahead));
        made.push_back(make(*database_, now));
    }
    for (std::size_t i = 1; i < made.size(); ++i) {
        EXPECT_EQ(made[i].number, made[i - 1].number + 1);
        EXPECT_GT(made[i].id, made[i - 1].id);
        EXPECT_EQ(node_of_id(made[i].id.value), i % 2 == 0 ? 1U : 0U);
    }
    // A list of one kind reads by the ids of its first number and its last.
    const KindInSpan kind{
        .owner = kMerchant,
        .status = std::nullopt,
        .gateway = storage::GatewayNumber{1},
        .numbers = {.first = 1, .last = 6, .made = 6}};
    auto& connection = database_->writer();
    const auto blocks = count_in_blocks(connection, kind);
    ASSERT_TRUE(blocks.has_value());
    const auto listed = payments_in_blocks(connection, kind, *blocks, {.first = 0, .count = 6});
    ASSERT_TRUE(listed.has_value());
    ASSERT_EQ(listed->size(), made.size());
    for (std::size_t i = 0; i < made.size(); ++i) EXPECT_EQ((*listed)[i].id, made[i].id);
}

}  // namespace
}  // namespace postern::payments
