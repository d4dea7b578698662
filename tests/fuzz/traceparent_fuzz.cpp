#include "core/trace.hpp"
#include "tests/fuzz/fuzz.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    const auto unpacked = postern::unpack_trace(text);
    POSTERN_ASSERT(!unpacked || unpacked->is_set());
    const auto context = postern::parse_traceparent(text);
    if (!context) return 0;
    POSTERN_ASSERT(postern::parse_traceparent(postern::to_traceparent(*context).view()) == context);
    POSTERN_ASSERT(postern::unpack_trace(postern::pack_trace(*context).view()) == context);
    return 0;
}
