#include "tests/scenario/cluster_world.hpp"
#include "tests/scenario/seed_runner.hpp"

#include <array>
#include <cstdio>

// cluster_scenario_test [--seeds 150] [--first 1] [--seed N] [--trace]
// Runs one simulated cluster for each seed and ends with "N passed, N failed".
namespace postern::scenario {
namespace {

constexpr Simulation::Terms kTerms{
    .usage = "cluster_scenario_test [--seeds 150] [--first 1] [--seed N] [--trace]",
    .command = "./dev scenario cluster",
    .seeds_by_default = 150,
    .repeated_seeds = 5};
constexpr std::chrono::hours kLength{kHealedHours.count() + 8};

class Clusters final : public Simulation {
 public:
    Ending run(std::uint64_t seed, const SeedOptions& options) override {
        const ClusterPlan plan = make_cluster_plan(seed, kLength);
        const bool printed = options.trace == SeedTrace::printed;
        const ClusterResult result =
            ClusterWorld{plan, printed ? Trace::Printing::on : Trace::Printing::off}.run();
        events_ += result.events;
        attempts_ += result.attempts;
        seen_.add(result.seen);
        return {result.violation ? result.violation->what : std::string{}, result.trace_hash};
    }

    std::size_t situations() const override { return kClusterSituationCount; }
    std::vector<std::string_view> never_seen() const override {
        std::vector<std::string_view> names;
        for (const ClusterSituation missing : seen_.never_seen()) {
            names.push_back(to_text(missing));
        }
        return names;
    }

    std::string summary(double cpu_seconds) const override {
        std::array<char, 120> line{};
        std::snprintf(
            line.data(),
            line.size(),
            "%.1f CPU seconds, %lld events, %lld attempts",
            cpu_seconds,
            static_cast<long long>(events_),
            static_cast<long long>(attempts_)
        );
        return line.data();
    }

 private:
    ClusterSituations seen_;
    std::int64_t events_ = 0;
    std::int64_t attempts_ = 0;
};

}  // namespace
}  // namespace postern::scenario

int main(int, char** arguments) {
    postern::scenario::Clusters clusters;
    return postern::scenario::run_simulation(postern::scenario::kTerms, clusters, arguments);
}
