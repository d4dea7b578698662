#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

using RcommerceCommands = RcommerceTest;

struct Page {
    std::string_view make;  // where a payment is made
    std::string_view act;   // and where it is captured and canceled
};
constexpr Page kPages[] = {
    {"/api/v1/payments", "/api/v1/payments/"},
    {"/api/v2/payments", "/api/v2/payments/"},
    {"/api/v1/payments", "/api/v1/payment_intents/"},
};

TEST_F(RcommerceCommands, CarriesTheSameCommandsOutOnEveryPage) {
    for (const Page& page : kPages) {
        SCOPED_TRACE(page.act);
        const std::string manual = older_body(kGoodCard, R"("capture_method":"manual")");
        const std::string first = post(std::string{page.make}, manual).text("id");
        const std::string act{page.act};
        const Answer captured = post(act + first + "/capture", R"({"amount":"9.49"})");
        EXPECT_EQ(captured.status(), 200) << captured.body();
        EXPECT_EQ(captured.text("status"), "succeeded");
        const std::string second = post(std::string{page.make}, manual).text("id");
        const Answer canceled = post(act + second + "/cancel");
        EXPECT_EQ(canceled.text("status"), "canceled");
    }
}

TEST_F(RcommerceCommands, RefusesFieldsThatMeanNothingToThem) {
    const std::string id =
        post("/api/v1/payments", older_body(kGoodCard, R"("capture_method":"manual")")).text("id");
    const Answer refused = post("/api/v1/payments/" + id + "/cancel", R"({"amount":"1.00"})");
    EXPECT_EQ(refused.code(), "VALIDATION_ERROR");
    EXPECT_EQ(refused.fields(), std::vector<std::string>{"amount"});
    EXPECT_EQ(get("/api/v1/payments/" + id).text("status"), "processing");
}

TEST_F(RcommerceCommands, HandTheBodysKeyOn) {
    const std::string id =
        post("/api/v1/payments", older_body(kGoodCard, R"("capture_method":"manual")")).text("id");
    post("/api/v1/payments/" + id + "/capture", R"({"idempotency_key":"capture-1"})");
    EXPECT_EQ(last_idempotency_key(), "capture-1");
}

}  // namespace
}  // namespace postern::payments::rcommerce
