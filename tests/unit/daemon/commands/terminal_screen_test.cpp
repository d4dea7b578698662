#include "daemon/commands/terminal_screen.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

TEST(TerminalScreen, DrawsOverThePictureBeforeWithoutClearingIt) {
    const std::string text = redraw_text({"one", "two"});
    EXPECT_EQ(text, "\x1b[?2026h\x1b[Hone\x1b[K\r\ntwo\x1b[K\x1b[J\x1b[?2026l");
    EXPECT_EQ(text.find("\x1b[2J"), std::string::npos) << "clearing it first is what flickers";
}

}  // namespace
}  // namespace postern::daemon::commands
