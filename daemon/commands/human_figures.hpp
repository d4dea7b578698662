#pragma once

#include <chrono>
#include <string>

// Numbers as people read them: few digits, and a unit that fits.
namespace postern::daemon::commands {

std::string count_text(double count);                           // 0, 0.25, 12.3, 1234, 56.7k, 8.9M
std::string bytes_text(double bytes);                           // 512 B, 1.5 MiB
std::string duration_text(std::chrono::duration<double> time);  // 0.4 ms, 1.2 s, 3 h 12 min

}  // namespace postern::daemon::commands
