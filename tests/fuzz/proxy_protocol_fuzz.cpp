#include "net/proxy_protocol.hpp"
#include "tests/fuzz/fuzz.hpp"

using postern::net::parse_proxy_header;
using postern::net::ProxyHeader;
using postern::net::ProxyProgress;
using postern::net::ProxyProtocol;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    ProxyHeader header;
    const auto whole = parse_proxy_header(text, ProxyProtocol::any, header);
    ProxyHeader growing_header;
    auto growing = ProxyProgress::need_more;
    for (std::size_t seen = 0; seen <= size && growing == ProxyProgress::need_more; ++seen) {
        growing = parse_proxy_header(text.substr(0, seen), ProxyProtocol::any, growing_header);
    }
    POSTERN_ASSERT(whole == growing);
    if (whole != ProxyProgress::complete) return 0;
    POSTERN_ASSERT(header.bytes <= size);
    POSTERN_ASSERT(header.bytes == growing_header.bytes);
    POSTERN_ASSERT(header.client == growing_header.client);
    return 0;
}
