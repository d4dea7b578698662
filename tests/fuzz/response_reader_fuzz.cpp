#include "net/response_reader.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstring>

using postern::net::InputBuffer;
using postern::net::Response;
using postern::net::ResponseReader;
using Progress = ResponseReader::Progress;

namespace {

constexpr std::size_t kBodyBytesKept = 100;

struct Outcome {
    Progress progress = Progress::need_more;
    Response response;
    std::size_t unread = 0;
};

Outcome read(std::string_view text, std::size_t piece_bytes) {
    postern::net::ResponseLimits limits;
    limits.body.body_bytes_max = 1'000;
    ResponseReader reader{limits, {.body_bytes_kept = kBodyBytesKept}};
    InputBuffer input;
    Outcome outcome;
    while (!text.empty() && outcome.progress == Progress::need_more) {
        const std::string_view piece = text.substr(0, piece_bytes);
        input.make_room(piece.size());
        std::memcpy(input.free_space(), piece.data(), piece.size());
        input.append(piece.size());
        text.remove_prefix(piece.size());
        outcome.progress = reader.advance(input);
    }
    outcome.response = reader.take();
    outcome.unread = text.size() + input.size();
    return outcome;
}

}  // namespace

// However the network cuts an answer, it is the same answer, and its end is in the same place.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto [choice, text] = postern::chosen_input(data, size);
    const Outcome whole = read(text, std::max<std::size_t>(text.size(), 1));
    const Outcome pieces = read(text, choice % 7 + 1);
    POSTERN_ASSERT(whole.progress == pieces.progress);
    POSTERN_ASSERT(whole.response.body.size() <= kBodyBytesKept);
    if (whole.progress != Progress::complete) return 0;
    POSTERN_ASSERT(whole.response.status == pieces.response.status);
    POSTERN_ASSERT(whole.response.status >= 200);
    POSTERN_ASSERT(whole.response.fields == pieces.response.fields);
    POSTERN_ASSERT(whole.response.body == pieces.response.body);
    POSTERN_ASSERT(whole.unread == pieces.unread);
    return 0;
}
