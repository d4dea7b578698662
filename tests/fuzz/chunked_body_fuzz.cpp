#include "net/chunked_body.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

using postern::net::ChunkedBody;
using Progress = ChunkedBody::Progress;

namespace {

struct Decoded {
    Progress progress = Progress::need_more;
    std::string body;
    std::size_t unread = 0;
};

Decoded decode(std::string_view text, std::size_t piece_bytes) {
    const postern::net::HttpLimits limits{.body_bytes_max = 64 * 1024};
    ChunkedBody decoder{limits};
    Decoded decoded;
    while (!text.empty() && decoded.progress == Progress::need_more) {
        std::string_view piece = text.substr(0, piece_bytes);
        const std::size_t offered = piece.size();
        decoded.progress = decoder.read(piece, decoded.body);
        text.remove_prefix(offered - piece.size());
        POSTERN_ASSERT(decoded.progress != Progress::need_more || piece.empty());
        POSTERN_ASSERT(decoded.body.size() <= limits.body_bytes_max);
    }
    decoded.unread = text.size();
    return decoded;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [choice, text] = postern::chosen_input(data, size);
    const Decoded whole = decode(text, std::max<std::size_t>(text.size(), 1));
    const Decoded pieces = decode(text, choice % 7 + 1);
    POSTERN_ASSERT(whole.progress == pieces.progress);
    if (whole.progress != Progress::complete) return 0;
    POSTERN_ASSERT(whole.body == pieces.body);
    POSTERN_ASSERT(whole.unread == pieces.unread);
    return 0;
}
