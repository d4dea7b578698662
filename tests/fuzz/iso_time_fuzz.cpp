#include "core/time.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto at = postern::from_iso8601(postern::fuzz_text(data, size));
    if (!at) return 0;
    const auto milliseconds = postern::from_unix_milliseconds(postern::unix_milliseconds(*at));
    POSTERN_ASSERT(postern::from_iso8601(postern::to_iso8601(*at)) == milliseconds);
    return 0;
}
