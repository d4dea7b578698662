#include "daemon/commands/terminal_screen.hpp"

#include <cerrno>
#include <poll.h>
#include <string_view>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace postern::daemon::commands {
namespace {

// The other screen, and no cursor; and back.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";
// Terminals that know it wait for the end before they draw; the others pass over it.
constexpr std::string_view kBeginDrawing = "\x1b[?2026h";
constexpr std::string_view kEndDrawing = "\x1b[?2026l";
constexpr std::string_view kHome = "\x1b[H";
constexpr std::string_view kClearLine = "\x1b[K";
constexpr std::string_view kClearBelow = "\x1b[J";

// A terminal at the end of a slow line takes a part at a time.
void write_whole(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written > 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno == EAGAIN) {
            pollfd wait{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
            ::poll(&wait, 1, -1);
        } else if (errno != EINTR) {
            return;  // the terminal is gone, and with it who looked
        }
    }
}

}  // namespace

std::string redraw_text(const std::vector<std::string>& lines) {
    std::string text{kBeginDrawing};
    text += kHome;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0) text += "\r\n";
        text += lines[i];
        text += kClearLine;
    }
    text += kClearBelow;
    text += kEndDrawing;
    return text;
}

struct TerminalScreen::Echo {
    termios before{};
    bool changed = false;
};

TerminalScreen::TerminalScreen() {
    enter();
}

TerminalScreen::~TerminalScreen() {
    leave();
}

bool TerminalScreen::is_there() {
    return isatty(STDOUT_FILENO) == 1;
}

FrameSize TerminalScreen::size() {
    winsize window{};
    const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0;
    if (!known || window.ws_col == 0 || window.ws_row == 0) return {};
    return {.columns = window.ws_col, .rows = window.ws_row};
}

void TerminalScreen::show(const std::vector<std::string>& lines) {
    write_whole(redraw_text(lines));
}

// Keys come one by one and are not shown; Ctrl-C and Ctrl-Z stay what they are.
void TerminalScreen::enter() {
    if (echo_) return;
    echo_ = std::make_unique<Echo>();
    if (tcgetattr(STDOUT_FILENO, &echo_->before) == 0) {
        termios quiet = echo_->before;
        quiet.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        echo_->changed = tcsetattr(STDOUT_FILENO, TCSANOW, &quiet) == 0;
    }
    write_whole(kEnter);
}

void TerminalScreen::leave() {
    if (!echo_) return;
    write_whole(kLeave);
    if (echo_->changed) tcsetattr(STDOUT_FILENO, TCSANOW, &echo_->before);
    echo_.reset();
}

}  // namespace postern::daemon::commands
