#include "core/ids.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstring>

using postern::EventId;

// No id but one of ours decodes, and every number finds its way out and back.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const postern::IdCodec codec{postern::SipKey{0x0706050403020100, 0x0f0e0d0c0b0a0908}};
    const std::string_view text = postern::fuzz_text(data, size);
    if (const auto id = codec.decode<EventId>(text)) POSTERN_ASSERT(codec.encode(*id) == text);
    if (size < sizeof(std::int64_t)) return 0;
    std::int64_t number = 0;
    std::memcpy(&number, data, sizeof number);
    number &= INT64_MAX;
    POSTERN_ASSERT(codec.decode<EventId>(codec.encode(EventId{number})) == EventId{number});
    return 0;
}
