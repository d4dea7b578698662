#include "systemd/notify.hpp"

#include <string>
#include <systemd/sd-daemon.h>

namespace postern::systemd {

void notify(std::string_view state) {
    sd_notify(0, std::string{state}.c_str());
}

}  // namespace postern::systemd
