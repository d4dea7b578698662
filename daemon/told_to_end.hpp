#pragma once

namespace postern::daemon {

// A start may wait long for the store's server. The signals that end the process are blocked
// meanwhile; this tells whether one waits.
bool is_told_to_end();

}  // namespace postern::daemon
