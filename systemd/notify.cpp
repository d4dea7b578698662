#include "systemd/notify.hpp"

#include <cstdint>
#include <ctime>
#include <systemd/sd-daemon.h>

namespace postern::systemd {
namespace {

using std::chrono::microseconds;

void send(const std::string& message) {
    sd_notify(0, message.c_str());
}

// A line break would begin another assignment.
std::string status_line(std::string_view status) {
    std::string line = "STATUS=";
    for (const char c : status) {
        const auto byte = static_cast<unsigned char>(c);
        line += byte < 0x20 || byte == 0x7f ? ' ' : c;
    }
    return line;
}

// The manager compares it with its own reading of CLOCK_MONOTONIC.
microseconds monotonic_now() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const auto whole = std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
    return std::chrono::duration_cast<microseconds>(whole);
}

}  // namespace

std::string ready_message(std::string_view status) {
    return "READY=1\n" + status_line(status);
}

std::string reloading_message(std::string_view status, microseconds monotonic) {
    std::string message = "RELOADING=1\nMONOTONIC_USEC=";
    message += std::to_string(monotonic.count());
    message += '\n';
    message += status_line(status);
    return message;
}

std::string stopping_message(std::string_view status, microseconds patience) {
    const std::string time = std::to_string(patience.count());
    std::string message = "STOPPING=1\nEXTEND_TIMEOUT_USEC=" + time;
    message += "\nWATCHDOG_USEC=" + time;
    message += "\nWATCHDOG=1\n";
    message += status_line(status);
    return message;
}

void notify_ready(std::string_view status) {
    send(ready_message(status));
}

void notify_status(std::string_view status) {
    send(status_line(status));
}

void notify_reloading(std::string_view status) {
    send(reloading_message(status, monotonic_now()));
}

void notify_stopping(std::string_view status, microseconds patience) {
    send(stopping_message(status, patience));
}

std::optional<microseconds> watchdog_interval() {
    std::uint64_t usec = 0;
    if (sd_watchdog_enabled(0, &usec) <= 0) return std::nullopt;
    return microseconds{static_cast<std::int64_t>(usec / 2)};
}

void feed_watchdog() {
    send("WATCHDOG=1");
}

}  // namespace postern::systemd
