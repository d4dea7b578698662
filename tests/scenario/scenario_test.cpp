#include "core/numbers.hpp"
#include "tests/scenario/world.hpp"

#include <array>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <vector>

// scenario_test [--seeds 500] [--first 1] [--hours 80] [--seed N] [--trace]
// Runs one simulated world for each seed and ends with what it saw, and "N passed, N failed".
namespace postern::scenario {
namespace {

struct Options {
    std::uint64_t first = 1;
    std::uint64_t seeds = kSeedsByDefault;
    std::chrono::hours length{80};
    Trace::Printing printing = Trace::Printing::off;

    static constexpr std::uint64_t kSeedsByDefault = 500;
};

constexpr std::uint64_t kRepeatedSeeds = 10;
constexpr std::uint64_t kFailuresShown = 10;
constexpr std::int64_t kHoursLeast = kHealedHours.count() + 8;

// An assertion of the product aborts the process: then this is all that is left of the seed.
std::array<char, 96> last_words{};

extern "C" void say_last_words(int) {
    const std::string_view text{last_words.data()};
    if (write(STDOUT_FILENO, text.data(), text.size()) < 0) return;
}

std::string command_of(std::uint64_t seed, const Options& options) {
    std::string command = "./dev scenario --seed " + std::to_string(seed);
    if (options.length != Options{}.length) {
        command += " --hours " + std::to_string(options.length.count());
    }
    return command + " --trace";
}

std::optional<Options> parse(const std::vector<std::string_view>& words) {
    Options options;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--trace") {
            options.printing = Trace::Printing::on;
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
        } else if (words[i] == "--hours") {
            options.length = std::chrono::hours{static_cast<std::int64_t>(*number)};
        } else {
            return std::nullopt;
        }
        ++i;
    }
    if (options.length.count() < kHoursLeast || options.seeds == 0) return std::nullopt;
    return options;
}

class Runner {
 public:
    explicit Runner(const Options& options) : options_{options} {}

    int run() {
        const std::clock_t began = std::clock();
        for (std::uint64_t i = 0; i < options_.seeds; ++i) run_seed(options_.first + i);
        check_situations();
        const double cpu =
            static_cast<double>(std::clock() - began) / static_cast<double>(CLOCKS_PER_SEC);
        const auto simulated = static_cast<double>(hours_);
        std::printf(
            "%llu seeds, %.0f simulated hours, %.0f hours per CPU second, %lld events, "
            "%lld attempts\n",
            static_cast<unsigned long long>(options_.seeds),
            simulated,
            cpu > 0 ? simulated / cpu : 0,
            static_cast<long long>(events_),
            static_cast<long long>(attempts_)
        );
        std::printf("%lld passed, %lld failed\n", passed_, failed_);
        return failed_ == 0 ? 0 : 1;
    }

 private:
    RunResult run_once(std::uint64_t seed, Trace::Printing printing) {
        const Plan plan = make_plan(seed, options_.length);
        hours_ += options_.length.count();
        return World{plan, printing}.run();
    }

    void run_seed(std::uint64_t seed) {
        const std::string command = command_of(seed, options_);
        std::snprintf(
            last_words.data(), last_words.size(), "aborted; replay: %s\n", command.c_str()
        );
        const RunResult result = run_once(seed, options_.printing);
        seen_.add(result.seen);
        events_ += result.events;
        attempts_ += result.attempts;
        std::string complaint = result.violation ? result.violation->what : "";
        if (complaint.empty() && seed < options_.first + kRepeatedSeeds) {
            const RunResult again = run_once(seed, Trace::Printing::off);
            if (again.trace_hash != result.trace_hash) complaint = "the same seed went another way";
        }
        if (complaint.empty()) {
            ++passed_;
            return;
        }
        if (static_cast<std::uint64_t>(++failed_) > kFailuresShown) return;
        std::printf(
            "FAILED seed %llu: %s\n  replay: %s\n",
            static_cast<unsigned long long>(seed),
            complaint.c_str(),
            command.c_str()
        );
    }

    // A few seeds need not see everything; the usual number must.
    void check_situations() {
        if (options_.seeds < Options::kSeedsByDefault) return;
        for (const Situation missing : seen_.never_seen()) {
            const std::string_view name = to_text(missing);
            std::printf(
                "FAILED never happened: %.*s\n", static_cast<int>(name.size()), name.data()
            );
            ++failed_;
        }
        passed_ += static_cast<long long>(kSituationCount - seen_.never_seen().size());
    }

    Options options_;
    Situations seen_;
    std::int64_t hours_ = 0;
    std::int64_t events_ = 0;
    std::int64_t attempts_ = 0;
    long long passed_ = 0;
    long long failed_ = 0;
};

}  // namespace
}  // namespace postern::scenario

int main(int count, char** arguments) {
    const auto options = postern::scenario::parse({arguments + 1, arguments + count});
    if (!options) {
        std::fputs(
            "usage: scenario_test [--seeds 500] [--first 1] [--hours 80] [--seed N] [--trace]\n",
            stderr
        );
        return 2;
    }
    std::signal(SIGABRT, postern::scenario::say_last_words);
    return postern::scenario::Runner{*options}.run();
}
