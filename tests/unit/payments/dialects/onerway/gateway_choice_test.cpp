#include "payments/dialects/onerway/gateway_choice.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(GatewayChoiceTest);

TEST_P(GatewayChoiceTest, StaysWithTheDefaultAsLongAsItCan) {
    struct Case {
        std::vector<MethodType> types;
        const char* currency;
        const char* gateway;
    };
    const Case cases[] = {
        {{}, "cny", ""},
        {{MethodType::card}, "usd", ""},
        {{MethodType::alipay, MethodType::card}, "cny", ""},
        {{MethodType::alipay}, "cny", "alipay"},
        {{MethodType::wechat_pay}, "cny", "wechatpay"},
        {{MethodType::alipay}, "usd", ""},  // nobody takes it: the default one says so
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.gateway);
        const GatewayWish wish{.types = test_case.types, .currency = currency(test_case.currency)};
        EXPECT_EQ(gateway_for(gateways_, wish), test_case.gateway);
    }
}

TEST_P(GatewayChoiceTest, NeverTakesASandboxForRealMoney) {
    const MethodType types[] = {MethodType::alipay};
    const GatewayWish wish{
        .types = types, .currency = currency("cny"), .livemode = storage::Livemode::live};
    EXPECT_EQ(gateway_for(gateways_, wish), "");
}

TEST_P(GatewayChoiceTest, SendsWalletsWhereTheyAreTaken) {
    const Answer inline_wallet = post(
        "/v1/payment_intents",
        "amount=1000&currency=cny&confirm=true&payment_method_data[type]=alipay"
        "&return_url=https://shop.example/done"
    );
    EXPECT_EQ(inline_wallet.at("status"), "requires_action") << inline_wallet.body();
    EXPECT_EQ(inline_wallet.at("next_action.type"), "alipay_handle_redirect");
    EXPECT_EQ(
        inline_wallet.at("next_action.alipay_handle_redirect.return_url"),
        "https://shop.example/done"
    );
    const std::string stored = made("/v1/payment_methods", "type=wechat_pay");
    const Answer by_id = post(
        "/v1/payment_intents", "amount=1000&currency=cny&confirm=true&payment_method=" + stored
    );
    EXPECT_EQ(by_id.at("next_action.type"), "wechat_pay_display_qr_code") << by_id.body();
    EXPECT_NE(by_id.at("next_action.wechat_pay_display_qr_code.data"), "");
    const std::string typed =
        made("/v1/payment_intents", "amount=1000&currency=cny&payment_method_types[]=alipay");
    EXPECT_EQ(
        post("/v1/payment_intents/" + typed + "/confirm", "payment_method_data[type]=alipay")
            .at("next_action.type"),
        "alipay_handle_redirect"
    );
}

}  // namespace
}  // namespace postern::payments::onerway
