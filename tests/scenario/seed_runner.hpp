#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What all simulations have in common: one world for each seed, a command that replays a seed which
// failed, and "N passed, N failed" at the end.
namespace postern::scenario {

enum class SeedTrace : std::uint8_t { quiet, printed };

struct SeedOptions {
    std::uint64_t first = 1;
    std::uint64_t seeds = 0;
    std::chrono::hours length{0};  // of those that may be made longer
    SeedTrace trace = SeedTrace::quiet;
};

class Simulation {
 public:
    struct Terms {
        const char* usage;
        const char* command;  // that runs it: "./dev scenario"
        std::uint64_t seeds_by_default = 0;
        std::uint64_t repeated_seeds = 0;  // of the first ones: do they go the same way again?
        std::chrono::hours length{0};      // 0: not to be chosen
        std::chrono::hours length_least{0};
    };
    struct Ending {
        std::string complaint;  // empty: it held
        std::uint64_t trace_hash = 0;
    };

    virtual ~Simulation() = default;
    virtual Ending run(std::uint64_t seed, const SeedOptions& options) = 0;
    // What has to happen in one seed or another, and what of it did not.
    virtual std::size_t situations() const { return 0; }
    virtual std::vector<std::string_view> never_seen() const { return {}; }
    // One line about all seeds.
    virtual std::string summary(double cpu_seconds) const = 0;
};

std::optional<SeedOptions>
read_seed_options(const Simulation::Terms& terms, const std::vector<std::string_view>& words);

// The exit code of the program.
int run_simulation(const Simulation::Terms& terms, Simulation& simulation, char** arguments);

}  // namespace postern::scenario
