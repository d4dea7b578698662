#pragma once

#include "daemon/commands/top_view.hpp"

#include <string>
#include <vector>

namespace postern::daemon::commands {

struct FrameSize {
    std::size_t columns = 80;
    std::size_t rows = 24;
    bool operator==(const FrameSize&) const = default;
};

// The lines of one picture: none longer and none more than fit. Plain text, whatever a stranger
// wrote into it.
std::vector<std::string> frame_lines(const TopView& view, const FrameSize& size);

}  // namespace postern::daemon::commands
