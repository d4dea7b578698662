#include "net/connection_ledger.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace postern::net {
namespace {

IpAddress numbered(std::uint8_t number) {
    IpAddress address;
    address.bytes[15] = number;
    return address;
}

TEST(ConnectionLedger, CountsInAllAndByAddress) {
    ConnectionLedger ledger{3, 2};
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::too_many_from_address);
    EXPECT_EQ(ledger.admit(numbered(2), AddressCap::applies), Admission::admitted);
    EXPECT_EQ(ledger.admit(numbered(3), AddressCap::applies), Admission::too_many);
    EXPECT_EQ(ledger.open(), 3u);
}

TEST(ConnectionLedger, TakesNewBoundsAndKeepsWhoIsThere) {
    ConnectionLedger ledger{3, 3};
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    ledger.set_bounds({.connections_max = 2, .per_address_max = 1});
    EXPECT_EQ(ledger.open(), 2u);
    EXPECT_EQ(ledger.admit(numbered(2), AddressCap::applies), Admission::too_many);
    ledger.release(numbered(1), AddressCap::applies);
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::too_many_from_address);
    EXPECT_EQ(ledger.admit(numbered(2), AddressCap::applies), Admission::admitted);
}

TEST(ConnectionLedger, MakesRoomWhenOneLeaves) {
    ConnectionLedger ledger{2, 1};
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    ledger.release(numbered(1), AddressCap::applies);
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    EXPECT_EQ(ledger.open(), 1u);
}

TEST(ConnectionLedger, ARefusedConnectionTakesNoPlace) {
    ConnectionLedger ledger{10, 1};
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::admitted);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(ledger.admit(numbered(1), AddressCap::applies), Admission::too_many_from_address);
    }
    EXPECT_EQ(ledger.open(), 1u);
}

TEST(ConnectionLedger, ExemptAddressesCountOnlyInAll) {
    ConnectionLedger ledger{3, 1};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(ledger.admit(numbered(1), AddressCap::exempt), Admission::admitted);
    }
    EXPECT_EQ(ledger.admit(numbered(1), AddressCap::exempt), Admission::too_many);
    for (int i = 0; i < 3; ++i) ledger.release(numbered(1), AddressCap::exempt);
    EXPECT_EQ(ledger.open(), 0u);
}

TEST(ConnectionLedger, StaysRightUnderManyThreads) {
    ConnectionLedger ledger{1000, 1000};
    std::vector<std::jthread> threads;
    for (std::uint8_t number = 0; number < 4; ++number) {
        threads.emplace_back([&ledger, number] {
            for (int i = 0; i < 2000; ++i) {
                const IpAddress address = numbered(number);
                ASSERT_EQ(ledger.admit(address, AddressCap::applies), Admission::admitted);
                ledger.release(address, AddressCap::applies);
            }
        });
    }
    for (std::jthread& thread : threads) thread.join();
    EXPECT_EQ(ledger.open(), 0u);
}

}  // namespace
}  // namespace postern::net
