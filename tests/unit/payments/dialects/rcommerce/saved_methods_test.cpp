#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

class RcommerceSavedMethods : public RcommerceTest {
 protected:
    static std::string older_path(std::string_view customer = kCustomer) {
        return "/api/v1/customers/" + std::string{customer} + "/payment_methods";
    }
    static std::string newer_path(std::string_view customer = kCustomer) {
        return "/api/v2/customers/" + std::string{customer} + "/payment-methods";
    }
    static std::string with(std::string json, std::string_view more) {
        json.pop_back();
        json += ',';
        json += more;
        return json + '}';
    }
    static std::string token_body(std::string_view more = {}) {
        std::string body =
            R"({"gateway_id":"stripe","payment_method_data":)" + card_json(kGoodCard);
        if (!more.empty()) body += ',';
        body += more;
        return body + '}';
    }
};

TEST_F(RcommerceSavedMethods, SavesACardForACustomer) {
    const Answer saved = post(older_path(), with(card_json(kGoodCard), R"("set_as_default":true)"));
    EXPECT_EQ(saved.status(), 201) << saved.body();
    EXPECT_TRUE(saved.text("id").starts_with("pm_"));
    EXPECT_EQ(saved.text("token"), saved.text("id"));
    EXPECT_EQ(saved.text("customer_id"), kCustomer);
    EXPECT_EQ(saved.text("type"), "card");
    EXPECT_EQ(saved.text("card.last4"), "4242");
    EXPECT_EQ(saved.at("card.exp_month").integer(), 12);
    EXPECT_EQ(saved.text("exp_month"), "12");
    EXPECT_EQ(saved.at("is_default").boolean(), true);
}

TEST_F(RcommerceSavedMethods, GivesATokenAsTheNewerPageDoes) {
    const Answer saved = post(
        "/api/v2/payment-methods",
        token_body(R"("set_as_default":true,"customer_id":")" + std::string{kCustomer} + '"')
    );
    EXPECT_EQ(saved.status(), 201) << saved.body();
    EXPECT_TRUE(saved.text("token").starts_with("pm_"));
    EXPECT_EQ(saved.text("payment_method.method_type"), "card");
    EXPECT_EQ(saved.text("payment_method.last_four"), "4242");
    EXPECT_EQ(saved.text("payment_method.card_brand"), "visa");
    EXPECT_EQ(saved.text("payment_method.exp_month"), "12");
    EXPECT_EQ(saved.text("payment_method.exp_year"), "2025");
    EXPECT_EQ(saved.text("payment_method.cardholder_name"), "John Doe");
    EXPECT_TRUE(saved.at("expires_at").is_null());
}

TEST_F(RcommerceSavedMethods, ListsTheSameMethodsOnBothPages) {
    post(older_path(), card_json(kGoodCard));
    post(
        "/api/v2/payment-methods",
        token_body(R"("set_as_default":true,"customer_id":")" + std::string{kCustomer} + '"')
    );
    const Answer older = get(older_path());
    EXPECT_EQ(older.at("meta.pagination.total").integer(), 2);
    EXPECT_EQ(older.at("data").size(), 2U);
    const Answer newer = get(newer_path());
    ASSERT_TRUE(newer.json().is_array());
    ASSERT_EQ(newer.json().size(), 2U);
    for (const char* place : {"0", "1"}) {
        const std::string there{place};
        EXPECT_EQ(newer.text(there + ".token"), older.text("data." + there + ".token"));
        EXPECT_EQ(newer.text(there + ".last_four"), "4242");
    }
    EXPECT_EQ(newer.at("0.is_default").boolean(), true);
    EXPECT_EQ(newer.at("1.is_default").boolean(), false);
    EXPECT_EQ(get(older_path() + "?per_page=1&page=2").at("data").size(), 1U);
}

TEST_F(RcommerceSavedMethods, PaysWithATokenThatIsNobodys) {
    const std::string token = post("/api/v2/payment-methods", token_body()).text("token");
    ASSERT_FALSE(token.empty());
    for (int i = 0; i < 2; ++i) {
        const Answer paid = post(
            "/api/v1/payments",
            R"({"gateway_id":"stripe","amount":"1.00","currency":"USD",)"
            R"("payment_method":{"type":"saved_card","token":"card_)"
                + token.substr(3) + R"("}})"
        );
        EXPECT_EQ(paid.text("type"), "success") << paid.body();
        EXPECT_EQ(paid.text("payment_method.token"), token);
    }
}

TEST_F(RcommerceSavedMethods, GivesATokenToACustomerLater) {
    const std::string token = post("/api/v2/payment-methods", token_body()).text("token");
    const std::string body = R"({"type":"saved_card","token":")" + token + R"("})";
    const Answer saved = post(older_path(), body);
    EXPECT_EQ(saved.status(), 201) << saved.body();
    EXPECT_EQ(saved.text("token"), token);
    const Answer stolen = post(older_path("550e8400-e29b-41d4-a716-446655440002"), body);
    EXPECT_EQ(stolen.code(), "INVALID_PAYMENT_METHOD") << stolen.body();
}

TEST_F(RcommerceSavedMethods, HasNothingOfCustomersThatWereNeverSeen) {
    EXPECT_EQ(get(newer_path()).body(), "[]");
    EXPECT_EQ(get(older_path()).at("meta.pagination.total").integer(), 0);
    for (const std::string& path :
         {newer_path("cus_x"),
          older_path("john"),
          newer_path(stripe_id(around_->ids, CustomerId{9}))}) {
        const Answer absent = get(path);
        EXPECT_EQ(absent.status(), 404) << path;
        EXPECT_EQ(absent.code(), "NOT_FOUND");
    }
    const Answer unknown =
        post(older_path(stripe_id(around_->ids, CustomerId{9})), card_json(kGoodCard));
    EXPECT_EQ(unknown.status(), 404) << unknown.body();
}

TEST_F(RcommerceSavedMethods, NamesWhatIsWrong) {
    using Fields = std::vector<std::string>;
    const Answer card = post(older_path(), card_json("4242424242424241"));
    EXPECT_EQ(card.code(), "INVALID_PAYMENT_METHOD");
    EXPECT_EQ(card.fields(), Fields{"card.number"});
    EXPECT_EQ(post(older_path(), "{}").fields(), Fields{"type"});
    const Answer flag = post(older_path(), with(card_json(kGoodCard), R"("set_as_default":1)"));
    EXPECT_EQ(flag.fields(), Fields{"set_as_default"});
    EXPECT_EQ(
        post("/api/v2/payment-methods", "{}").fields(),
        (Fields{"gateway_id", "payment_method_data"})
    );
    const Answer gateway = post(
        "/api/v2/payment-methods",
        R"({"gateway_id":"nowhere","payment_method_data":)" + card_json(kGoodCard) + '}'
    );
    EXPECT_EQ(gateway.status(), 404);
    EXPECT_EQ(gateway.code(), "GATEWAY_NOT_FOUND");
}

}  // namespace
}  // namespace postern::payments::rcommerce
