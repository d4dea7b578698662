#include "core/numbers.hpp"
#include "tests/scenario/payments_world.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

// payments_scenario_test [--seeds N] [--first 1] [--seed N] [--trace]
// Runs one simulated world of payments for each seed and ends with "N passed, N failed".
namespace postern::payments::scenario {
namespace {

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = 150;
    Printing printing = Printing::off;
};

constexpr long long kFailuresShown = 10;

// An assertion of the product aborts the process: then this is all that is left of the seed.
std::array<char, 96> last_words{};

extern "C" void say_last_words(int) {
    const std::string_view text{last_words.data()};
    if (write(STDOUT_FILENO, text.data(), text.size()) < 0) return;
}

std::optional<Options> parse(const std::vector<std::string_view>& words) {
    Options options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--trace") {
            options.printing = Printing::on;
            continue;
        }
        if (i + 1 == words.size()) return std::nullopt;
        const auto number = parse_unsigned(words[i + 1]);
        if (!number) return std::nullopt;
        if (words[i] == "--seeds") {
            options.seeds = *number;
        } else if (words[i] == "--first") {
            options.first = *number;
        } else if (words[i] == "--seed") {
            options.first = *number;
            options.seeds = 1;
        } else {
            return std::nullopt;
        }
        ++i;
    }
    if (options.seeds == 0) return std::nullopt;
    return options;
}

void add(WorldResult& sum, const WorldResult& result) {
    sum.steps += result.steps;
    sum.payments += result.payments;
    sum.told += result.told;
    sum.crashes += result.crashes;
    sum.heard += result.heard;
}

int run(const Options& options) {
    WorldResult sum;
    long long passed = 0;
    long long failed = 0;
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        const auto seed = static_cast<unsigned long long>(options.first + i);
        std::string command = "./dev scenario payments --seed " + std::to_string(seed) + " --trace";
        std::snprintf(
            last_words.data(), last_words.size(), "aborted; replay: %s\n", command.c_str()
        );
        const WorldResult result = PaymentsWorld{seed, options.printing}.run();
        add(sum, result);
        if (!result.violation) {
            ++passed;
        } else if (++failed <= kFailuresShown) {
            const std::string& what = *result.violation;
            std::printf(
                "FAILED seed %llu: %s\n  replay: %s\n", seed, what.c_str(), command.c_str()
            );
        }
    }
    std::printf(
        "%lld steps, %lld payments, %lld events, %lld webhooks, %lld crashes\n",
        static_cast<long long>(sum.steps),
        static_cast<long long>(sum.payments),
        static_cast<long long>(sum.told),
        static_cast<long long>(sum.heard),
        static_cast<long long>(sum.crashes)
    );
    std::printf("%lld passed, %lld failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace postern::payments::scenario

int main(int count, char** arguments) {
    const auto options = postern::payments::scenario::parse({arguments + 1, arguments + count});
    if (!options) {
        std::fputs(
            "usage: payments_scenario_test [--seeds 150] [--first 1] [--seed N] [--trace]\n", stderr
        );
        return 2;
    }
    std::signal(SIGABRT, postern::payments::scenario::say_last_words);
    return postern::payments::scenario::run(*options);
}
