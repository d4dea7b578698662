#pragma once

#include <cstdint>
#include <string_view>

namespace postern::daemon::commands {

struct Done {
    std::int64_t done = 0;
    std::int64_t total = 0;
};

// One line on the terminal that says how far something is, on standard error; nothing where that is
// no terminal.
class ProgressLine {
 public:
    ProgressLine();
    ~ProgressLine();  // takes the line away
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;

    void show(std::string_view what, Done done);

 private:
    enum class Terminal { yes, no };
    Terminal terminal_;
};

}  // namespace postern::daemon::commands
