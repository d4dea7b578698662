#pragma once

#include "core/time.hpp"

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace postern::scenario {

// What happened, as a hash: the same seed must give the same one. Printed only on request.
class Trace {
 public:
    enum class Printing : std::uint8_t { off, on };
    explicit Trace(Printing printing) : printing_{printing} {}

    void note(
        Microseconds at,
        std::string_view what,
        std::initializer_list<std::int64_t> numbers = {},
        std::string_view word = {}
    );
    std::uint64_t hash() const { return hash_; }

 private:
    void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001B3U; }

    Printing printing_;
    std::uint64_t hash_ = 0xCBF29CE484222325U;
};

}  // namespace postern::scenario
