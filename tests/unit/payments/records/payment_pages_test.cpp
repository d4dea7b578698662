#include "payments/records/payment_blocks.hpp"
#include "payments/records/payment_runs.hpp"
#include "tests/unit/payments/records/records_fixture.hpp"

#include <algorithm>
#include <random>

namespace postern::payments {
namespace {

// What the lists must answer, found by looking at every payment.
class Model {
 public:
    void put(const Payment& payment) {
        const auto found = std::find_if(payments_.begin(), payments_.end(), [&](const auto& row) {
            return row.id == payment.id;
        });
        if (found == payments_.end()) {
            payments_.push_back(payment);
        } else {
            *found = payment;
        }
    }

    std::vector<PaymentId> ids(const FacePaymentFilter& filter, NumberedPage::Sort sort) const {
        std::vector<const Payment*> found;
        for (const Payment& payment : payments_)
            if (fits(filter, payment)) found.push_back(&payment);
        std::sort(found.begin(), found.end(), [sort](const auto* a, const auto* b) {
            const std::int64_t difference = thousandths_of(a->amount) - thousandths_of(b->amount);
            if (sort == NumberedPage::Sort::amount && difference != 0) return difference < 0;
            return a->id < b->id;
        });
        std::vector<PaymentId> ids;
        for (const Payment* payment : found) ids.push_back(payment->id);
        return ids;
    }
    const std::vector<Payment>& payments() const { return payments_; }

 private:
    static bool fits(const FacePaymentFilter& filter, const Payment& payment) {
        return (filter.order_id.empty() || filter.order_id == payment.order_id)
               && (!filter.customer || filter.customer == payment.customer)
               && (!filter.gateway || *filter.gateway == payment.gateway)
               && (!filter.status || *filter.status == face_status_of(payment))
               && (!filter.min_thousandths
                   || thousandths_of(payment.amount) >= *filter.min_thousandths)
               && (!filter.max_thousandths
                   || thousandths_of(payment.amount) <= *filter.max_thousandths)
               && (!filter.created_after || payment.created_at > *filter.created_after)
               && (!filter.created_before || payment.created_at < *filter.created_before);
    }

    std::vector<Payment> payments_;
};

constexpr std::size_t kPayments = 10'000;  // two blocks and a half, and some runs

class PaymentPagesTest : public RecordsTest {
 protected:
    std::int64_t draw(std::int64_t below) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
    }
    template <class Value, class Draw>
    void perhaps(std::optional<Value>& value, Draw draw_value) {
        if (draw(3) == 0) value = draw_value();
    }

    // Half of them cost the same, as those of a shop with one product do. The others cost up to 50
    // dollars, yen or dinars.
    Money some_amount() {
        if (draw(2) == 0) return {2'000, currency("usd")};
        switch (draw(4)) {
            case 0: return {1 + draw(50), currency("jpy")};
            case 1: return {50 + draw(50'000), currency("kwd")};
            default: return {50 + draw(5'000), currency("usd")};
        }
    }
    Payment some_payment() {
        Payment payment = payment_of(0);
        payment.amount = some_amount();
        payment.gateway = storage::GatewayNumber{1 + draw(3)};
        if (draw(4) == 0) payment.customer = CustomerId{1 + draw(20)};
        if (draw(10) == 0) payment.order_id = "order " + std::to_string(draw(50));
        return payment;
    }
    Payment moved(Payment payment) {
        payment.status = static_cast<PaymentStatus>(draw(7));
        payment.received_minor = payment.status == PaymentStatus::succeeded ? 10 : 0;
        payment.refunded_minor = draw(2) * payment.received_minor;
        if (draw(2) == 0) payment.last_error.emplace();
        if (draw(10) == 0) payment.amount = some_amount();
        return payment;
    }

    void fill() {
        write([this](Transaction& transaction) -> Result<void, StoreError> {
            for (std::size_t i = 0; i < kPayments; ++i) {
                Transaction later{{database_->writer(), database_->ids(), clock_.at}};
                Payment payment = some_payment();
                const auto inserted = insert_payment(later, payment);
                if (!inserted) return inserted.error();
                model_.put(payment);
                pass(std::chrono::milliseconds{250});
            }
            return move_some(transaction);
        });
        insert(payment_of(2'000, kMerchantLive));
    }
    Result<void, StoreError> move_some(Transaction& transaction) {
        for (const Payment& before : std::vector<Payment>{model_.payments()}) {
            if (draw(3) == 0) continue;
            Payment after = moved(before);
            const auto updated = update_payment(transaction, after, before);
            if (!updated) return updated.error();
            model_.put(after);
        }
        return {};
    }

    FacePaymentFilter some_filter() {
        FacePaymentFilter filter{.owner = kMerchant};
        if (draw(8) == 0) filter.order_id = "order " + std::to_string(draw(50));
        if (draw(6) == 0) filter.customer = CustomerId{1 + draw(20)};
        perhaps(filter.gateway, [this] { return storage::GatewayNumber{1 + draw(4)}; });
        perhaps(filter.status, [this] { return static_cast<FaceStatus>(draw(6)); });
        perhaps(filter.min_thousandths, [this] { return draw(30'000); });
        perhaps(filter.max_thousandths, [this] { return 10'000 + draw(50'000); });
        perhaps(filter.created_after, [this] { return some_moment(); });
        perhaps(filter.created_before, [this] { return some_moment(); });
        return filter;
    }
    TimePoint some_moment() {
        return model_.payments()[static_cast<std::size_t>(draw(kPayments))].created_at;
    }

    void expect_pages(const FacePaymentFilter& filter, NumberedPage page) {
        std::vector<PaymentId> ids = model_.ids(filter, page.sort);
        if (page.order == storage::Order::newest_first) std::reverse(ids.begin(), ids.end());
        const auto total = static_cast<std::int64_t>(ids.size());
        const std::int64_t pages = total / page.per_page + 1;
        for (const std::int64_t number : {std::int64_t{1}, 1 + draw(pages), pages, pages + 5}) {
            SCOPED_TRACE("page " + std::to_string(number));
            page.page = number;
            const auto found = list_payments_by_page(connection(), filter, page);
            ASSERT_TRUE(found.has_value());
            EXPECT_EQ(found->total, total);
            const auto first = std::min(total, (number - 1) * page.per_page);
            const auto last = std::min(total, first + page.per_page);
            const std::vector<PaymentId> expected{ids.begin() + first, ids.begin() + last};
            EXPECT_EQ(ids_of(found->payments), expected);
        }
    }
    static std::vector<PaymentId> ids_of(const std::vector<Payment>& payments) {
        std::vector<PaymentId> ids;
        for (const Payment& payment : payments) ids.push_back(payment.id);
        return ids;
    }

    std::mt19937_64 random_{20'260'128};
    Model model_;
};

TEST_F(PaymentPagesTest, AnswersEveryFilterAndOrderAsALookAtEveryPaymentDoes) {
    fill();
    for (int round = 0; round < 400; ++round) {
        SCOPED_TRACE(round);
        const FacePaymentFilter filter = some_filter();
        const NumberedPage page{
            .per_page = 1 + draw(100),
            .sort = static_cast<NumberedPage::Sort>(draw(2)),
            .order = static_cast<storage::Order>(draw(2))};
        expect_pages(filter, page);
        if (HasFailure()) return;
    }
}

TEST_F(PaymentPagesTest, CutsTheOrderByAmountIntoRuns) {
    fill();
    AmountOrder order{.owner = kMerchant};
    ASSERT_TRUE(read_runs(connection(), order).has_value());
    EXPECT_GT(order.runs.size(), 2U);
    for (const AmountRun& run : order.runs) EXPECT_LE(run.count, 2 * kRunPaymentsMax);
    EXPECT_EQ(order.total(), static_cast<std::int64_t>(kPayments));
}

TEST_F(PaymentPagesTest, CountsEachRunByKind) {
    fill();
    for (std::int64_t status = 0; status < 6; ++status) {
        FacePaymentFilter filter{.owner = kMerchant, .status = static_cast<FaceStatus>(status)};
        filter.gateway = storage::GatewayNumber{2};
        AmountOrder order{.owner = kMerchant, .status = filter.status, .gateway = filter.gateway};
        ASSERT_TRUE(read_runs(connection(), order).has_value());
        const auto ids = model_.ids(filter, NumberedPage::Sort::amount);
        EXPECT_EQ(order.total(), static_cast<std::int64_t>(ids.size()));
    }
}

TEST_F(PaymentPagesTest, HasNothingToShowOfNobody) {
    const auto found = list_payments_by_page(connection(), {.owner = kMerchantLive}, {});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->total, 0);
    EXPECT_TRUE(found->payments.empty());
}

TEST_F(PaymentPagesTest, TakesAPageNumberOfAnySize) {
    insert(payment_of(50));
    const auto found = list_payments_by_page(
        connection(),
        {.owner = kMerchant},
        {.page = std::numeric_limits<std::int64_t>::max(), .per_page = 100}
    );
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->total, 1);
    EXPECT_TRUE(found->payments.empty());
}

}  // namespace
}  // namespace postern::payments
