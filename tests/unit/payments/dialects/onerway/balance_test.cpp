#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(BalanceTest);

TEST_P(BalanceTest, IsNothingOfOneCurrencyAtFirst) {
    const Answer answer = get("/v1/balance");
    EXPECT_EQ(answer.at("object"), "balance");
    EXPECT_EQ(answer.at("livemode"), "false");
    for (const char* part : {"available.0", "pending.0", "instant_available.0"}) {
        SCOPED_TRACE(part);
        EXPECT_EQ(answer.at(std::string{part} + ".amount"), "0");
        EXPECT_EQ(answer.at(std::string{part} + ".currency"), "usd");
    }
}

TEST_P(BalanceTest, GrowsByWhatIsPaid) {
    paid();
    const Answer pending = get("/v1/balance");
    EXPECT_EQ(pending.at("pending.0.amount"), "941");  // less 2.9 % and 30
    EXPECT_EQ(pending.at("available.0.amount"), "0");
    post(
        "/v1/payment_intents",
        "amount=2000&currency=usd&confirm=true&payment_method=pm_card_bypassPending"
    );
    EXPECT_EQ(get("/v1/balance").at("available.0.amount"), "1912");
}

TEST_P(BalanceTest, HasALineForEachMovement) {
    const std::string payment = paid();
    made("/v1/refunds", "payment_intent=" + payment);
    const std::string charge = get("/v1/payment_intents/" + payment).at("latest_charge");
    const Answer all = get("/v1/balance_transactions");
    EXPECT_EQ(all.at("data.0.type"), "refund") << all.body();
    EXPECT_EQ(all.at("data.0.amount"), "-1000");
    EXPECT_EQ(all.at("data.1.type"), "charge");
    EXPECT_EQ(all.at("data.1.fee"), "59");
    EXPECT_EQ(all.at("data.1.net"), "941");
    EXPECT_EQ(all.at("data.1.source"), charge);
    EXPECT_EQ(all.at("data.1.fee_details.0.amount"), "59");
    EXPECT_EQ(get("/v1/balance_transactions?source=" + charge).ids().size(), 1U);
    EXPECT_EQ(get("/v1/balance_transactions?type=charge").ids().size(), 1U);
    EXPECT_EQ(get("/v1/balance_transactions?type=adjustment").ids().size(), 0U);
    EXPECT_EQ(get("/v1/balance_transactions?type=topup").ids().size(), 0U);
    EXPECT_EQ(get("/v1/balance_transactions?currency=eur").ids().size(), 0U);
    EXPECT_EQ(get("/v1/balance/history").ids(), all.ids());
    const Answer one =
        get("/v1/balance_transactions/" + all.ids()[1] + "?expand[]=source.payment_intent");
    EXPECT_EQ(one.at("source.object"), "charge") << one.body();
    EXPECT_EQ(one.at("source.payment_intent.id"), payment);
    EXPECT_EQ(get("/v1/balance/history/" + all.ids()[1]).at("type"), "charge");
}

TEST_P(BalanceTest, KnowsNoOtherTypes) {
    const Answer answer = get("/v1/balance_transactions?type=gift");
    EXPECT_EQ(answer.status(), 400);
    EXPECT_EQ(answer.at("error.param"), "type");
    EXPECT_EQ(
        get("/v1/balance_transactions/txn_x").error(),
        "404 resource_missing|id|No such balance_transaction: 'txn_x'"
    );
}

TEST_P(BalanceTest, ListsAdjustmentsOfBothKindsAsOne) {
    pay_and_dispute("2000");
    const Answer list = get("/v1/balance_transactions?type=adjustment");
    ASSERT_EQ(list.ids().size(), 1U) << list.body();
    EXPECT_EQ(list.at("data.0.reporting_category"), "dispute");
    EXPECT_EQ(list.at("data.0.amount"), "-2000");
}

}  // namespace
}  // namespace postern::payments::onerway
