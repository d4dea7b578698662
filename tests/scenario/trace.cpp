#include "tests/scenario/trace.hpp"

#include <cstdio>
#include <string>

namespace postern::scenario {

void Trace::note(
    Microseconds at,
    std::string_view what,
    std::initializer_list<std::int64_t> numbers,
    std::string_view word
) {
    mix(static_cast<std::uint64_t>(at.count()));
    for (const char c : what) mix(static_cast<unsigned char>(c));
    for (const std::int64_t number : numbers) mix(static_cast<std::uint64_t>(number));
    for (const char c : word) mix(static_cast<unsigned char>(c));
    if (printing_ == Printing::off) return;
    std::string line{what};
    for (const std::int64_t number : numbers) {
        line += ' ';
        line += std::to_string(number);
    }
    line += ' ';
    line += word;
    std::printf("%14.6f  %s\n", static_cast<double>(at.count()) / 1e6, line.c_str());
}

}  // namespace postern::scenario
