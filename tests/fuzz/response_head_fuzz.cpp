#include "net/response_head.hpp"
#include "tests/fuzz/fuzz.hpp"

using postern::net::ResponseHeadScanner;
using Progress = ResponseHeadScanner::Progress;

// However the network cuts a head, the verdict is the same, and every field counted can be read.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = postern::fuzz_text(data, size);
    const postern::net::ResponseHeadLimits limits;
    ResponseHeadScanner whole{limits};
    const Progress progress = whole.scan(text);
    ResponseHeadScanner split{limits};
    Progress split_progress = split.scan(text.substr(0, size / 2));
    if (split_progress == Progress::need_more) split_progress = split.scan(text);
    POSTERN_ASSERT(split_progress == progress);
    if (progress != Progress::complete) return 0;
    const auto& head = whole.head();
    POSTERN_ASSERT(head.bytes <= size);
    POSTERN_ASSERT(head.bytes == split.head().bytes);
    POSTERN_ASSERT(head.status >= 100);
    POSTERN_ASSERT(head.status <= 999);
    POSTERN_ASSERT(!(head.chunked && head.content_length));
    std::string_view lines = text.substr(head.status_line, head.bytes - head.status_line);
    std::size_t fields = 0;
    while (postern::net::next_field(lines)) ++fields;
    POSTERN_ASSERT(fields == head.field_count);
    POSTERN_ASSERT(lines == "\r\n");
    return 0;
}
