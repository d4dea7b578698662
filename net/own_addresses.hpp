#pragma once

#include "net/address.hpp"

#include <vector>

namespace postern::net {

// The addresses of this host's interfaces as they are now, loopback left out. Empty when the system
// does not tell.
std::vector<IpAddress> own_addresses();

}  // namespace postern::net
