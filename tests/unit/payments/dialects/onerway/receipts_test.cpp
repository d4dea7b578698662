#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

class ReceiptsTest : public OnerwayTest {
 protected:
    HttpReply receipt(const std::string& id, Language language = Language::english) {
        HttpRequest request;
        for (const Route& route : onerway_routes()) {
            if (!route.pattern.starts_with("/receipts/")) continue;
            const Call call{
                .around = around_,
                .request = request,
                .path = {id},
                .caller = {},
                .language = language,
                .now = clock_.now()};
            return run_plan(route.plan(call));
        }
        ADD_FAILURE() << "no route";
        return {};
    }
};
INSTANTIATE_TEST_SUITE_P(
    Stores,
    ReceiptsTest,
    ::testing::ValuesIn(storage::all_drivers()),
    storage::driver_name
);

TEST_P(ReceiptsTest, SayWhatASlipOfPaperWould) {
    const std::string payment = paid("&description=%3Cb%3Ebook%3C%2Fb%3E&metadata[a]=private");
    made("/v1/refunds", "payment_intent=" + payment + "&amount=100");
    const HttpReply reply = receipt(payment);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.content_type, "text/html; charset=utf-8");
    for (const char* shown : {"10.00 USD", "1.00 USD", "visa", "4242", "&lt;b&gt;book"}) {
        SCOPED_TRACE(shown);
        EXPECT_NE(reply.body.find(shown), std::string::npos);
    }
    EXPECT_EQ(reply.body.find("private"), std::string::npos);
    EXPECT_NE(receipt(payment, Language::chinese).body.find("收据"), std::string::npos);
}

TEST_P(ReceiptsTest, AreThereForWhatWasPaidOnly) {
    const std::string unpaid = made("/v1/payment_intents", "amount=1000&currency=usd");
    for (const std::string& id : {unpaid, std::string{"pi_x"}}) {
        SCOPED_TRACE(id);
        EXPECT_EQ(receipt(id).status, 404);
    }
}

}  // namespace
}  // namespace postern::payments::onerway
