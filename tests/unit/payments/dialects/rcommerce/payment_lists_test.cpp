#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

using Fields = std::vector<std::string>;

class RcommercePaymentList : public RcommerceTest {
 protected:
    // Of 10, 20, 30 … dollars, a minute apart.
    void make_payments(int count) {
        for (int i = 1; i <= count; ++i) {
            std::string body = R"({"gateway":"stripe","currency":"USD","amount":")";
            body += std::to_string(10 * i) + R"(.00","order_id":"order-)" + std::to_string(i % 2);
            body += R"(","payment_method":)" + card_json(i == 3 ? "4000000000000002" : kGoodCard);
            body += R"(,"customer_id":")" + std::string{kCustomer} + R"("})";
            post("/api/v1/payments", std::move(body));
            pass(std::chrono::minutes{1});
        }
    }
    std::vector<std::string> amounts(const std::string& query) {
        const Answer answer = get("/api/v1/payments?" + query);
        EXPECT_EQ(answer.status(), 200) << answer.body();
        std::vector<std::string> found;
        for (const JsonValue row : answer.at("data").items()) {
            found.emplace_back(row["amount"].string());
        }
        return found;
    }
};
using Amounts = std::vector<std::string>;

TEST_F(RcommercePaymentList, PagesByNumberNewestFirst) {
    make_payments(5);
    EXPECT_EQ(amounts("per_page=2"), (Amounts{"50.00", "40.00"}));
    EXPECT_EQ(amounts("per_page=2&page=2"), (Amounts{"30.00", "20.00"}));
    EXPECT_EQ(amounts("per_page=2&page=3"), (Amounts{"10.00"}));
    EXPECT_EQ(amounts("per_page=2&page=4"), Amounts{});
    const Answer page = get("/api/v1/payments?per_page=2&page=2");
    EXPECT_EQ(page.at("meta.pagination.total").integer(), 5);
    EXPECT_EQ(page.at("meta.pagination.total_pages").integer(), 3);
    EXPECT_EQ(page.at("meta.pagination.has_next").boolean(), true);
    EXPECT_EQ(page.at("meta.pagination.has_prev").boolean(), true);
}

TEST_F(RcommercePaymentList, SortsAndFilters) {
    make_payments(5);
    EXPECT_EQ(amounts("order=asc&per_page=2"), (Amounts{"10.00", "20.00"}));
    EXPECT_EQ(amounts("sort=amount&order=asc&per_page=1"), Amounts{"10.00"});
    EXPECT_EQ(amounts("sort=amount&order=desc&per_page=1"), Amounts{"50.00"});
    EXPECT_EQ(amounts("status=failed"), Amounts{"30.00"});
    EXPECT_EQ(amounts("order_id=order-0"), (Amounts{"40.00", "20.00"}));
    EXPECT_EQ(amounts("min_amount=20.00&max_amount=40"), (Amounts{"40.00", "30.00", "20.00"}));
    EXPECT_EQ(amounts("gateway=airwallex"), Amounts{});
    EXPECT_EQ(amounts("gateway=stripe&per_page=1"), Amounts{"50.00"});
    EXPECT_EQ(amounts("customer_id=" + std::string{kCustomer}).size(), 5U);
    EXPECT_EQ(amounts("customer_id=550e8400-e29b-41d4-a716-446655440099"), Amounts{});
    EXPECT_EQ(amounts("created_after=2026-01-28T10:03:00Z"), Amounts{"50.00"});
    EXPECT_EQ(amounts("created_before=2026-01-28T10:01:00Z"), Amounts{"10.00"});
    EXPECT_EQ(amounts("created_before=2026-01-28"), Amounts{});
}

TEST_F(RcommercePaymentList, NamesEachWrongParameter) {
    for (const char* query :
         {"page=0",
          "per_page=500",
          "status=done",
          "sort=id",
          "order=up",
          "min_amount=x",
          "max_amount=-1",
          "created_after=x",
          "created_before=x",
          "customer_id=x",
          "gateway=x",
          "limit=3"}) {
        const std::string sent{query};
        const Answer answer = get("/api/v1/payments?" + sent);
        EXPECT_EQ(answer.status(), 400) << query;
        EXPECT_EQ(answer.code(), "VALIDATION_ERROR");
        EXPECT_EQ(answer.fields(), Fields{sent.substr(0, sent.find('='))});
    }
}

TEST_F(RcommercePaymentList, KeepsTheModesApart) {
    make_payments(1);
    const Answer live = ask(
        {.method = "GET",
         .target = "/api/v1/payments",
         .owner = {storage::kDefaultAccount, storage::Livemode::live}}
    );
    EXPECT_EQ(live.at("data").size(), 0U);
}

}  // namespace
}  // namespace postern::payments::rcommerce
