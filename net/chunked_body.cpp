#include "net/chunked_body.hpp"

#include "core/http_message.hpp"
#include "net/field_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace postern::net {
namespace {

constexpr std::size_t kSizeLineBytesMax = 256;
constexpr std::size_t kSizeDigitsMax = 16;

// Fields that would change how this or the next message is read, had they come in the head.
constexpr std::array<std::string_view, 8> kForbiddenTrailers = {
    "transfer-encoding",
    "content-length",
    "host",
    "connection",
    "trailer",
    "content-encoding",
    "authorization",
    "expect"};

}  // namespace

ChunkedBody::Progress ChunkedBody::refuse(int status) {
    refusal_status_ = status;
    return Progress::refused;
}

ChunkedBody::Progress
ChunkedBody::take_line(std::string_view& input, std::string_view& line, std::size_t bytes_max) {
    // An unfinished line waits in partial_line_; its CR may already be there.
    const std::size_t before = partial_line_.size();
    std::size_t taken = 0;
    bool ended = false;
    while (taken < input.size() && !ended) {
        const char c = input[taken++];
        const bool after_return = !partial_line_.empty() && partial_line_.back() == '\r';
        if (after_return && c != '\n') return refuse(400);
        if (!after_return && c != '\r') {
            if (!is_field_value({&c, 1})) return refuse(400);
            if (partial_line_.size() == bytes_max) {
                return refuse(part_ == Part::trailer_line ? 431 : 400);
            }
        }
        partial_line_ += c;
        ended = after_return;
    }
    input.remove_prefix(taken);
    overhead_bytes_ += partial_line_.size() - before;
    if (overhead_bytes_ > limits_->chunk_overhead_bytes_max) return refuse(413);
    if (!ended) return Progress::need_more;
    line = std::string_view{partial_line_}.substr(0, partial_line_.size() - 2);
    return Progress::complete;
}

ChunkedBody::Progress ChunkedBody::on_size_line(std::string_view line, std::size_t body_bytes) {
    const auto digits = std::min(line.find_first_of("; \t"), line.size());
    if (digits == 0) return refuse(400);
    if (digits > kSizeDigitsMax) return refuse(413);
    std::uint64_t size = 0;
    const char* end = line.data() + digits;
    const auto [stop, error] = std::from_chars(line.data(), end, size, 16);
    if (error != std::errc{} || stop != end) return refuse(400);
    const std::string_view extension = trim_spaces(line.substr(digits));
    if (!extension.empty() && extension.front() != ';') return refuse(400);
    if (extension.empty() && digits != line.size()) return refuse(400);
    if (size > limits_->body_bytes_max - body_bytes) return refuse(413);
    chunk_bytes_left_ = size;
    part_ = size == 0 ? Part::trailer_line : Part::data;
    return Progress::need_more;
}

ChunkedBody::Progress ChunkedBody::on_trailer_line(std::string_view line) {
    if (line.empty()) return Progress::complete;
    trailer_bytes_ += line.size() + 2;
    if (trailer_bytes_ > limits_->trailer_bytes_max) return refuse(431);
    FieldLine field;
    if (!parse_field_line(line, field)) return refuse(400);
    for (const std::string_view name : kForbiddenTrailers) {
        if (equal_ignoring_case(field.name, name)) return refuse(400);
    }
    return Progress::need_more;
}

ChunkedBody::Progress ChunkedBody::read(std::string_view& input, std::string& body) {
    while (!input.empty()) {
        if (part_ == Part::data) {
            const auto count =
                static_cast<std::size_t>(std::min<std::uint64_t>(chunk_bytes_left_, input.size()));
            body.append(input.substr(0, count));
            input.remove_prefix(count);
            chunk_bytes_left_ -= count;
            if (chunk_bytes_left_ == 0) part_ = Part::data_end;
            continue;
        }
        std::string_view line;
        const std::size_t bytes_max = part_ == Part::data_end    ? 0
                                      : part_ == Part::size_line ? kSizeLineBytesMax
                                                                 : limits_->trailer_bytes_max;
        const Progress got = take_line(input, line, bytes_max);
        if (got != Progress::complete) return got;
        Progress progress = Progress::need_more;
        switch (part_) {
            case Part::size_line: progress = on_size_line(line, body.size()); break;
            case Part::data_end: part_ = Part::size_line; break;
            case Part::trailer_line: progress = on_trailer_line(line); break;
            case Part::data: break;
        }
        partial_line_.clear();
        if (progress != Progress::need_more) return progress;
    }
    return Progress::need_more;
}

}  // namespace postern::net
