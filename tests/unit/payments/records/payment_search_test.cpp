#include "payments/records/search_terms.hpp"
#include "tests/unit/payments/records/records_fixture.hpp"

#include <algorithm>
#include <limits>
#include <random>

namespace postern::payments {
namespace {

using Field = SearchTerm::Field;
using Compare = SearchTerm::Compare;
using Sense = SearchTerm::Sense;
using Join = PaymentSearch::Join;

constexpr std::size_t kPayments = 1'000;

class PaymentSearchTest : public RecordsTest {
 protected:
    std::int64_t draw(std::int64_t below) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
    }
    const char* some_currency() {
        constexpr const char* kCurrencies[] = {"usd", "eur", "jpy", "kwd"};
        return kCurrencies[draw(4)];
    }
    Payment some_payment() {
        Payment payment = payment_of(50 + draw(300));
        payment.status = static_cast<PaymentStatus>(draw(7));
        if (draw(3) == 0) payment.amount.currency = currency(some_currency());
        if (draw(3) == 0) payment.customer = CustomerId{1 + draw(5)};
        if (draw(2) == 0) payment.details.metadata.emplace_back("shop", std::to_string(draw(4)));
        if (draw(50) == 0) payment.details.metadata.emplace_back("rare", "1");
        return payment;
    }
    void fill() {
        write([this](Transaction&) -> Result<void, StoreError> {
            for (std::size_t i = 0; i < kPayments; ++i) {
                Transaction later{{database_->writer(), database_->ids(), clock_.at}};
                Payment payment = some_payment();
                const auto inserted = insert_payment(later, payment);
                if (!inserted) return inserted.error();
                payments_.push_back(payment);
                pass(std::chrono::milliseconds{100});
            }
            return {};
        });
    }

    SearchTerm some_term() {
        SearchTerm term;
        term.field = static_cast<Field>(draw(6));
        term.sense = draw(3) == 0 ? Sense::negated : Sense::plain;
        switch (term.field) {
            case Field::amount:
                term.compare = static_cast<Compare>(draw(5));
                term.number = 50 + draw(300);
                break;
            case Field::created:
                term.compare = static_cast<Compare>(draw(5));
                term.number = 1'700'000'000 + draw(100);
                break;
            case Field::currency: term.text = some_currency(); break;
            case Field::customer: term.number = 1 + draw(6); break;
            case Field::status: term.number = draw(7); break;
            case Field::metadata:
                term.name = draw(3) == 0 ? "rare" : "shop";
                term.text = std::to_string(draw(5));
                if (draw(4) == 0) term.compare = Compare::absent;
                break;
        }
        return term;
    }

    std::vector<PaymentId> expected(const PaymentSearch& search) const {
        std::vector<PaymentId> ids;
        for (auto payment = payments_.rbegin(); payment != payments_.rend(); ++payment) {
            const auto fits = [&payment](const SearchTerm& term) {
                return matches(term, *payment);
            };
            const auto& terms = search.terms;
            const bool found = search.join == Join::all
                                   ? std::all_of(terms.begin(), terms.end(), fits)
                                   : std::any_of(terms.begin(), terms.end(), fits);
            if (found) ids.push_back(payment->id);
        }
        return ids;
    }
    std::vector<PaymentId> walk(const PaymentSearch& search, std::size_t rows_max) {
        std::vector<PaymentId> ids;
        storage::PageRequest<PaymentId> request{.rows_max = rows_max};
        for (std::size_t pages = 0; pages <= 2 * kPayments; ++pages) {
            const auto page = search_payments(connection(), search, request);
            EXPECT_TRUE(page.has_value());
            if (!page) return ids;
            EXPECT_LE(page->payments.size(), rows_max);
            for (const Payment& payment : page->payments) ids.push_back(payment.id);
            if (!page->resume) return ids;
            EXPECT_TRUE(!request.after || *page->resume < *request.after) << "no progress";
            request.after = page->resume;
        }
        ADD_FAILURE() << "a walk without an end";
        return ids;
    }

    std::mt19937_64 random_{7};
    std::vector<Payment> payments_;
};

TEST_F(PaymentSearchTest, FindsWhatALookAtEveryPaymentDoes) {
    fill();
    for (int round = 0; round < 150; ++round) {
        SCOPED_TRACE(round);
        PaymentSearch search{.owner = kMerchant};
        search.join = draw(2) == 0 ? Join::all : Join::any;
        for (std::int64_t terms = 1 + draw(3); terms > 0; --terms)
            search.terms.push_back(some_term());
        EXPECT_EQ(walk(search, static_cast<std::size_t>(10 + draw(90))), expected(search));
        if (HasFailure()) return;
    }
}

TEST_F(PaymentSearchTest, ComparesAmountsInTheSmallestUnitsOfTheirCurrencies) {
    for (const char* code : {"usd", "jpy", "kwd"}) {
        for (const std::int64_t minor : {0, 100, 1'000, 10'000, 100'000}) {
            Payment payment = payment_of(minor);
            payment.amount.currency = currency(code);
            payments_.push_back(insert(payment));
            pass(std::chrono::seconds{1});
        }
    }
    const SearchTerm terms[] = {
        {.number = 0},
        {.number = 100},
        {.number = 10'000},
        {.number = 1},
        {.compare = Compare::greater, .number = 1'000},
        {.compare = Compare::greater_equal, .number = 10'000},
        {.compare = Compare::less, .number = 10'000},
        {.compare = Compare::less_equal, .number = 100},
        {.compare = Compare::less_equal, .number = std::numeric_limits<std::int64_t>::max()},
        {.compare = Compare::greater_equal, .number = std::numeric_limits<std::int64_t>::max()}};
    for (const SearchTerm& term : terms) {
        SCOPED_TRACE(static_cast<int>(term.compare));
        SCOPED_TRACE(term.number);
        for (const char* code : {"usd", "jpy", "kwd"}) {
            const SearchTerm of_currency{.field = Field::currency, .text = code};
            const PaymentSearch search{.owner = kMerchant, .terms = {term, of_currency}};
            EXPECT_EQ(walk(search, 10), expected(search)) << code;
        }
        const PaymentSearch search{.owner = kMerchant, .terms = {term}};
        EXPECT_EQ(walk(search, 10), expected(search));
        for (const std::int64_t above : {0, 99, 1'000, 20'000}) {
            const SearchTerm least{.compare = Compare::greater, .number = above};
            const PaymentSearch range{.owner = kMerchant, .terms = {term, least}};
            EXPECT_EQ(walk(range, 10), expected(range)) << above;
        }
    }
}

TEST_F(PaymentSearchTest, EndsWithAFullPageWhenNothingFollows) {
    for (int i = 0; i < 4; ++i) insert(payment_of(1'000));
    const PaymentSearch search{.owner = kMerchant, .terms = {{.number = 1'000}}};
    const auto page = search_payments(connection(), search, {.rows_max = 4});
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->payments.size(), 4U);
    EXPECT_FALSE(page->resume.has_value());
}

TEST_F(PaymentSearchTest, SaysWhereToGoOnWhenItLookedAtTooMuch) {
    fill();
    // No index knows who has a pair of that name, so each row is asked.
    const PaymentSearch search{
        .owner = kMerchant,
        .terms = {
            {.field = Field::metadata,
             .compare = Compare::absent,
             .sense = Sense::negated,
             .name = "nobody has it"}}};
    const auto page = search_payments(connection(), search, {});
    ASSERT_TRUE(page.has_value());
    EXPECT_TRUE(page->payments.empty());
    ASSERT_TRUE(page->resume.has_value());
    EXPECT_GT(*page->resume, payments_.front().id);
    EXPECT_TRUE(walk(search, 20).empty());
}

TEST_F(PaymentSearchTest, KeepsOwnersApart) {
    Payment payment = payment_of(70, kMerchantLive);
    payment.customer = CustomerId{3};
    payment.details.metadata = {{"shop", "1"}};
    insert(payment);
    const std::vector<SearchTerm> terms = {
        {.field = Field::amount, .number = 70},
        {.field = Field::customer, .number = 3},
        {.field = Field::metadata, .name = "shop", .text = "1"}};
    for (const SearchTerm& term : terms) {
        EXPECT_TRUE(walk({.owner = kMerchant, .terms = {term}}, 10).empty());
        EXPECT_EQ(walk({.owner = kMerchantLive, .terms = {term}}, 10).size(), 1U);
    }
}

}  // namespace
}  // namespace postern::payments
