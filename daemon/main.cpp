#include "daemon/commands/command_line.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
    try {
        return postern::daemon::commands::run_command_line(argc, argv, postern::SystemClock{});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "postern: %s\n", error.what());
        return 1;
    }
}
