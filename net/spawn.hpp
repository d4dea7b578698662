#pragma once

#include "net/runtime.hpp"

namespace postern::net {

// Starts a task on the thread it belongs to, from that thread or before it runs. An exception that
// leaves the task is logged and ends only that task.
void spawn(IoThread& thread, Task<void> task);

}  // namespace postern::net
