#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

// What the service manager is told through $NOTIFY_SOCKET. Where there is none, nothing happens.
namespace postern::systemd {

// `status` is one line for people, in each of these: `systemctl status` shows it.
void notify_ready(std::string_view status);
void notify_status(std::string_view status);
// To be followed by notify_ready(), whether or not the new configuration was taken.
void notify_reloading(std::string_view status);
// `patience` is the longest that the end can take: the manager neither cuts it short nor takes the
// silence for a hang.
void notify_stopping(std::string_view status, std::chrono::microseconds patience);

// How often to feed the manager: half of WATCHDOG_USEC, as it advises. nullopt: it does not watch.
std::optional<std::chrono::microseconds> watchdog_interval();
void feed_watchdog();

// The datagrams, for tests and for whoever wonders what is sent.
std::string ready_message(std::string_view status);
std::string reloading_message(std::string_view status, std::chrono::microseconds monotonic);
std::string stopping_message(std::string_view status, std::chrono::microseconds patience);

}  // namespace postern::systemd
