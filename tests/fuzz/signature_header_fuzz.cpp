#include "tests/fuzz/fuzz.hpp"
#include "verifiers/offered_digests.hpp"
#include "verifiers/timed_signature.hpp"

#include <algorithm>

using postern::verifiers::parse_timed_signature;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    for (const postern::verifiers::TimedSignatureKeys keys :
         {postern::verifiers::TimedSignatureKeys{}, {.timestamp = "ts", .digest = "sig"}}) {
        const auto signature = parse_timed_signature(text, keys);
        if (!signature) continue;
        POSTERN_ASSERT(text.find(signature->timestamp_text) != std::string_view::npos);
        POSTERN_ASSERT(signature->digests.size() <= text.size());
    }
    using postern::verifiers::DigestEncoding;
    postern::verifiers::offered_digests(text, DigestEncoding::hex);
    postern::verifiers::offered_digests(text, DigestEncoding::base64);
    return 0;
}
