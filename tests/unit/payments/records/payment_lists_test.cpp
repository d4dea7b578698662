#include "tests/unit/payments/records/records_fixture.hpp"

namespace postern::payments {
namespace {

class PaymentListsTest : public RecordsTest {
 protected:
    void SetUp() override {
        RecordsTest::SetUp();
        for (int i = 0; i < 9; ++i) {
            Payment payment = payment_of(100 + i);
            if (i % 3 == 0) payment.customer = CustomerId{7};
            if (i % 2 == 0) payment.status = PaymentStatus::succeeded;
            made_.push_back(insert(payment));
            pass(std::chrono::milliseconds{500});
        }
        insert(payment_of(1, kMerchantLive));
    }

    // The amounts less 100 of all pages together.
    std::vector<int> walk(const PaymentFilter& filter, storage::Order order) {
        std::vector<int> amounts;
        storage::PageRequest<PaymentId> request{.order = order, .rows_max = 2};
        for (int pages = 0; pages < 10; ++pages) {
            const auto page = list_payments(connection(), filter, request);
            EXPECT_TRUE(page.has_value());
            if (!page) return amounts;
            for (const Payment& payment : page->rows)
                amounts.push_back(static_cast<int>(payment.amount.minor) - 100);
            if (page->more == storage::Page<Payment>::More::no) return amounts;
            request.after = page->rows.back().id;
        }
        return amounts;
    }

    std::vector<Payment> made_;
};

TEST_F(PaymentListsTest, PagesThroughWhatFits) {
    using Amounts = std::vector<int>;
    constexpr auto kNewest = storage::Order::newest_first;
    constexpr auto kOldest = storage::Order::oldest_first;
    const TimePoint second = made_[2].created_at;
    const CustomerId customer{7};
    const auto succeeded = PaymentStatus::succeeded;
    EXPECT_EQ(walk({.owner = kMerchant}, kNewest), (Amounts{8, 7, 6, 5, 4, 3, 2, 1, 0}));
    EXPECT_EQ(walk({.owner = kMerchant}, kOldest), (Amounts{0, 1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(walk({.owner = kMerchant, .customer = customer}, kNewest), (Amounts{6, 3, 0}));
    EXPECT_EQ(walk({.owner = kMerchant, .status = succeeded}, kNewest), (Amounts{8, 6, 4, 2, 0}));
    EXPECT_EQ(
        walk({.owner = kMerchant, .customer = customer, .status = succeeded}, kOldest),
        (Amounts{0, 6})
    );
    EXPECT_EQ(
        walk({.owner = kMerchant, .created_from = second}, kOldest), (Amounts{2, 3, 4, 5, 6, 7, 8})
    );
    EXPECT_EQ(walk({.owner = kMerchant, .created_until = second}, kNewest), (Amounts{1, 0}));
    EXPECT_EQ(walk({.owner = kMerchantLive, .customer = customer}, kNewest), Amounts{});
}

}  // namespace
}  // namespace postern::payments
