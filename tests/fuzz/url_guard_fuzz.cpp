#include "dispatch/url_guard.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace postern::dispatch {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':';
}

// What was taken must be plain enough for every other parser to read it as we did.
void check(const Destination& destination, const GuardRules& rules) {
    POSTERN_ASSERT(!destination.host.empty() && destination.port != 0);
    for (const char c : destination.host) POSTERN_ASSERT(is_plain(c));
    for (const char c : destination.target) POSTERN_ASSERT(c > ' ' && c != '\x7f');
    const auto as_address = net::parse_ip_address(destination.host);
    POSTERN_ASSERT(as_address == destination.address);
    if (as_address) POSTERN_ASSERT(!judge_address(*as_address, rules));
    const auto again = parse_destination(destination.origin() + destination.target, rules);
    POSTERN_ASSERT(again.has_value());
    POSTERN_ASSERT(*again == destination);
}

}  // namespace
}  // namespace postern::dispatch

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using postern::dispatch::GuardRules;
    static const GuardRules rules{
        .http = GuardRules::Http::allowed, .ports = GuardRules::Ports::high};
    const auto destination =
        postern::dispatch::parse_destination(postern::fuzz_text(data, size), rules);
    if (destination) postern::dispatch::check(*destination, rules);
    return 0;
}
