#pragma once

#include "daemon/commands/top_frame.hpp"

#include <memory>
#include <string>
#include <vector>

namespace postern::daemon::commands {

// What draws these lines over the picture before: one text, so that no terminal shows half of it.
std::string redraw_text(const std::vector<std::string>& lines);

// The terminal's other screen, for as long as this lives: what was on it before is there again
// afterwards, and so are its cursor and its echo.
class TerminalScreen {
 public:
    // Standard output must be a terminal.
    TerminalScreen();
    ~TerminalScreen();
    TerminalScreen(const TerminalScreen&) = delete;
    TerminalScreen& operator=(const TerminalScreen&) = delete;

    static bool is_there();
    static FrameSize size();  // 80 by 24 where the terminal does not tell
    void show(const std::vector<std::string>& lines);
    // For as long as the process is stopped.
    void leave();
    void enter();

 private:
    struct Echo;
    std::unique_ptr<Echo> echo_;  // null: not entered
};

}  // namespace postern::daemon::commands
