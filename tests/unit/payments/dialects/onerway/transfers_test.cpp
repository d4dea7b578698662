#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

class TransfersTest : public OnerwayTest {
 protected:
    void SetUp() override {
        OnerwayTest::SetUp();
        made(
            "/v1/payment_intents",
            "amount=5000&currency=usd&payment_method=pm_card_bypassPending&confirm=true"
        );
    }
    std::string transferred(std::string_view more = {}) {
        std::string form = "amount=1000&currency=usd&destination=acct_1";
        form += more;
        return made("/v1/transfers", form);
    }
};
INSTANTIATE_TEST_SUITE_P(
    Stores,
    TransfersTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

TEST_P(TransfersTest, GoToWhoeverIsNamed) {
    const std::string id = transferred("&transfer_group=order_1&metadata[a]=1");
    const Answer transfer = get("/v1/transfers/" + id);
    EXPECT_TRUE(id.starts_with("tr_"));
    EXPECT_EQ(transfer.at("destination"), "acct_1");
    EXPECT_EQ(transfer.at("reversed"), "false");
    EXPECT_EQ(transfer.at("reversals.total_count"), "0");
    EXPECT_EQ(transfer.at("transfer_group"), "order_1");
    EXPECT_EQ(get("/v1/transfers?destination=acct_1").ids(), std::vector{id});
    EXPECT_EQ(get("/v1/transfers?transfer_group=order_2").ids().size(), 0U);
    const Answer changed = post("/v1/transfers/" + id, "description=fees&metadata[a]=");
    EXPECT_EQ(changed.at("description"), "fees") << changed.body();
    EXPECT_EQ(changed.at("metadata.a"), "missing");
}

TEST_P(TransfersTest, AreReversedInParts) {
    const std::string path = "/v1/transfers/" + transferred();
    const Answer first = post(path + "/reversals", "amount=300");
    EXPECT_EQ(first.at("object"), "transfer_reversal") << first.body();
    EXPECT_EQ(first.at("amount"), "300");
    const std::string second = made(path + "/reversals", "metadata[a]=1");
    const Answer transfer = get(path);
    EXPECT_EQ(transfer.at("amount_reversed"), "1000");
    EXPECT_EQ(transfer.at("reversed"), "true");
    EXPECT_EQ(post(path + "/reversals").status(), 400);
    const std::string list = path + "/reversals";
    EXPECT_EQ(get(list).ids(), (std::vector{second, first.id()}));
    EXPECT_EQ(get(list + "?limit=1").at("has_more"), "true");
    EXPECT_EQ(get(list + "?starting_after=" + second).ids(), std::vector{first.id()});
    EXPECT_EQ(get(list + "?ending_before=" + first.id()).ids(), std::vector{second});
    const Answer one = get(list + "/" + second + "?expand[]=transfer");
    EXPECT_EQ(one.at("transfer.object"), "transfer") << one.body();
    EXPECT_EQ(get("/v1/transfers/" + transferred() + "/reversals/" + second).status(), 404);
}

TEST_P(TransfersTest, AreRefusedInStripesWords) {
    const std::pair<const char*, const char*> cases[] = {
        {"amount=1000&currency=usd",
         "400 parameter_missing|destination|Missing required param: destination."},
        {"amount=1000&currency=usd&destination=acct_1&source_transaction=ch_x",
         "400 resource_missing|source_transaction|No such charge: 'ch_x'"},
        {"amount=x&currency=usd&destination=acct_1",
         "400 parameter_invalid_integer|amount|Invalid integer: x"},
    };
    for (const auto& [form, error] : cases) {
        SCOPED_TRACE(form);
        EXPECT_EQ(post("/v1/transfers", form).error(), error);
    }
    EXPECT_EQ(
        post("/v1/transfers", "amount=999999&currency=usd&destination=acct_1").at("error.code"),
        "balance_insufficient"
    );
    EXPECT_EQ(
        get("/v1/transfers/tr_x").error(), "404 resource_missing|id|No such transfer: 'tr_x'"
    );
}

}  // namespace
}  // namespace postern::payments::onerway
