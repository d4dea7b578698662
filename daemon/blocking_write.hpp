#pragma once

#include "daemon/store.hpp"

namespace postern::daemon {

// For start-up, before there are io threads to wait on.
WriteResult write_and_wait(storage::Writer& writer, WriteWork work);

}  // namespace postern::daemon
