#include "net/address.hpp"
#include "net/request_head.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    postern::net::is_host(text);
    if (const auto address = postern::net::parse_ip_address(text)) {
        POSTERN_ASSERT(postern::net::parse_ip_address(address->to_text()) == address);
    }
    const auto ranges = postern::net::AddressList::parse({std::string{text}});
    const auto trusted = postern::net::AddressList::parse({"10.0.0.0/8", "2001:db8::/32"});
    const auto peer = postern::net::parse_ip_address("10.0.0.1");
    POSTERN_ASSERT(trusted.has_value());
    if (ranges) ranges->contains(*peer);
    postern::net::client_behind_proxies(*peer, text, *trusted);
    return 0;
}
