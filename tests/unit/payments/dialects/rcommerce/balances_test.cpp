#include "payments/service/balance_service.hpp"
#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kAvailableAtOnce = "4000000000000077";

class RcommerceBalances : public RcommerceTest {
 protected:
    // The id of a payout of that much.
    std::string pay_out(std::int64_t minor) {
        const Owner owner{storage::kDefaultAccount, storage::Livemode::test};
        storage::WriteConnection& connection = database_->writer();
        EXPECT_TRUE(connection.begin().has_value());
        storage::Transaction transaction{{connection, database_->ids(), clock_.at}};
        Work work{transaction, *around_, door_, owner, {}};
        const auto payout = create_payout(work, {.amount = {minor, Currency{}}});
        EXPECT_TRUE(payout.has_value());
        EXPECT_TRUE(connection.commit().has_value());
        return payout ? bare_uuid(around_->ids, payout->id) : "";
    }
};

TEST_F(RcommerceBalances, ShowsNothingInTheDefaultCurrencyAtFirst) {
    const Answer balance = get("/api/v1/balance");
    EXPECT_EQ(balance.status(), 200);
    for (const std::string part : {"available", "pending", "instant_available"}) {
        EXPECT_EQ(balance.text(part + ".0.currency"), "USD") << balance.body();
        EXPECT_EQ(balance.text(part + ".0.amount"), "0.00");
    }
}

TEST_F(RcommerceBalances, ShowsWhereTheMoneyIs) {
    post("/api/v1/payments", older_body(kGoodCard));
    const Answer pending = get("/api/v1/balance");
    EXPECT_EQ(pending.text("pending.0.amount"), "57.46") << pending.body();  // 59.49 − 2.03
    EXPECT_EQ(pending.text("available.0.amount"), "0.00");
    EXPECT_EQ(pending.text("instant_available.0.amount"), "57.46");
    post("/api/v1/payments", older_body(kAvailableAtOnce));
    EXPECT_EQ(get("/api/v1/balance").text("available.0.amount"), "57.46");
}

TEST_F(RcommerceBalances, ListsEveryMovement) {
    const Answer paid = post("/api/v1/payments", older_body(kGoodCard));
    pass(std::chrono::minutes{1});
    post("/api/v1/payments/" + paid.text("id") + "/refund", R"({"amount":"9.49"})");
    const Answer list = get("/api/v1/balance/transactions");
    ASSERT_EQ(list.at("data").size(), 2U) << list.body();
    EXPECT_EQ(list.at("meta.pagination.total").integer(), 2);
    EXPECT_EQ(list.text("data.0.type"), "refund");
    EXPECT_EQ(list.text("data.0.amount"), "-9.49");
    EXPECT_EQ(list.text("data.1.type"), "charge");
    EXPECT_EQ(list.text("data.1.amount"), "59.49");
    EXPECT_EQ(list.text("data.1.fee"), "2.03");
    EXPECT_EQ(list.text("data.1.net"), "57.46");
    EXPECT_EQ(list.text("data.1.currency"), "USD");
    EXPECT_EQ(list.text("data.1.status"), "pending");
    EXPECT_EQ(list.text("data.1.payment_id"), paid.text("payment_id"));
    EXPECT_FALSE(list.text("data.1.id").empty());
    EXPECT_FALSE(list.text("data.1.created_at").empty());
    const Answer second = get("/api/v1/balance/transactions?per_page=1&page=2");
    EXPECT_EQ(second.text("data.0.type"), "charge");
    EXPECT_EQ(get("/api/v1/balance/transactions?per_page=1&page=3").at("data").size(), 0U);
    EXPECT_EQ(
        get("/api/v1/balance/transactions?page=x").fields(), std::vector<std::string>{"page"}
    );
}

TEST_F(RcommerceBalances, ShowsPayouts) {
    post("/api/v1/payments", older_body(kAvailableAtOnce));
    const std::string first = pay_out(1000);
    pass(std::chrono::days{1});
    const std::string second = pay_out(2000);
    const Answer list = get("/api/v1/payouts");
    ASSERT_EQ(list.at("data").size(), 2U) << list.body();
    EXPECT_EQ(list.text("data.0.id"), second);
    for (const std::string& spelling : {first, "po_" + first}) {
        const Answer found = get("/api/v1/payouts/" + spelling);
        EXPECT_EQ(found.text("id"), first) << found.body();
        EXPECT_EQ(found.text("payout_id"), "po_" + first);
        EXPECT_EQ(found.text("amount"), "10.00");
        EXPECT_EQ(found.text("currency"), "USD");
        EXPECT_EQ(found.text("status"), "pending");
        EXPECT_FALSE(found.text("arrival_date").empty());
    }
    EXPECT_EQ(get("/api/v1/payouts?status=paid").at("data").size(), 0U);
    EXPECT_EQ(get("/api/v1/payouts?status=pending").at("data").size(), 2U);
    EXPECT_EQ(get("/api/v1/payouts?date_after=2026-01-29").at("data").size(), 1U);
    EXPECT_EQ(get("/api/v1/payouts?date_before=2026-01-28").at("data").size(), 1U);
    EXPECT_EQ(
        get("/api/v1/payouts?date_after=2026-01-28&date_before=2026-01-29").at("data").size(), 2U
    );
}

TEST_F(RcommerceBalances, NamesWhatIsWrong) {
    for (const char* query : {"status=lost", "date_after=today", "date_before=2026-13-01"}) {
        const std::string sent{query};
        const Answer refused = get("/api/v1/payouts?" + sent);
        EXPECT_EQ(refused.code(), "VALIDATION_ERROR");
        EXPECT_EQ(refused.fields(), std::vector<std::string>{sent.substr(0, sent.find('='))});
    }
    EXPECT_EQ(get("/api/v1/payouts/x").code(), "NOT_FOUND");
    EXPECT_EQ(get("/api/v1/payouts/" + bare_uuid(around_->ids, PayoutId{7})).code(), "NOT_FOUND");
}

}  // namespace
}  // namespace postern::payments::rcommerce
