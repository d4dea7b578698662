#pragma once

#include "core/result.hpp"
#include "net/address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Who may be called: a pure judgement over what a merchant registered and what names resolve to.
namespace postern::dispatch {

// A destination parsed once; nothing ever parses its text again.
struct Destination {
    enum class Scheme : std::uint8_t { http, https } scheme = Scheme::https;
    std::string host;  // a lower-case A-label name, or an address in canonical form
    std::optional<net::IpAddress> address;  // when the host is one
    std::uint16_t port = 443;
    std::string target;      // path and query, at least "/"
    std::string host_field;  // for Host: with the port unless it is the scheme's own

    std::string origin() const;  // "https://host:port"
    bool operator==(const Destination&) const = default;
};

struct GuardRules {
    enum class Http : std::uint8_t { refused, allowed } http = Http::refused;
    // Everything from 1024 up less the known service ports, instead of 443 and 8443 only.
    enum class Ports : std::uint8_t { web, high } ports = Ports::web;
    // Only for a daemon that listens on loopback itself: a laptop.
    enum class Loopback : std::uint8_t { refused, allowed } loopback = Loopback::refused;
    net::AddressList allowed;  // the operator's: exact ranges, else refused
    net::AddressList denied;   // always wins
    net::AddressList own;      // addresses of this host
};

enum class GuardRefusal : std::uint8_t {
    url_malformed,
    url_too_long,
    scheme_refused,
    userinfo,
    fragment,
    port_refused,
    host_malformed,
    host_special,  // localhost, .internal, metadata names …
    address_private,
    address_denied,
    address_own,
    name_not_found,
};
std::string_view to_text(GuardRefusal refusal);  // a word: "address_private"
std::string explain(GuardRefusal refusal);       // a sentence that says what to change

Result<Destination, GuardRefusal> parse_destination(std::string_view url, const GuardRules& rules);
// nullopt: it may be called.
std::optional<GuardRefusal> judge_address(const net::IpAddress& address, const GuardRules& rules);
// Every address must pass: one bad answer refuses the set. At most kAddressesMax are used.
inline constexpr std::size_t kAddressesMax = 8;
std::optional<GuardRefusal>
judge_addresses(const std::vector<net::IpAddress>& addresses, const GuardRules& rules);

}  // namespace postern::dispatch
