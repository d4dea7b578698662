#include "payments/dialects/onerway/method_input.hpp"

#include "tests/unit/payments/dialects/onerway/onerway_fixture.hpp"

namespace postern::payments::onerway {
namespace {

POSTERN_ONERWAY_SUITE(MethodInputTest);

TEST_P(MethodInputTest, KnowsIdsAndReadyMadeNames) {
    const HttpRequest request;
    Call call{.around = around_, .request = request, .path = {}, .caller = {}, .now = clock_.at};
    const std::string id = around_.ids.encode(PaymentMethodId{77});
    const auto by_id = name_method(call, id);
    ASSERT_TRUE(by_id.has_value());
    EXPECT_EQ(by_id->id, PaymentMethodId{77});
    const auto ready_made = name_method(call, "pm_card_visa");
    ASSERT_TRUE(ready_made && ready_made->ready_made);
    EXPECT_EQ(ready_made->ready_made->method.card->last4, "4242");
    EXPECT_FALSE(name_method(call, "pm_card_nothing").has_value());
    call.caller.owner.livemode = storage::Livemode::live;
    EXPECT_TRUE(name_method(call, id).has_value());
    EXPECT_FALSE(name_method(call, "pm_card_visa").has_value());
}

TEST_P(MethodInputTest, SpellsTypesAsTheDomainDoes) {
    const auto root =
        read_form("payment_method_types[]=card&payment_method_types[]=customer_balance");
    ASSERT_TRUE(root.has_value());
    Parameters parameters{*root};
    EXPECT_EQ(read_method_types(parameters), (std::vector<std::string>{"card", "bank_transfer"}));
    const auto wrong = read_form("payment_method_types[]=barter");
    ASSERT_TRUE(wrong.has_value());
    Parameters refused{*wrong};
    read_method_types(refused);
    EXPECT_EQ(refused.finish()->parameter, "payment_method_types");
}

TEST_P(MethodInputTest, IsReadWithinItsTable) {
    const Answer answer = post(
        "/v1/payment_intents",
        "amount=1000&currency=usd&confirm=true&payment_method_data[type]=card"
        "&payment_method_data[card][number]=5555555555554444"
        "&payment_method_data[card][exp_month]=12&payment_method_data[card][exp_year]=2034"
        "&payment_method_data[billing_details][name]=Jenny&expand[]=payment_method"
    );
    EXPECT_EQ(answer.at("status"), "succeeded") << answer.body();
    EXPECT_EQ(answer.at("payment_method.card.brand"), "mastercard");
    EXPECT_EQ(answer.at("payment_method.billing_details.name"), "Jenny");
    EXPECT_EQ(
        post(
            "/v1/payment_intents",
            "amount=1000&currency=usd&payment_method=pm_card_visa&payment_method_data[type]=alipay"
        )
            .error(),
        "400 |payment_method_data|You may only specify one of these parameters: payment_method, "
        "payment_method_data."
    );
    EXPECT_EQ(
        post("/v1/payment_intents", "amount=1000&currency=usd&payment_method_data[typ]=card")
            .error(),
        "400 parameter_missing|payment_method_data[type]|Missing required param: "
        "payment_method_data[type]."
    );
}

TEST_P(MethodInputTest, KeepsANumberForAVaultOnly) {
    HttpRequest request;
    request.body = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2034";
    const auto number_kept = [&](const CardDesk& desk) {
        const Surroundings around{around_.ids, gateways_, desk, around_.public_url};
        const Call call{
            .around = around,
            .request = request,
            .path = {},
            .caller = {.owner = owner_},
            .now = clock_.now()};
        Incoming in{call};
        const auto made = read_new_method(in, {});
        EXPECT_EQ(in.finish().has_value(), false);
        return made ? made->number : "nothing";
    };
    EXPECT_EQ(number_kept(desk_), "");
    const CardDesk vault{"secret", {{.id = "1", .key_32_bytes = std::string(32, 'k')}}};
    EXPECT_EQ(number_kept(vault), "4242424242424242");
}

}  // namespace
}  // namespace postern::payments::onerway
