#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceMethodActions : public RcommerceTest {
 protected:
    static std::string path(std::string_view below = {}, std::string_view customer = kCustomer) {
        return "/api/v1/customers/" + std::string{customer} + "/payment_methods"
               + std::string{below};
    }
    std::string saved() { return post(path(), card_json(kGoodCard)).text("id"); }
};

TEST_F(RcommerceMethodActions, DeletesByTokenInTheDocumentsWords) {
    const std::string token = saved();
    const Answer deleted =
        ask({"DELETE", "/api/v2/payment-methods/" + token, {}, Language::chinese});
    EXPECT_EQ(deleted.status(), 200) << deleted.body();
    EXPECT_EQ(deleted.at("success").boolean(), true);
    EXPECT_EQ(deleted.text("message"), "支付方式已删除");
    EXPECT_EQ(deleted.text("token"), token);
    EXPECT_EQ(get(path()).at("data").size(), 0U);
    const Answer again = erase("/api/v2/payment-methods/" + token);
    EXPECT_EQ(again.status(), 404);
    EXPECT_EQ(again.code(), "NOT_FOUND");
}

TEST_F(RcommerceMethodActions, PaysNoMoreWithWhatWasDeleted) {
    const std::string token = saved();
    erase("/api/v2/payment-methods/card_" + token.substr(3));
    const Answer refused = post(
        "/api/v1/payments",
        R"({"gateway_id":"stripe","amount":"1.00","currency":"USD","payment_method":")" + token
            + R"("})"
    );
    EXPECT_EQ(refused.status(), 400);
    EXPECT_EQ(refused.code(), "INVALID_PAYMENT_METHOD");
}

TEST_F(RcommerceMethodActions, DeletesOnlyTheCustomersOwn) {
    const std::string token = saved();
    const std::string below = "/" + token;
    post(path({}, "550e8400-e29b-41d4-a716-446655440002"), card_json(kGoodCard));
    for (const char* other :
         {"550e8400-e29b-41d4-a716-446655440002", "550e8400-e29b-41d4-a716-446655440003", "john"}) {
        const Answer refused = erase(path(below, other));
        EXPECT_EQ(refused.status(), 404) << other;
        EXPECT_EQ(refused.code(), "NOT_FOUND");
    }
    EXPECT_EQ(erase(path("/pm_nothing")).code(), "NOT_FOUND");
    EXPECT_EQ(erase(path(below)).status(), 200);
}

TEST_F(RcommerceMethodActions, MakesAMethodTheDefault) {
    const std::string first = saved();
    const std::string second = saved();
    const Answer chosen = post(path("/" + first + "/default"));
    EXPECT_EQ(chosen.status(), 200) << chosen.body();
    EXPECT_EQ(chosen.text("id"), first);
    EXPECT_EQ(chosen.at("is_default").boolean(), true);
    post(path("/" + second + "/default"));
    const Answer list = get(path());
    for (const JsonValue method : list.at("data").items()) {
        EXPECT_EQ(method["is_default"].boolean(), method["id"].string() == second);
    }
    const std::string stranger = "550e8400-e29b-41d4-a716-446655440003";
    EXPECT_EQ(post(path("/" + first + "/default", stranger)).status(), 404);
    EXPECT_EQ(post(path("/pm_nothing/default")).status(), 404);
}

}  // namespace
}  // namespace postern::payments::rcommerce
