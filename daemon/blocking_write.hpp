#pragma once

#include "daemon/store.hpp"

namespace postern::daemon {

// For start-up, before there are io threads to wait on, and for threads that do nothing else.
WriteResult write_and_wait(
    storage::Writer& writer,
    WriteWork work,
    storage::WorkLane lane = storage::WorkLane::general
);

// The same work, once the guard agrees to it in the same transaction.
WriteWork guarded(const StepGuard& guard, WriteWork work);

}  // namespace postern::daemon
