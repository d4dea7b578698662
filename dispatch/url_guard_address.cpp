#include "core/assert.hpp"
#include "dispatch/url_guard.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

net::AddressList list_of(const std::vector<std::string>& ranges) {
    auto list = net::AddressList::parse(ranges);
    POSTERN_ASSERT(list.has_value());
    return *std::move(list);
}

// What the IANA registry of special addresses calls not globally reachable, and what only looks so.
const net::AddressList& refused_v4() {
    static const net::AddressList list = list_of({
        "0.0.0.0/8",         // this network: 0.0.0.0 reaches the own host
        "10.0.0.0/8",        // private
        "100.64.0.0/10",     // carrier-grade NAT; 100.100.100.200 is a cloud's metadata
        "127.0.0.0/8",       // loopback
        "168.63.129.16/32",  // public, yet answered by the cloud's own agent
        "169.254.0.0/16",    // link-local: metadata of nearly every cloud
        "172.16.0.0/12",     // private
        "192.0.0.0/24",      // protocol assignments; 192.0.0.192 is a cloud's metadata
        "192.0.2.0/24",      // documentation
        "192.31.196.0/24",   // AS112
        "192.52.193.0/24",   // AMT
        "192.88.99.0/24",    // 6to4 relays
        "192.168.0.0/16",    // private
        "192.175.48.0/24",   // AS112
        "198.18.0.0/15",     // benchmarking
        "198.51.100.0/24",   // documentation
        "203.0.113.0/24",    // documentation
        "224.0.0.0/4",       // multicast
        "240.0.0.0/4",       // reserved, and the limited broadcast
    });
    return list;
}

const net::AddressList& global_v6() {
    static const net::AddressList list = list_of({"2000::/3"});
    return list;
}

// What inside 2000::/3 is no public host. Ranges that embed an IPv4 address fall whole: to unwrap
// and judge the inner address would trust every relay on the way.
const net::AddressList& refused_v6() {
    static const net::AddressList list = list_of({
        "2001::/23",          // protocol assignments: Teredo, ORCHID, AMT, benchmarking …
        "2001:db8::/32",      // documentation
        "2002::/16",          // 6to4
        "2620:4f:8000::/48",  // AS112
        "3fff::/20",          // documentation
    });
    return list;
}

// An interface identifier 0000:5efe:a.b.c.d or 0200:5efe:a.b.c.d means a tunnel to that IPv4
// address, whatever the prefix is.
bool is_isatap(const net::IpAddress& address) {
    const auto& bytes = address.bytes;
    return (bytes[8] & 0xfdU) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && bytes[11] == 0xfe;
}

bool is_public(const net::IpAddress& address) {
    if (address.is_v4()) return !refused_v4().contains(address);
    return global_v6().contains(address) && !refused_v6().contains(address) && !is_isatap(address);
}

}  // namespace

std::optional<GuardRefusal> judge_address(const net::IpAddress& address, const GuardRules& rules) {
    if (rules.denied.contains(address)) return GuardRefusal::address_denied;
    if (rules.allowed.contains(address)) return std::nullopt;
    // Asked before the own addresses, which hold the loopback ones of every host.
    if (rules.loopback == GuardRules::Loopback::allowed && address.is_loopback()) {
        return std::nullopt;
    }
    if (rules.own.contains(address)) return GuardRefusal::address_own;
    if (!is_public(address)) return GuardRefusal::address_private;
    return std::nullopt;
}

// A set of good and bad answers is how a name is rebound between the check and the call, so nothing
// is picked out of it.
std::optional<GuardRefusal>
judge_addresses(const std::vector<net::IpAddress>& addresses, const GuardRules& rules) {
    if (addresses.empty()) return GuardRefusal::name_not_found;
    for (const net::IpAddress& address : addresses) {
        if (const auto refusal = judge_address(address, rules)) return refusal;
    }
    return std::nullopt;
}

}  // namespace postern::dispatch
