#pragma once

#include "daemon/store.hpp"

namespace postern::daemon {

// For start-up and for threads of one's own, which no io thread waits for.
StoreResult read_and_wait(storage::ReaderPool& readers, ReadWork work);

}  // namespace postern::daemon
