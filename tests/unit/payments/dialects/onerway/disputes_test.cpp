#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

class DisputesTest : public OnerwayTest {
 protected:
    std::string disputed() {
        pay_and_dispute("1000");
        const Answer list = get("/v1/disputes?limit=1");
        EXPECT_EQ(list.ids().size(), 1U) << list.body();
        return list.ids().empty() ? std::string{} : list.ids().front();
    }
};
INSTANTIATE_TEST_SUITE_P(
    Stores,
    DisputesTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

TEST_P(DisputesTest, ShowWhatTheyTookAndAskFor) {
    const Answer dispute = get("/v1/disputes/" + disputed() + "?expand[]=charge");
    EXPECT_EQ(dispute.at("object"), "dispute");
    EXPECT_EQ(dispute.at("status"), "needs_response");
    EXPECT_EQ(dispute.at("reason"), "fraudulent");
    EXPECT_EQ(dispute.at("amount"), "1000");
    EXPECT_EQ(dispute.at("balance_transactions.0.type"), "adjustment");
    EXPECT_EQ(dispute.at("charge.disputed"), "true");
    EXPECT_EQ(dispute.at("evidence.product_description"), "null");
    EXPECT_EQ(dispute.at("evidence_details.has_evidence"), "false");
}

TEST_P(DisputesTest, TakeEvidenceAndHoldItBackIfAsked) {
    const std::string path = "/v1/disputes/" + disputed();
    const Answer staged =
        post(path, "evidence[product_description]=a book&submit=false&metadata[a]=1");
    EXPECT_EQ(staged.at("status"), "needs_response") << staged.body();
    EXPECT_EQ(staged.at("evidence.product_description"), "a book");
    EXPECT_EQ(staged.at("evidence_details.has_evidence"), "true");
    EXPECT_EQ(staged.at("evidence_details.submission_count"), "0");
    EXPECT_EQ(staged.at("metadata.a"), "1");
    EXPECT_EQ(post(path, "metadata[a]=2").at("status"), "needs_response");
    const Answer submitted = post(path, "submit=true");
    EXPECT_EQ(submitted.at("status"), "under_review") << submitted.body();
    EXPECT_EQ(submitted.at("evidence_details.submission_count"), "1");
    EXPECT_EQ(submitted.at("evidence_details.submission_method"), "manual");
}

TEST_P(DisputesTest, AreGivenUp) {
    const std::string path = "/v1/disputes/" + disputed();
    EXPECT_EQ(post(path + "/close").at("status"), "lost");
    EXPECT_EQ(post(path + "/close").status(), 400);
    EXPECT_EQ(post(path, "evidence[customer_name]=J").status(), 400);
}

TEST_P(DisputesTest, AreListedByPaymentAndCharge) {
    const Answer dispute = get("/v1/disputes/" + disputed());
    const std::vector<std::string> ids{dispute.id()};
    EXPECT_EQ(get("/v1/disputes?payment_intent=" + dispute.at("payment_intent")).ids(), ids);
    EXPECT_EQ(get("/v1/disputes?charge=" + dispute.at("charge")).ids(), ids);
    EXPECT_EQ(
        post("/v1/disputes/" + dispute.id(), "evidence[colour]=red").error(),
        "400 parameter_unknown|evidence[colour]|Received unknown parameter: evidence[colour]"
    );
    EXPECT_EQ(get("/v1/disputes/dp_x").error(), "404 resource_missing|id|No such dispute: 'dp_x'");
}

}  // namespace
}  // namespace postern::payments::onerway
