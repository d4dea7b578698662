#pragma once

#include <cstdint>
#include <span>

namespace postern::payments {

// The same seed gives the same choices on every machine; a failing test names its seed.
class Seeded {
 public:
    explicit Seeded(std::uint64_t seed) : state_{seed} {}

    // 0 … bound - 1. Not quite even for large bounds, which no property minds.
    std::int64_t below(std::int64_t bound) {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        mixed ^= mixed >> 31;
        return static_cast<std::int64_t>(mixed % static_cast<std::uint64_t>(bound));
    }
    bool one_in(std::int64_t count) { return below(count) == 0; }
    template <class T, std::size_t N>
    const T& pick(std::span<const T, N> choices) {
        return choices[static_cast<std::size_t>(below(static_cast<std::int64_t>(choices.size())))];
    }

 private:
    std::uint64_t state_;
};

}  // namespace postern::payments
