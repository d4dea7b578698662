#include "net/response_head.hpp"

#include "core/http_message.hpp"
#include "core/numbers.hpp"
#include "net/field_rules.hpp"

#include <algorithm>
#include <cstring>

namespace postern::net {
namespace {

constexpr std::size_t kContentLengthDigitsMax = 19;  // fits 64 bits
constexpr std::string_view kStatusLineBegin = "HTTP/1.";
constexpr std::size_t kStatusLineBytesMin = 12;  // HTTP/1.1 200

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
}

// Another protocol is told from ours by its first bytes, before it sends a line end.
bool may_begin_status_line(std::string_view line) {
    const std::size_t common = std::min(line.size(), kStatusLineBegin.size());
    return line.substr(0, common) == kStatusLineBegin.substr(0, common);
}

}  // namespace

auto ResponseHeadScanner::scan(std::string_view buffer) -> Progress {
    for (;;) {
        const std::string_view rest = buffer.substr(line_start_);
        const void* found = rest.empty() ? nullptr : std::memchr(rest.data(), '\r', rest.size());
        const auto length =
            found == nullptr
                ? rest.size()
                : static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
        const std::string_view line = rest.substr(0, length);
        if (line_start_ + length + 2 > limits_->head_bytes_max) return Progress::malformed;
        if (length + 1 >= rest.size()) {
            return unfinished_line_is_harmless(line) ? Progress::need_more : Progress::malformed;
        }
        if (rest[length + 1] != '\n' || !on_line(line)) return Progress::malformed;
        line_start_ += length + 2;
        checked_ = 0;
        if (line.empty()) {
            head_.bytes = line_start_;
            return on_end() ? Progress::complete : Progress::malformed;
        }
    }
}

bool ResponseHeadScanner::unfinished_line_is_harmless(std::string_view line) {
    if (line_start_ == 0 && !may_begin_status_line(line)) return false;
    const std::string_view fresh = line.substr(checked_);
    checked_ = line.size();
    return fresh.empty() || is_field_value(fresh);
}

bool ResponseHeadScanner::on_line(std::string_view line) {
    if (line_start_ == 0) {
        head_.status_line = line.size() + 2;
        return on_status_line(line);
    }
    return line.empty() || on_field(line);
}

bool ResponseHeadScanner::on_status_line(std::string_view line) {
    if (line.size() < kStatusLineBytesMin || !may_begin_status_line(line)) return false;
    const char minor = line[7];
    if (minor != '0' && minor != '1') return false;
    head_.version = minor == '1' ? HttpVersion::v1_1 : HttpVersion::v1_0;
    const std::string_view digits = line.substr(9, 3);
    if (line[8] != ' ' || !all_digits(digits) || digits[0] == '0') return false;
    const std::string_view reason = line.substr(kStatusLineBytesMin);
    if (!reason.empty() && (reason[0] != ' ' || !is_field_value(reason))) return false;
    head_.status = static_cast<int>(parse_unsigned(digits).value_or(0));
    return true;
}

bool ResponseHeadScanner::on_field(std::string_view line) {
    if (++head_.field_count > limits_->fields_max) return false;
    FieldLine field;
    if (!parse_field_line(line, field)) return false;
    switch (field.name.size()) {  // the length tells most fields apart without a comparison
        case 10:
            if (equal_ignoring_case(field.name, "connection")) on_connection(field.value);
            return true;
        case 14:
            return !equal_ignoring_case(field.name, "content-length")
                   || on_content_length(field.value);
        case 17:
            return !equal_ignoring_case(field.name, "transfer-encoding")
                   || on_transfer_encoding(field.value);
        default: return true;
    }
}

bool ResponseHeadScanner::on_content_length(std::string_view value) {
    if (head_.content_length) return false;
    if (value.empty() || value.size() > kContentLengthDigitsMax || !all_digits(value)) return false;
    head_.content_length = parse_unsigned(value);
    return head_.content_length.has_value();
}

bool ResponseHeadScanner::on_transfer_encoding(std::string_view value) {
    if (head_.chunked || !equal_ignoring_case(value, "chunked")) return false;
    head_.chunked = true;
    return true;
}

void ResponseHeadScanner::on_connection(std::string_view list) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        const std::string_view token = trim_spaces(list.substr(0, comma));
        if (equal_ignoring_case(token, "close")) close_seen_ = true;
        if (equal_ignoring_case(token, "keep-alive")) keep_alive_seen_ = true;
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
}

bool ResponseHeadScanner::on_end() {
    const bool modern = head_.version == HttpVersion::v1_1;
    if (head_.chunked && (!modern || head_.content_length)) return false;
    head_.keep_alive = !close_seen_ && (modern || keep_alive_seen_);
    return true;
}

std::optional<ResponseField> next_field(std::string_view& lines) {
    const auto end = lines.find('\r');
    FieldLine field;
    if (end == std::string_view::npos || !parse_field_line(lines.substr(0, end), field)) {
        return std::nullopt;
    }
    lines.remove_prefix(end + 2);
    return ResponseField{field.name, field.value};
}

}  // namespace postern::net
