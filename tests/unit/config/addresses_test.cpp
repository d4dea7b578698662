#include "config/addresses.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

struct ListenCase {
    const char* name;
    const char* text;
    std::optional<ListenAddress> address;
};

const ListenCase kListenCases[] = {
    {"takes IPv4", "127.0.0.1:8080", ListenAddress{"127.0.0.1", 8080}},
    {"takes IPv6 in brackets", "[::1]:8080", ListenAddress{"::1", 8080}},
    {"takes localhost", "localhost:80", ListenAddress{"127.0.0.1", 80}},
    {"takes port 0", "0.0.0.0:0", ListenAddress{"0.0.0.0", 0}},
    {"takes the last port", "0.0.0.0:65535", ListenAddress{"0.0.0.0", 65535}},
    {"refuses a port too large", "0.0.0.0:65536", std::nullopt},
    {"refuses no port", "127.0.0.1", std::nullopt},
    {"refuses no host", ":8080", std::nullopt},
    {"refuses IPv6 without brackets", "::1:8080", std::nullopt},
    {"refuses IPv4 in brackets", "[127.0.0.1]:8080", std::nullopt},
    {"refuses a name", "example.com:8080", std::nullopt},
    {"refuses a signed port", "127.0.0.1:+80", std::nullopt},
};

TEST(Addresses, TellListenAddressesFromOthers) {
    for (const ListenCase& test_case : kListenCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(parse_listen_address(test_case.text), test_case.address);
    }
}

TEST(Addresses, PrintAListenAddressAsItIsRead) {
    EXPECT_EQ(to_text(ListenAddress{"127.0.0.1", 8080}), "127.0.0.1:8080");
    EXPECT_EQ(to_text(ListenAddress{"::1", 8080}), "[::1]:8080");
}

struct RangeCase {
    const char* name;
    const char* text;
    const char* printed;  // nullptr: refused
};

constexpr RangeCase kRangeCases[] = {
    {"takes an IPv4 range", "10.0.0.0/8", "10.0.0.0/8"},
    {"takes one IPv4 address", "10.1.2.3", "10.1.2.3/32"},
    {"takes an IPv6 range", "2001:db8::/32", "2001:db8::/32"},
    {"takes everything of IPv4", "0.0.0.0/0", "0.0.0.0/0"},
    {"takes everything", "::/0", "::/0"},
    {"refuses bits beyond the prefix", "10.0.0.1/8", nullptr},
    {"refuses a prefix too long", "10.0.0.0/33", nullptr},
    {"refuses an empty prefix", "10.0.0.0/", nullptr},
    {"refuses a name", "proxy", nullptr},
};

TEST(Addresses, TellRangesFromOthers) {
    for (const RangeCase& test_case : kRangeCases) {
        SCOPED_TRACE(test_case.name);
        const auto range = parse_address_range(test_case.text);
        ASSERT_EQ(range.has_value(), test_case.printed != nullptr);
        if (test_case.printed == nullptr) continue;
        EXPECT_EQ(to_text(*range), test_case.printed);
    }
}

struct ContainsCase {
    const char* range;
    const char* address;
    bool inside;
};

constexpr ContainsCase kContainsCases[] = {
    {"10.0.0.0/8", "10.255.0.1", true},
    {"10.0.0.0/8", "11.0.0.1", false},
    {"10.0.0.0/8", "::ffff:10.0.0.1", true},
    {"192.168.4.0/22", "192.168.7.255", true},
    {"192.168.4.0/22", "192.168.8.0", false},
    {"2001:db8::/32", "2001:db8:1::1", true},
    {"2001:db8::/32", "2001:db9::1", false},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"10.0.0.0/8", "no address", false},
};

TEST(Addresses, KnowWhatLiesInARange) {
    for (const ContainsCase& test_case : kContainsCases) {
        SCOPED_TRACE(std::string{test_case.range} + " and " + test_case.address);
        const auto range = parse_address_range(test_case.range);
        ASSERT_TRUE(range.has_value());
        EXPECT_EQ(contains(*range, test_case.address), test_case.inside);
    }
}

}  // namespace
}  // namespace postern::config
