#pragma once

#include "dispatch/url_guard.hpp"

#include <optional>
#include <string>
#include <string_view>

// The host of a URL, which is where most ways round a guard hide.
namespace postern::dispatch {

struct GuardedHost {
    std::string name;  // lower-case A-labels without a last dot, or an address in canonical form
    std::optional<net::IpAddress> address;

    bool is_loopback() const;
};

// `text` stands between "//" and the port, brackets included.
Result<GuardedHost, GuardRefusal>
parse_guarded_host(std::string_view text, const GuardRules& rules);

}  // namespace postern::dispatch
