#pragma once

#include "config/config.hpp"
#include "core/result.hpp"
#include "dispatch/dispatcher.hpp"

namespace postern::daemon {

// Whether test mode may deliver to this machine itself: only when nobody else can reach this daemon
// to ask for it.
bool loopback_is_allowed(const config::Config& config);

// From the configuration's plain values to what the dispatcher is built with. All but the
// instance's tag, which the store decides. A proxy's name is looked up here, so that no delivery
// ever goes past the proxy.
Result<dispatch::DispatcherOptions, Complaint> dispatcher_options(const config::Config& config);

}  // namespace postern::daemon
