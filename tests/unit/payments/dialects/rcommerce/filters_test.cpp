#include "payments/dialects/rcommerce/filters.hpp"

#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceFilters : public RcommerceTest {
 protected:
    Filters filters(std::string query) {
        query_ = std::move(query);
        request_.query = query_;
        return Filters{Call{
            .around = *around_, .request = request_, .path = {}, .caller = {}, .now = clock_.at}};
    }
    template <class Read>
    std::vector<std::string> wrong(std::string query, Read read) {
        Filters sent = filters(std::move(query));
        read(sent);
        auto refusal = sent.finish();
        if (!refusal) return {};
        const Answer answer{std::move(*refusal)};
        EXPECT_EQ(answer.code(), "VALIDATION_ERROR");
        return answer.fields();
    }

    std::string query_;
    HttpRequest request_;
};

using Fields = std::vector<std::string>;

struct PageCase {
    std::string_view query;
    std::int64_t page;
    std::int64_t per_page;
    std::string_view wrong;
};
constexpr PageCase kPages[] = {
    {"", 1, 20, ""},
    {"page=3&per_page=100", 3, 100, ""},
    {"per_page=1", 1, 1, ""},
    {"per_page=0", 1, 20, "per_page"},
    {"per_page=101", 1, 20, "per_page"},
    {"page=0", 1, 20, "page"},
    {"page=-1", 1, 20, "page"},
    {"page=two", 1, 20, "page"},
    {"page=", 1, 20, "page"},
    {"page=99999999999999999999", 1, 20, "page"},
};

TEST_F(RcommerceFilters, ReadsPages) {
    for (const PageCase& test_case : kPages) {
        SCOPED_TRACE(test_case.query);
        NumberedPage page;
        const Fields said = wrong(std::string{test_case.query}, [&page](Filters& filters) {
            page = filters.page();
        });
        EXPECT_EQ(said, test_case.wrong.empty() ? Fields{} : Fields{std::string{test_case.wrong}});
        EXPECT_EQ(page.page, test_case.page);
        EXPECT_EQ(page.per_page, test_case.per_page);
    }
}

TEST_F(RcommerceFilters, ReadsAmountsAsDecimals) {
    EXPECT_EQ(filters("min_amount=59.49").amount("min_amount"), 59'490);
    EXPECT_EQ(filters("min_amount=5.005").amount("min_amount"), 5'005);
    EXPECT_EQ(filters("min_amount=0").amount("min_amount"), 0);
    const auto read = [](Filters& filters) {
        static_cast<void>(filters.amount("min_amount"));
    };
    EXPECT_EQ(wrong("min_amount=a+lot", read), Fields{"min_amount"});
    EXPECT_EQ(wrong("min_amount=-1", read), Fields{"min_amount"});
    EXPECT_EQ(wrong("min_amount=5.0055", read), Fields{"min_amount"});
}

TEST_F(RcommerceFilters, ReadsTimesAndDates) {
    const auto noon = from_unix_seconds(1'769'601'600);
    EXPECT_EQ(filters("at=2026-01-28T12:00:00Z").time("at"), noon);
    EXPECT_EQ(filters("at=2026-01-28T20:00:00+08:00").time("at"), noon);
    EXPECT_EQ(filters("at=2026-01-28T20:00:00%2B08:00").time("at"), noon);
    const auto midnight = from_unix_seconds(1'769'558'400);
    EXPECT_EQ(filters("at=2026-01-28").time("at"), midnight);
    EXPECT_EQ(filters("at=2026-01-28").date("at"), midnight);
    const auto time = [](Filters& filters) {
        static_cast<void>(filters.time("at"));
    };
    const auto date = [](Filters& filters) {
        static_cast<void>(filters.date("at"));
    };
    EXPECT_EQ(wrong("at=yesterday", time), Fields{"at"});
    EXPECT_EQ(wrong("at=1899-01-01", time), Fields{"at"});
    EXPECT_EQ(wrong("at=2026-01-28T12:00:00Z", date), Fields{"at"});
    EXPECT_EQ(wrong("at=2026-02-30", date), Fields{"at"});
}

TEST_F(RcommerceFilters, KnowsOnlyConfiguredGateways) {
    EXPECT_EQ(filters("gateway=airwallex").gateway(*gateways_), storage::GatewayNumber{2});
    const auto read = [this](Filters& filters) {
        static_cast<void>(filters.gateway(*gateways_));
    };
    EXPECT_EQ(wrong("gateway=bank-of-nowhere", read), Fields{"gateway"});
}

TEST_F(RcommerceFilters, RefusesWhatNobodyAskedFor) {
    const auto read = [](Filters& filters) {
        static_cast<void>(filters.page());
    };
    EXPECT_EQ(wrong("page=1&limit=5", read), Fields{"limit"});
    EXPECT_EQ(wrong("page=1&page=2", read), Fields{"page"});
    EXPECT_EQ(wrong("page=%zz", read), Fields{"query"});
}

TEST_F(RcommerceFilters, OrdersNewestFirstUnlessToldOtherwise) {
    EXPECT_EQ(filters("").order(), storage::Order::newest_first);
    EXPECT_EQ(filters("order=desc").order(), storage::Order::newest_first);
    EXPECT_EQ(filters("order=asc").order(), storage::Order::oldest_first);
    const auto read = [](Filters& filters) {
        static_cast<void>(filters.order());
    };
    EXPECT_EQ(wrong("order=up", read), Fields{"order"});
}

}  // namespace
}  // namespace postern::payments::rcommerce
