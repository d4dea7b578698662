#include "payments/gateways/gateway.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

std::vector<PaymentGateway> two_gateways() {
    return {
        {.name = "stripe", .kind = "stripe", .number = {1}},
        {.name = "shop-in-china", .kind = "wechatpay", .number = {7}},
    };
}

TEST(GatewayBook, FindsGatewaysByNameAndByNumber) {
    const GatewayBook book{two_gateways(), "stripe"};
    ASSERT_NE(book.find("shop-in-china"), nullptr);
    EXPECT_EQ(book.find("shop-in-china")->kind, "wechatpay");
    ASSERT_NE(book.find(storage::GatewayNumber{7}), nullptr);
    EXPECT_EQ(book.find(storage::GatewayNumber{7})->name, "shop-in-china");
    EXPECT_EQ(book.find("wechatpay"), nullptr);
    EXPECT_EQ(book.find(storage::GatewayNumber{2}), nullptr);
    EXPECT_EQ(book.all().size(), 2U);
}

TEST(GatewayBook, HasNoDefaultWhenNoGatewayHasThatName) {
    const GatewayBook with{two_gateways(), "stripe"};
    ASSERT_NE(with.default_gateway(), nullptr);
    EXPECT_EQ(with.default_gateway()->number, storage::GatewayNumber{1});
    const GatewayBook without{two_gateways(), "adyen"};
    EXPECT_EQ(without.default_gateway(), nullptr);
}

}  // namespace
}  // namespace postern::payments
