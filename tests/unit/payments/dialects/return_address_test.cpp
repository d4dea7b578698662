#include "payments/dialects/return_address.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

TEST(ReturnAddress, IsAPageOrAnAppsOwnAddress) {
    for (const char* taken : {
             "https://shop.example/done?order=1",
             "http://localhost:3000",
             "shop-app://paid",
             "HTTPS://SHOP.EXAMPLE/",
         }) {
        EXPECT_TRUE(is_return_address(taken)) << taken;
    }
}

TEST(ReturnAddress, IsNothingThatABrowserWouldRun) {
    for (const char* refused : {
             "javascript://x%0aalert(1)",
             "JavaScript://x%0aalert(1)",
             "data://text/html,x",
             "vbscript://x",
             "file://etc/passwd",
             "blob://x",
             "https://",
             "https:///path",
             "://shop.example",
             "shop.example",
             "https://shop.example/a b",
         }) {
        EXPECT_FALSE(is_return_address(refused)) << refused;
    }
}

}  // namespace
}  // namespace postern::payments
