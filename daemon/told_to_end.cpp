#include "daemon/told_to_end.hpp"

#include <csignal>

namespace postern::daemon {

bool is_told_to_end() {
    sigset_t waiting;
    if (sigpending(&waiting) != 0) return false;
    return sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1;
}

}  // namespace postern::daemon
