#include "tests/scenario/payments_world.hpp"
#include "tests/scenario/seed_runner.hpp"

#include <array>
#include <cstdio>

// payments_scenario_test [--seeds N] [--first 1] [--seed N] [--trace]
// Runs one simulated world of payments for each seed and ends with "N passed, N failed".
namespace postern::payments::scenario {
namespace {

using postern::scenario::SeedOptions;
using postern::scenario::SeedTrace;
using postern::scenario::Simulation;

constexpr Simulation::Terms kTerms{
    .usage = "payments_scenario_test [--seeds 150] [--first 1] [--seed N] [--trace]",
    .command = "./dev scenario payments",
    .seeds_by_default = 150};

class Payments final : public Simulation {
 public:
    Ending run(std::uint64_t seed, const SeedOptions& options) override {
        const bool printed = options.trace == SeedTrace::printed;
        const WorldResult result =
            PaymentsWorld{seed, printed ? Printing::on : Printing::off}.run();
        sum_.steps += result.steps;
        sum_.payments += result.payments;
        sum_.told += result.told;
        sum_.crashes += result.crashes;
        sum_.heard += result.heard;
        return {.complaint = result.violation.value_or(std::string{})};
    }

    std::string summary(double) const override {
        std::array<char, 160> line{};
        std::snprintf(
            line.data(),
            line.size(),
            "%lld steps, %lld payments, %lld events, %lld webhooks, %lld crashes",
            static_cast<long long>(sum_.steps),
            static_cast<long long>(sum_.payments),
            static_cast<long long>(sum_.told),
            static_cast<long long>(sum_.heard),
            static_cast<long long>(sum_.crashes)
        );
        return line.data();
    }

 private:
    WorldResult sum_;
};

}  // namespace
}  // namespace postern::payments::scenario

int main(int, char** arguments) {
    using namespace postern::payments::scenario;
    Payments payments;
    return postern::scenario::run_simulation(kTerms, payments, arguments);
}
