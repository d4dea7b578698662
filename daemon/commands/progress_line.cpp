#include "daemon/commands/progress_line.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace postern::daemon::commands {
namespace {

constexpr std::string_view kClearLine = "\r\x1b[K";

void write_to_terminal(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

}  // namespace

ProgressLine::ProgressLine()
    : terminal_{::isatty(STDERR_FILENO) == 1 ? Terminal::yes : Terminal::no} {}

ProgressLine::~ProgressLine() {
    if (terminal_ == Terminal::yes) write_to_terminal(kClearLine);
}

void ProgressLine::show(std::string_view what, Done done) {
    if (terminal_ == Terminal::no) return;
    const std::int64_t total = std::max<std::int64_t>(done.total, 1);
    const std::int64_t percent = std::clamp<std::int64_t>(done.done * 100 / total, 0, 100);
    std::string line{kClearLine};
    line += what;
    line += ' ';
    line += std::to_string(percent);
    line += " %";
    write_to_terminal(line);
}

}  // namespace postern::daemon::commands
