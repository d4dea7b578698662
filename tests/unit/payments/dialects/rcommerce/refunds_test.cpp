#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceRefunds : public RcommerceTest {
 protected:
    std::string paid() { return post("/api/v1/payments", older_body(kGoodCard)).text("id"); }
    static std::string path(const std::string& id, std::string_view below = "/refunds") {
        return "/api/v1/payments/" + id + std::string{below};
    }
    static std::string amount(std::string_view decimal) {
        return R"({"amount":")" + std::string{decimal} + R"("})";
    }
};

TEST_F(RcommerceRefunds, AnswersBothSpellingsWithTheSameRefund) {
    for (const std::string_view spelling : {"/refund", "/refunds"}) {
        const std::string id = paid();
        const Answer refund = post(
            path(id, spelling),
            R"({"amount":"9.49","reason":"requested_by_customer","metadata":{"note":"客户对产品不满意"}})"
        );
        EXPECT_EQ(refund.status(), 201) << refund.body();
        EXPECT_EQ(refund.text("refund_id"), "ref_" + refund.text("id"));
        EXPECT_EQ(refund.text("payment_id"), "pay_" + id);
        EXPECT_EQ(refund.text("amount"), "9.49");
        EXPECT_EQ(refund.text("currency"), "USD");
        EXPECT_EQ(refund.text("status"), "succeeded");
        EXPECT_EQ(refund.text("reason"), "requested_by_customer");
        EXPECT_EQ(refund.text("metadata.note"), "客户对产品不满意");
        EXPECT_TRUE(refund.text("gateway_refund_id").starts_with("re_"));
        EXPECT_FALSE(refund.text("created_at").empty());
        EXPECT_EQ(get(path(id, "")).text("refunded_amount"), "9.49");
    }
}

TEST_F(RcommerceRefunds, RefundsWhatIsLeftUnlessToldHowMuch) {
    const std::string id = paid();
    EXPECT_EQ(post(path(id), amount("9.49")).status(), 201);
    const Answer rest = post(path(id));
    EXPECT_EQ(rest.text("amount"), "50.00") << rest.body();
    const Answer payment = get(path(id, ""));
    EXPECT_EQ(payment.text("status"), "refunded");
    EXPECT_EQ(payment.text("refunded_amount"), "59.49");
    EXPECT_EQ(payment.at("refunds").size(), 2U);
    const Answer again = post(path(id), amount("1.00"));
    EXPECT_EQ(again.status(), 409);
    EXPECT_EQ(again.code(), "ALREADY_REFUNDED");
}

struct AmountCase {
    std::string_view sent;  // JSON
    std::string_view code;
};
constexpr AmountCase kAmounts[] = {
    {R"("59.50")", "REFUND_AMOUNT_INVALID"},
    {R"("0.00")", "REFUND_AMOUNT_INVALID"},
    {R"("-5.00")", "REFUND_AMOUNT_INVALID"},
    {R"("five")", "INVALID_AMOUNT"},
    {R"("5.001")", "INVALID_AMOUNT"},
    {R"(5)", "INVALID_AMOUNT"},
};

TEST_F(RcommerceRefunds, RefundsNoMoreThanIsLeft) {
    const std::string id = paid();
    for (const AmountCase& test_case : kAmounts) {
        SCOPED_TRACE(test_case.sent);
        const Answer refused = post(path(id), R"({"amount":)" + std::string{test_case.sent} + '}');
        EXPECT_EQ(refused.status(), 400);
        EXPECT_EQ(refused.code(), test_case.code);
        EXPECT_EQ(refused.fields(), std::vector<std::string>{"amount"});
    }
    EXPECT_EQ(get(path(id, "")).text("refunded_amount"), "0.00");
}

TEST_F(RcommerceRefunds, RefundsOnlyWhatWasCaptured) {
    const std::string id =
        post("/api/v1/payments", older_body(kGoodCard, R"("capture_method":"manual")")).text("id");
    const Answer refused = post(path(id));
    EXPECT_EQ(refused.status(), 409);
    EXPECT_EQ(refused.code(), "CONFLICT");
}

TEST_F(RcommerceRefunds, TakesOnlyTheReasonsOfTheDocument) {
    const std::string id = paid();
    const Answer refused = post(path(id), R"({"reason":"changed_mind"})");
    EXPECT_EQ(refused.code(), "VALIDATION_ERROR");
    EXPECT_EQ(refused.fields(), std::vector<std::string>{"reason"});
}

TEST_F(RcommerceRefunds, ListsAndFindsThem) {
    const std::string id = paid();
    const Answer first = post(path(id), amount("1.00"));
    const Answer second = post(path(id), amount("2.00"));
    const Answer list = get(path(id) + "?per_page=1");
    EXPECT_EQ(list.at("data").size(), 1U);
    EXPECT_EQ(list.text("data.0.amount"), "2.00");
    EXPECT_EQ(list.at("meta.pagination.total").integer(), 2);
    EXPECT_EQ(get(path(id) + "?per_page=1&page=2").text("data.0.amount"), "1.00");
    for (const char* member : {"id", "refund_id", "gateway_refund_id"}) {
        const Answer found = get(path(id) + "/" + first.text(member));
        EXPECT_EQ(found.status(), 200) << member;
        EXPECT_EQ(found.text("id"), first.text("id"));
    }
    const std::string other = paid();
    for (const std::string& wrong :
         {path(other) + "/" + second.text("id"), path(id) + "/nothing"}) {
        const Answer absent = get(wrong);
        EXPECT_EQ(absent.status(), 404);
        EXPECT_EQ(absent.code(), "NOT_FOUND");
    }
}

}  // namespace
}  // namespace postern::payments::rcommerce
