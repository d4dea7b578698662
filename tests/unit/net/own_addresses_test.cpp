#include "net/own_addresses.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::net {
namespace {

TEST(OwnAddresses, AreThoseOfTheInterfacesWithoutLoopback) {
    const auto addresses = own_addresses();
    for (const IpAddress& address : addresses) {
        EXPECT_FALSE(address.is_loopback()) << address.to_text();
        EXPECT_NE(address, IpAddress{});
    }
    EXPECT_TRUE(std::is_sorted(addresses.begin(), addresses.end()));
}

}  // namespace
}  // namespace postern::net
