#pragma once

#include "core/assert.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// What every fuzz target begins with. libFuzzer calls it once for each input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace postern {

inline std::string_view fuzz_text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// The first byte chooses, the rest is read: where to cut, which of several ways to take.
struct ChosenInput {
    std::size_t choice = 0;
    std::string_view text;
};

inline ChosenInput chosen_input(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return {};
    return {data[0], fuzz_text(data, size).substr(1)};
}

}  // namespace postern
