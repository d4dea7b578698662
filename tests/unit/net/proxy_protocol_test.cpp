#include "net/proxy_protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace postern::net {
namespace {

struct Case {
    std::string name;
    std::string input;
    ProxyProgress progress = ProxyProgress::refused;
    std::string client;  // empty: none
};

std::string v2(std::string_view version_command_family, std::string_view addresses) {
    std::string text{"\r\n\r\n\0\r\nQUIT\n", 12};
    text += version_command_family;
    text += static_cast<char>(addresses.size() >> 8);
    text += static_cast<char>(addresses.size() & 0xff);
    text += addresses;
    return text;
}

const std::string kV4Addresses{"\xc0\x00\x02\x01\x7f\x00\x00\x01\x10\x00\x00\x50", 12};
const std::string kV6Addresses =
    std::string{"\x20\x01\x0d\xb8\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01", 16}
    + std::string(16, '\0') + std::string(4, '\1');

std::vector<Case> v1_cases() {
    constexpr auto complete = ProxyProgress::complete;
    constexpr auto refused = ProxyProgress::refused;
    return {
        {"TCP4", "PROXY TCP4 192.0.2.1 127.0.0.1 4096 80\r\n", complete, "192.0.2.1"},
        {"TCP6", "PROXY TCP6 2001:db8::1 ::1 4096 80\r\n", complete, "2001:db8::1"},
        {"UNKNOWN", "PROXY UNKNOWN\r\n", complete, ""},
        {"UNKNOWN with words", "PROXY UNKNOWN ff ee 1 2\r\n", complete, ""},
        {"another family", "PROXY UDP4 192.0.2.1 127.0.0.1 4096 80\r\n", refused, ""},
        {"v6 called TCP4", "PROXY TCP4 ::1 127.0.0.1 4096 80\r\n", refused, ""},
        {"v4 called TCP6", "PROXY TCP6 192.0.2.1 ::1 4096 80\r\n", refused, ""},
        {"no address", "PROXY TCP4 x 127.0.0.1 4096 80\r\n", refused, ""},
        {"a port too large", "PROXY TCP4 192.0.2.1 127.0.0.1 65536 80\r\n", refused, ""},
        {"a part too few", "PROXY TCP4 192.0.2.1 127.0.0.1 4096\r\n", refused, ""},
        {"a part too many", "PROXY TCP4 192.0.2.1 127.0.0.1 4096 80 x\r\n", refused, ""},
        {"two spaces", "PROXY  TCP4 192.0.2.1 127.0.0.1 4096 80\r\n", refused, ""},
        {"lower case", "proxy TCP4 192.0.2.1 127.0.0.1 4096 80\r\n", refused, ""},
        {"108 bytes without an end", "PROXY " + std::string(102, 'x'), refused, ""},
        {"a request instead", "GET / HTTP/1.1\r\n", refused, ""},
    };
}

std::vector<Case> v2_cases() {
    constexpr auto complete = ProxyProgress::complete;
    constexpr auto refused = ProxyProgress::refused;
    return {
        {"TCP over IPv4", v2("\x21\x11", kV4Addresses), complete, "192.0.2.1"},
        {"TCP over IPv6", v2("\x21\x21", kV6Addresses), complete, "2001:db8::1"},
        {"more after the addresses", v2("\x21\x11", kV4Addresses + "more"), complete, "192.0.2.1"},
        {"LOCAL", v2(std::string{"\x20\x00", 2}, ""), complete, ""},
        {"an unspecified family", v2(std::string{"\x21\x00", 2}, ""), complete, ""},
        {"addresses cut short", v2("\x21\x11", kV4Addresses.substr(0, 11)), refused, ""},
        {"v6 addresses cut short", v2("\x21\x21", kV6Addresses.substr(0, 35)), refused, ""},
        {"version 1", v2("\x11\x11", kV4Addresses), refused, ""},
        {"another command", v2("\x22\x11", kV4Addresses), refused, ""},
        {"537 bytes", v2("\x21\x11", std::string(537, 'x')), refused, ""},
    };
}

// Feeds a growing prefix, as the session does, until the header is decided.
ProxyProgress parse_growing(std::string_view input, ProxyHeader& header) {
    for (std::size_t size = 0; size <= input.size(); ++size) {
        const auto progress = parse_proxy_header(input.substr(0, size), ProxyProtocol::any, header);
        if (progress != ProxyProgress::need_more) return progress;
    }
    return ProxyProgress::need_more;
}

void expect_outcome(const Case& test_case, ProxyProgress progress, const ProxyHeader& header) {
    ASSERT_EQ(progress, test_case.progress);
    if (progress != ProxyProgress::complete) return;
    EXPECT_EQ(header.client ? header.client->to_text() : "", test_case.client);
    EXPECT_EQ(header.bytes, test_case.input.size());
}

TEST(ProxyProtocol, DecidesEveryHeader) {
    for (const auto& table : {v1_cases(), v2_cases()}) {
        for (const Case& test_case : table) {
            SCOPED_TRACE(test_case.name);
            ProxyHeader header;
            const auto whole = parse_proxy_header(test_case.input, ProxyProtocol::any, header);
            expect_outcome(test_case, whole, header);
        }
    }
}

TEST(ProxyProtocol, DecidesTheSameByteByByte) {
    for (const auto& table : {v1_cases(), v2_cases()}) {
        for (const Case& test_case : table) {
            SCOPED_TRACE(test_case.name);
            ProxyHeader header;
            const auto progress = parse_growing(test_case.input, header);
            expect_outcome(test_case, progress, header);
        }
    }
}

TEST(ProxyProtocol, AsksForMoreAtEveryEarlierByte) {
    for (const std::string& text :
         {std::string{"PROXY TCP4 192.0.2.1 127.0.0.1 4096 80\r\n"},
          v2("\x21\x11", kV4Addresses)}) {
        for (std::size_t size = 0; size < text.size(); ++size) {
            ProxyHeader header;
            EXPECT_EQ(
                parse_proxy_header(text.substr(0, size), ProxyProtocol::any, header),
                ProxyProgress::need_more
            ) << size;
        }
    }
}

TEST(ProxyProtocol, TakesOnlyTheVersionItIsToldTo) {
    const std::string first = "PROXY UNKNOWN\r\n";
    const std::string second = v2(std::string{"\x20\x00", 2}, "");
    ProxyHeader header;
    EXPECT_EQ(parse_proxy_header(first, ProxyProtocol::v1, header), ProxyProgress::complete);
    EXPECT_EQ(parse_proxy_header(first, ProxyProtocol::v2, header), ProxyProgress::refused);
    EXPECT_EQ(parse_proxy_header(second, ProxyProtocol::v1, header), ProxyProgress::refused);
    EXPECT_EQ(parse_proxy_header(second, ProxyProtocol::v2, header), ProxyProgress::complete);
    EXPECT_EQ(parse_proxy_header(first, ProxyProtocol::off, header), ProxyProgress::refused);
}

}  // namespace
}  // namespace postern::net
