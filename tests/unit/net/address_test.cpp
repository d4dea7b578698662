#include "net/address.hpp"

#include <gtest/gtest.h>

namespace postern::net {
namespace {

IpAddress address(std::string_view text) {
    const auto parsed = parse_ip_address(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(IpAddress{});
}

AddressList list_of(const std::vector<std::string>& ranges) {
    auto list = AddressList::parse(ranges);
    EXPECT_TRUE(list.has_value());
    return list ? *list : AddressList{};
}

TEST(IpAddress, ReadsAndPrintsBothFamilies) {
    EXPECT_EQ(address("192.0.2.1").to_text(), "192.0.2.1");
    EXPECT_EQ(address("2001:DB8:0:0::1").to_text(), "2001:db8::1");
    EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1")) << "mapped is the same address";
    EXPECT_TRUE(address("192.0.2.1").is_v4());
    EXPECT_FALSE(address("::1").is_v4());
}

TEST(IpAddress, RefusesWhatOnlySomeParsersRead) {
    for (const char* text :
         {"",
          "127.1",
          "0x7f.0.0.1",
          "127.0.0.1 ",
          "1.2.3.4.5",
          "256.0.0.1",
          "::1%eth0",
          "[::1]",
          "localhost",
          "1:2:3"}) {
        EXPECT_FALSE(parse_ip_address(text).has_value()) << text;
    }
    EXPECT_FALSE(parse_ip_address(std::string_view{"127.0.0.1\0x", 11}).has_value());
}

TEST(IpAddress, KnowsLoopback) {
    EXPECT_TRUE(address("127.0.0.1").is_loopback());
    EXPECT_TRUE(address("127.255.0.9").is_loopback());
    EXPECT_TRUE(address("::1").is_loopback());
    EXPECT_FALSE(address("128.0.0.1").is_loopback());
    EXPECT_FALSE(address("::").is_loopback());
}

TEST(AddressList, HoldsRangesOfBothFamilies) {
    const AddressList list = list_of({"10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "172.16.0.0/12"});
    for (const char* text :
         {"10.0.0.0",
          "10.255.255.255",
          "192.0.2.7",
          "2001:db8:7fff::1",
          "172.31.0.1",
          "::ffff:10.1.2.3"}) {
        EXPECT_TRUE(list.contains(address(text))) << text;
    }
    for (const char* text :
         {"11.0.0.0", "9.255.255.255", "192.0.2.8", "2001:db8:8000::1", "172.32.0.1", "::a00:1"}) {
        EXPECT_FALSE(list.contains(address(text))) << text;
    }
    EXPECT_TRUE(list_of({"0.0.0.0/0"}).contains(address("8.8.8.8")));
    EXPECT_FALSE(list_of({"0.0.0.0/0"}).contains(address("2001:db8::1")));
    EXPECT_TRUE(list_of({"::/0"}).contains(address("8.8.8.8")));
    EXPECT_TRUE(list_of({}).empty());
}

TEST(AddressList, RefusesWhatIsNoRange) {
    for (const char* text :
         {"",
          "10.0.0.0/33",
          "10.0.0.0/-1",
          "10.0.0.0/",
          "2001:db8::/129",
          "example.com",
          "10.0.0.0/8/8",
          "10.0.0.0/ 8"}) {
        EXPECT_FALSE(AddressList::parse({text}).has_value()) << text;
    }
}

TEST(ClientBehindProxies, LooksThroughTrustedProxiesOnly) {
    struct Case {
        const char* name;
        const char* peer;
        const char* forwarded_for;
        const char* client;
    };
    const Case cases[] = {
        {"an untrusted peer is not believed", "203.0.113.9", "192.0.2.1", "203.0.113.9"},
        {"one proxy", "10.0.0.1", "192.0.2.1", "192.0.2.1"},
        {"two proxies", "10.0.0.1", "192.0.2.1, 10.0.0.2", "192.0.2.1"},
        {"a forged beginning", "10.0.0.1", "127.0.0.1, 192.0.2.1", "192.0.2.1"},
        {"a port", "10.0.0.1", "192.0.2.1:4711", "192.0.2.1"},
        {"IPv6 in brackets", "10.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"},
        {"IPv6 bare", "10.0.0.1", "2001:db8::1", "2001:db8::1"},
        {"words", "10.0.0.1", "unknown", "10.0.0.1"},
        {"words before a proxy", "10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2"},
        {"nothing", "10.0.0.1", "", "10.0.0.1"},
        {"an empty entry", "10.0.0.1", "192.0.2.1,", "10.0.0.1"},
        {"a bracket without an end", "10.0.0.1", "[2001:db8::1", "10.0.0.1"},
    };
    const AddressList trusted = list_of({"10.0.0.0/8"});
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const IpAddress client =
            client_behind_proxies(address(test_case.peer), test_case.forwarded_for, trusted);
        EXPECT_EQ(client.to_text(), test_case.client);
    }
}

}  // namespace
}  // namespace postern::net
