#include "tests/scenario/seed_runner.hpp"
#include "tests/scenario/world.hpp"

#include <array>
#include <cstdio>

// scenario_test [--seeds 500] [--first 1] [--hours 80] [--seed N] [--trace]
// Runs one simulated world for each seed and ends with what it saw, and "N passed, N failed".
namespace postern::scenario {
namespace {

constexpr Simulation::Terms kTerms{
    .usage = "scenario_test [--seeds 500] [--first 1] [--hours 80] [--seed N] [--trace]",
    .command = "./dev scenario",
    .seeds_by_default = 500,
    .repeated_seeds = 10,
    .length = std::chrono::hours{80},
    .length_least = std::chrono::hours{kHealedHours.count() + 8}};

class Deliveries final : public Simulation {
 public:
    Ending run(std::uint64_t seed, const SeedOptions& options) override {
        const Plan plan = make_plan(seed, options.length);
        const bool printed = options.trace == SeedTrace::printed;
        const RunResult result =
            World{plan, printed ? Trace::Printing::on : Trace::Printing::off}.run();
        hours_ += options.length.count();
        events_ += result.events;
        attempts_ += result.attempts;
        seen_.add(result.seen);
        return {result.violation ? result.violation->what : std::string{}, result.trace_hash};
    }

    std::size_t situations() const override { return kSituationCount; }
    std::vector<std::string_view> never_seen() const override {
        std::vector<std::string_view> names;
        for (const Situation missing : seen_.never_seen()) names.push_back(to_text(missing));
        return names;
    }

    std::string summary(double cpu_seconds) const override {
        const auto hours = static_cast<double>(hours_);
        std::array<char, 160> line{};
        std::snprintf(
            line.data(),
            line.size(),
            "%.0f simulated hours, %.0f hours per CPU second, %lld events, %lld attempts",
            hours,
            cpu_seconds > 0 ? hours / cpu_seconds : 0,
            static_cast<long long>(events_),
            static_cast<long long>(attempts_)
        );
        return line.data();
    }

 private:
    Situations seen_;
    std::int64_t hours_ = 0;
    std::int64_t events_ = 0;
    std::int64_t attempts_ = 0;
};

}  // namespace
}  // namespace postern::scenario

int main(int, char** arguments) {
    postern::scenario::Deliveries deliveries;
    return postern::scenario::run_simulation(postern::scenario::kTerms, deliveries, arguments);
}
