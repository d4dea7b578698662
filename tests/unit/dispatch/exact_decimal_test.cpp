#include "dispatch/exact_decimal.hpp"

#include <gtest/gtest.h>

#include <string>

namespace postern::dispatch {
namespace {

struct Order {
    const char* left;
    const char* right;
    std::strong_ordering expected;
};

const Order kOrders[] = {
    {"0", "-0", std::strong_ordering::equal},
    {"1", "1.000", std::strong_ordering::equal},
    {"100", "1e2", std::strong_ordering::equal},
    {"0.05", "5E-2", std::strong_ordering::equal},
    {"007", "7", std::strong_ordering::equal},
    {"9", "10", std::strong_ordering::less},
    {"-10", "-9", std::strong_ordering::less},
    {"-1", "0", std::strong_ordering::less},
    {"0", "0.000001", std::strong_ordering::less},
    {"99.99", "100", std::strong_ordering::less},
    {"1.5", "1.25", std::strong_ordering::greater},
    // A double takes these for one number.
    {"9007199254740993", "9007199254740992", std::strong_ordering::greater},
    {"0.10000000000000000001", "0.1", std::strong_ordering::greater},
    {"1e300", "9e299", std::strong_ordering::greater},
};

TEST(ExactDecimal, OrdersNumbersByTheirValueNotTheirSpelling) {
    for (const Order& order : kOrders) {
        SCOPED_TRACE(std::string{order.left} + " and " + order.right);
        const auto left = ExactDecimal::parse(order.left);
        const auto right = ExactDecimal::parse(order.right);
        ASSERT_TRUE(left && right);
        EXPECT_TRUE((*left <=> *right) == order.expected);
        EXPECT_EQ(*left == *right, order.expected == std::strong_ordering::equal);
    }
}

TEST(ExactDecimal, RefusesWhatIsNoNumber) {
    for (const char* text :
         {"",
          "-",
          ".",
          "1.",
          ".5",
          "+1",
          "1e",
          "1e+",
          "1e+-2",
          "1e1.5",
          "--1",
          "0x10",
          "1 ",
          "NaN",
          "1e99999999999",
          "1e-1000001",
          "1,5"}) {
        EXPECT_FALSE(ExactDecimal::parse(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace postern::dispatch
