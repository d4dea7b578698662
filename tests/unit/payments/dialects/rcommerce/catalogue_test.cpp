#include "tests/unit/payments/dialects/rcommerce/rcommerce_fixture.hpp"

namespace postern::payments::rcommerce {
namespace {

using RcommerceCatalogue = RcommerceTest;

constexpr const char* kPath = "/api/v1/payments/methods";

std::vector<std::string> gateways_of(const Answer& answer) {
    std::vector<std::string> ids;
    for (const JsonValue gateway : answer.json().items()) {
        ids.emplace_back(gateway["gateway_id"].string());
    }
    return ids;
}

TEST_F(RcommerceCatalogue, DescribesMethodsAsTheDocumentDoes) {
    const Answer answer =
        ask({"POST", kPath, R"({"currency":"USD","amount":"99.99"})", Language::chinese});
    EXPECT_EQ(answer.status(), 200);
    ASSERT_TRUE(answer.json().is_array());
    EXPECT_EQ(answer.text("0.gateway_id"), "stripe");
    EXPECT_EQ(answer.text("0.gateway_name"), "Stripe");
    const JsonValue card = answer.at("0.payment_methods.0");
    EXPECT_EQ(card["method_type"].string(), "card");
    EXPECT_EQ(card["enabled"].boolean(), true);
    EXPECT_EQ(card["display_name"].string(), "信用卡/借记卡");
    EXPECT_EQ(card["requires_redirect"].boolean(), false);
    EXPECT_EQ(card["supports_3ds"].boolean(), true);
    EXPECT_EQ(card["supports_tokenization"].boolean(), true);
    EXPECT_EQ(card["supports_recurring"].boolean(), true);
    EXPECT_EQ(card["min_amount"].string(), "0.50");
    EXPECT_EQ(card["max_amount"].string(), "999999.99");
    EXPECT_EQ(card["supported_currencies"].items().front().string(), "USD");
    const JsonValue number = card["required_fields"].items().front();
    EXPECT_EQ(number["name"].string(), "number");
    EXPECT_EQ(number["label"].string(), "卡号");
    EXPECT_EQ(number["field_type"].string(), "card_number");
    EXPECT_EQ(number["required"].boolean(), true);
    EXPECT_EQ(number["pattern"].string(), R"(^[\d\s]{13,19}$)");
    EXPECT_EQ(number["placeholder"].string(), "1234 5678 9012 3456");
}

TEST_F(RcommerceCatalogue, NamesEverythingInBothLanguages) {
    for (const std::string_view currency : {"USD", "CNY"}) {
        const std::string body = R"({"currency":")" + std::string{currency} + R"("})";
        const Answer english = ask({"POST", kPath, body, Language::english});
        const Answer chinese = ask({"POST", kPath, body, Language::chinese});
        EXPECT_EQ(gateways_of(english), gateways_of(chinese));
        for (const JsonValue gateway : english.json().items()) {
            for (const JsonValue method : gateway["payment_methods"].items()) {
                EXPECT_NE(method["display_name"].string(), method["method_type"].string());
                for (const JsonValue field : method["required_fields"].items()) {
                    EXPECT_NE(field["label"].string(), field["name"].string());
                }
            }
        }
    }
}

TEST_F(RcommerceCatalogue, OffersOnlyWhatTakesTheMoney) {
    using Ids = std::vector<std::string>;
    EXPECT_EQ(
        gateways_of(post(kPath, R"({"currency":"CNY","amount":"10.00"})")),
        (Ids{"stripe", "airwallex", "wechatpay", "alipay"})
    );
    const Ids dollars = gateways_of(post(kPath, R"({"currency":"usd","amount":"10.00"})"));
    EXPECT_EQ(std::count(dollars.begin(), dollars.end(), "alipay"), 0);
    EXPECT_EQ(gateways_of(post(kPath, R"({"currency":"USD","amount":"0.49"})")), Ids{});
    EXPECT_EQ(gateways_of(post(kPath, R"({"currency":"USD","amount":"1000000.00"})")), Ids{});
}

TEST_F(RcommerceCatalogue, OffersNoSandboxForRealMoney) {
    const Answer answer = ask(
        {.method = "POST",
         .target = kPath,
         .body = R"({"currency":"USD"})",
         .owner = {.livemode = storage::Livemode::live}}
    );
    EXPECT_EQ(answer.body(), "[]");
}

TEST_F(RcommerceCatalogue, NamesWhatIsWrong) {
    EXPECT_EQ(post(kPath, "{}").fields(), std::vector<std::string>{"currency"});
    EXPECT_EQ(post(kPath, "{}").code(), "VALIDATION_ERROR");
    EXPECT_EQ(post(kPath, R"({"currency":"ABQ"})").code(), "INVALID_CURRENCY");
    EXPECT_EQ(post(kPath, R"({"currency":"USD","amount":"x"})").code(), "INVALID_AMOUNT");
    EXPECT_EQ(
        post(kPath, R"({"currency":"USD","country":"DE"})").fields(),
        std::vector<std::string>{"country"}
    );
}

}  // namespace
}  // namespace postern::payments::rcommerce
