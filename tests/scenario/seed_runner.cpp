#include "tests/scenario/seed_runner.hpp"

#include "core/numbers.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <unistd.h>

namespace postern::scenario {
namespace {

constexpr std::uint64_t kFailuresShown = 10;

// An assertion of the product aborts the process: then this is all that is left of the seed.
std::array<char, 96> last_words{};

extern "C" void say_last_words(int) {
    const std::string_view text{last_words.data()};
    if (write(STDOUT_FILENO, text.data(), text.size()) < 0) return;
}

class SeedRunner {
 public:
    SeedRunner(const Simulation::Terms& terms, Simulation& simulation, const SeedOptions& options)
        : terms_{terms}, simulation_{simulation}, options_{options} {}

    int run() {
        const std::clock_t began = std::clock();
        for (std::uint64_t i = 0; i < options_.seeds; ++i) run_seed(options_.first + i);
        // A few seeds need not see everything; the usual number must.
        if (options_.seeds >= terms_.seeds_by_default) check_situations();
        const double cpu =
            static_cast<double>(std::clock() - began) / static_cast<double>(CLOCKS_PER_SEC);
        std::printf("%s\n", simulation_.summary(cpu).c_str());
        std::printf(
            "%llu passed, %llu failed\n",
            static_cast<unsigned long long>(passed_),
            static_cast<unsigned long long>(failed_)
        );
        return failed_ == 0 ? 0 : 1;
    }

 private:
    std::string command_of(std::uint64_t seed) const {
        std::string command = terms_.command + (" --seed " + std::to_string(seed));
        if (options_.length != terms_.length) {
            command += " --hours " + std::to_string(options_.length.count());
        }
        return command + " --trace";
    }

    std::string complaint_of(std::uint64_t seed) {
        const Simulation::Ending ending = simulation_.run(seed, options_);
        if (!ending.complaint.empty()) return ending.complaint;
        if (seed >= options_.first + terms_.repeated_seeds) return {};
        SeedOptions quiet = options_;
        quiet.trace = SeedTrace::quiet;
        const bool same = simulation_.run(seed, quiet).trace_hash == ending.trace_hash;
        return same ? std::string{} : "the same seed went another way";
    }

    void run_seed(std::uint64_t seed) {
        const std::string command = command_of(seed);
        std::snprintf(
            last_words.data(), last_words.size(), "aborted; replay: %s\n", command.c_str()
        );
        const std::string complaint = complaint_of(seed);
        if (complaint.empty()) {
            ++passed_;
            return;
        }
        if (++failed_ > kFailuresShown) return;
        std::printf(
            "FAILED seed %llu: %s\n  replay: %s\n",
            static_cast<unsigned long long>(seed),
            complaint.c_str(),
            command.c_str()
        );
    }

    void check_situations() {
        const auto missing = simulation_.never_seen();
        for (const std::string_view name : missing) {
            std::printf(
                "FAILED never happened: %.*s\n", static_cast<int>(name.size()), name.data()
            );
        }
        failed_ += missing.size();
        passed_ += simulation_.situations() - missing.size();
    }

    const Simulation::Terms& terms_;
    Simulation& simulation_;
    SeedOptions options_;
    std::uint64_t passed_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace

std::optional<SeedOptions>
read_seed_options(const Simulation::Terms& terms, const std::vector<std::string_view>& words) {
    SeedOptions options{.seeds = terms.seeds_by_default, .length = terms.length};
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--trace") {
            options.trace = SeedTrace::printed;
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
        } else if (words[i] == "--hours" && terms.length.count() > 0) {
            options.length = std::chrono::hours{static_cast<std::int64_t>(*number)};
        } else {
            return std::nullopt;
        }
        ++i;
    }
    if (options.length < terms.length_least || options.seeds == 0) return std::nullopt;
    return options;
}

int run_simulation(const Simulation::Terms& terms, Simulation& simulation, char** arguments) {
    std::vector<std::string_view> words;
    for (char** word = arguments + 1; *word != nullptr; ++word) words.emplace_back(*word);
    const auto options = read_seed_options(terms, words);
    if (!options) {
        std::fprintf(stderr, "usage: %s\n", terms.usage);
        return 2;
    }
    std::signal(SIGABRT, say_last_words);
    return SeedRunner{terms, simulation, *options}.run();
}

}  // namespace postern::scenario
