#pragma once

#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace postern::scenario {

struct Span {
    Microseconds least;
    Microseconds most;
};

// SplitMix64: the same numbers on every machine, which the standard's distributions do not promise.
class Random {
 public:
    explicit Random(std::uint64_t seed) : state_{seed} {}

    std::uint64_t next() {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
        mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
        return mixed ^ (mixed >> 31U);
    }
    // A stream of its own, so that one part's appetite does not change another part's numbers.
    Random fork() { return Random{next()}; }

    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
    }
    bool one_in(std::int64_t count) { return below(count) == 0; }
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    Microseconds within(Span span) {
        return span.least + Microseconds{below((span.most - span.least).count() + 1)};
    }
    template <class T>
    const T& pick(const std::vector<T>& choices) {
        return choices[static_cast<std::size_t>(below(static_cast<std::int64_t>(choices.size())))];
    }

 private:
    std::uint64_t state_;
};

}  // namespace postern::scenario
