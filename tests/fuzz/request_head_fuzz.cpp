#include "net/request_head.hpp"
#include "tests/fuzz/fuzz.hpp"

using postern::net::RequestHeadScanner;
using Progress = RequestHeadScanner::Progress;

// However the network cuts a head, the verdict is the same, and what is taken lies in the buffer.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    const postern::net::HttpLimits limits;
    RequestHeadScanner whole{limits};
    const Progress progress = whole.scan(text);
    RequestHeadScanner split{limits};
    Progress split_progress = split.scan(text.substr(0, size / 2));
    if (split_progress == Progress::need_more) split_progress = split.scan(text);
    POSTERN_ASSERT(split_progress == progress);
    if (progress != Progress::complete) return 0;
    const auto& head = whole.head();
    POSTERN_ASSERT(head.bytes <= size);
    POSTERN_ASSERT(head.bytes == split.head().bytes);
    POSTERN_ASSERT(!head.method(text).empty());
    POSTERN_ASSERT(!postern::net::origin_form(head.target(text)).empty());
    POSTERN_ASSERT(!(head.chunked && head.content_length));
    return 0;
}
