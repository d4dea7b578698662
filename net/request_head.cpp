#include "net/request_head.hpp"

#include "core/http_message.hpp"
#include "core/numbers.hpp"
#include "net/field_rules.hpp"

#include <algorithm>
#include <cstring>

namespace postern::net {
namespace {

constexpr std::size_t kMethodBytesMax = 32;
constexpr std::size_t kContentLengthDigitsMax = 19;  // fits 64 bits
constexpr std::size_t kPortDigitsMax = 5;

bool is_hex_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_alphanumeric(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool all_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 3986: unreserved, sub-delims, ':', '@', '/', '?' and whole percent escapes. In a query also
// brackets, which the RFC wants escaped and Stripe's clients send as they are ("created[gte]=5").
bool is_path_and_query(std::string_view text) {
    constexpr std::string_view marks = "-._~!$&'()*+,;=:@/?";
    const std::size_t query_at = text.find('?');
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if ((c == '[' || c == ']') && i > query_at) continue;
        if (c == '%') {
            if (i + 2 >= text.size() || !is_hex_digit(text[i + 1]) || !is_hex_digit(text[i + 2])) {
                return false;
            }
            i += 2;
        } else if (!is_alphanumeric(c) && marks.find(c) == std::string_view::npos) {
            return false;
        }
    }
    return true;
}

// "." and "..", also spelled %2e: nothing that climbs is routed.
bool has_dot_segment(std::string_view path) {
    path = path.substr(0, path.find('?'));
    while (!path.empty()) {
        const auto slash = path.find('/');
        std::string segment = to_lower(path.substr(0, slash));
        path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
        for (auto at = segment.find("%2e"); at != std::string::npos; at = segment.find("%2e")) {
            segment.replace(at, 3, ".");
        }
        if (segment == "." || segment == "..") return true;
    }
    return false;
}

bool may_hold_dot_segment(std::string_view target) {
    return target.find("/.") != std::string_view::npos
           || target.find('%') != std::string_view::npos;
}

bool is_origin_form(std::string_view target) {
    if (target.empty() || target.front() != '/' || !is_path_and_query(target)) return false;
    return !may_hold_dot_segment(target) || !has_dot_segment(target);
}

std::size_t scheme_length(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (equal_ignoring_case(target.substr(0, scheme.size()), scheme)) return scheme.size();
    }
    return 0;
}

bool is_absolute_form(std::string_view target) {
    const std::size_t scheme = scheme_length(target);
    if (scheme == 0) return false;
    const std::string_view rest = target.substr(scheme);
    const auto path_at = rest.find_first_of("/?");
    const std::string_view authority = rest.substr(0, path_at);
    if (authority.empty() || !is_host(authority)) return false;
    if (path_at == std::string_view::npos) return true;
    const std::string_view path = rest.substr(path_at);
    return is_path_and_query(path) && !has_dot_segment(path);
}

bool is_name_host(std::string_view host) {
    return std::all_of(host.begin(), host.end(), [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
    });
}

bool is_bracketed_v6(std::string_view host) {
    if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
    const std::string_view inner = host.substr(1, host.size() - 2);
    return std::count(inner.begin(), inner.end(), ':') >= 2
           && std::all_of(inner.begin(), inner.end(), [](char c) {
                  return is_hex_digit(c) || c == ':' || c == '.';
              });
}

template <class Each>
void for_each_token(std::string_view list, Each each) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        each(trim_spaces(list.substr(0, comma)));
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    }
}

}  // namespace

bool is_host(std::string_view text) {
    std::string_view host = text;
    const auto bracket = text.rfind(']');
    const auto colon = text.rfind(':');
    const bool has_port =
        colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
    if (has_port) {
        const std::string_view port = text.substr(colon + 1);
        if (port.size() > kPortDigitsMax || !all_digits(port)) return false;
        if (!port.empty() && parse_unsigned(port).value_or(0) > 65'535) return false;
        host = text.substr(0, colon);
    }
    if (host.empty()) return false;
    return host.front() == '[' ? is_bracketed_v6(host) : is_name_host(host);
}

std::string_view origin_form(std::string_view target) {
    const std::size_t scheme = scheme_length(target);
    if (scheme == 0) return target;
    const auto path_at = target.find_first_of("/?", scheme);
    if (path_at == std::string_view::npos) return "/";
    return target[path_at] == '?' ? std::string_view{"/"} : target.substr(path_at);
}

RequestStart start_of_request(std::string_view buffer) {
    const std::string_view line = buffer.substr(0, buffer.find('\r'));
    const auto space = line.find(' ');
    if (space == std::string_view::npos || space > kMethodBytesMax) return {};
    const std::string_view method = line.substr(0, space);
    if (!is_token(method)) return {};
    std::string_view target = line.substr(space + 1);
    target = origin_form(target.substr(0, target.find(' ')));
    return {.method = method, .path = target.substr(0, target.find('?'))};
}

RequestHeadScanner::Progress RequestHeadScanner::refuse(int status) {
    refusal_status_ = status;
    return Progress::refused;
}

RequestHeadScanner::Progress RequestHeadScanner::scan(std::string_view buffer) {
    for (;;) {
        const std::string_view rest = buffer.substr(line_start_);
        const void* found = rest.empty() ? nullptr : std::memchr(rest.data(), '\r', rest.size());
        if (found == nullptr) return check_unfinished_line(rest);
        const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - rest.data());
        const std::string_view line = rest.substr(0, length);
        if (line_start_ + length + 2 > limits_->head_bytes_max) {
            return refuse(request_line_done_ ? 431 : 414);
        }
        if (length + 1 == rest.size()) return check_unfinished_line(line);
        if (rest[length + 1] != '\n') return refuse(400);
        const Progress progress = on_line(line);
        if (progress != Progress::need_more) return progress;
        line_start_ += length + 2;
        checked_ = 0;
    }
}

// A line without an end is judged all the same, or a client that never sends one would wait for
// the timeout to learn that it speaks another protocol.
RequestHeadScanner::Progress RequestHeadScanner::check_unfinished_line(std::string_view line) {
    if (line_start_ + line.size() > limits_->head_bytes_max) {
        return refuse(request_line_done_ ? 431 : 414);
    }
    const std::string_view fresh = line.substr(checked_);
    if (!fresh.empty() && !is_field_value(fresh)) return refuse(400);
    checked_ = line.size();
    return Progress::need_more;
}

RequestHeadScanner::Progress RequestHeadScanner::on_line(std::string_view line) {
    if (!request_line_done_) {
        request_line_done_ = true;
        return on_request_line(line);
    }
    if (!line.empty()) return on_field(line);
    head_.bytes = line_start_ + 2;
    return on_end();
}

RequestHeadScanner::Progress RequestHeadScanner::on_request_line(std::string_view line) {
    const auto first = line.find(' ');
    if (first == std::string_view::npos) return refuse(400);
    const auto last = line.rfind(' ');
    const std::string_view method = line.substr(0, first);
    if (first == last || method.size() > kMethodBytesMax || !is_token(method)) return refuse(400);
    const std::string_view version = line.substr(last + 1);
    if (version == "HTTP/1.1") {
        head_.version = HttpVersion::v1_1;
    } else if (version == "HTTP/1.0") {
        head_.version = HttpVersion::v1_0;
    } else {
        const bool other_version = version.size() == 8 && version.substr(0, 5) == "HTTP/"
                                   && version[6] == '.' && all_digits(version.substr(5, 1))
                                   && version[5] != '1';
        return refuse(other_version ? 505 : 400);
    }
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (target.size() > limits_->target_bytes_max) return refuse(414);
    target_is_absolute_ = !target.empty() && target.front() != '/' && target.front() != '*';
    const bool asterisk = target == "*" && method == "OPTIONS";
    if (!asterisk && !is_origin_form(target) && !is_absolute_form(target)) return refuse(400);
    if (method == "CONNECT") return refuse(405);
    head_.method_length = method.size();
    head_.is_head_request = method == "HEAD";
    head_.target_offset = first + 1;
    head_.target_length = target.size();
    return Progress::need_more;
}

RequestHeadScanner::Progress RequestHeadScanner::on_field(std::string_view line) {
    if (line.size() > limits_->field_bytes_max) return refuse(431);
    if (++head_.field_count > limits_->fields_max) return refuse(431);
    FieldLine field;
    if (!parse_field_line(line, field)) return refuse(400);
    bool good = true;
    switch (field.name.size()) {  // the length tells most fields apart without a comparison
        case 4:
            if (equal_ignoring_case(field.name, "host")) good = on_host(field.value);
            break;
        case 6:
            if (equal_ignoring_case(field.name, "expect")) on_expect(field.value);
            break;
        case 10:
            if (equal_ignoring_case(field.name, "connection")) on_connection(field.value);
            break;
        case 14:
            if (equal_ignoring_case(field.name, "content-length")) {
                good = on_content_length(field.value);
            }
            break;
        case 16:
            if (equal_ignoring_case(field.name, "content-encoding")
                && !equal_ignoring_case(field.value, "identity")) {
                head_.coding = ContentCoding::other;
            }
            break;
        case 17:
            if (equal_ignoring_case(field.name, "transfer-encoding")) {
                good = on_transfer_encoding(field.value);
            }
            break;
        default: break;
    }
    return good ? Progress::need_more : refuse(400);
}

bool RequestHeadScanner::on_host(std::string_view value) {
    if (host_seen_) return false;
    host_seen_ = true;
    return is_host(value);
}

bool RequestHeadScanner::on_content_length(std::string_view value) {
    if (head_.content_length) return false;
    if (value.empty() || value.size() > kContentLengthDigitsMax || !all_digits(value)) return false;
    head_.content_length = parse_unsigned(value);
    return head_.content_length.has_value();
}

bool RequestHeadScanner::on_transfer_encoding(std::string_view value) {
    if (transfer_encoding_seen_ || !equal_ignoring_case(value, "chunked")) return false;
    transfer_encoding_seen_ = true;
    head_.chunked = true;
    return true;
}

void RequestHeadScanner::on_connection(std::string_view value) {
    for_each_token(value, [this](std::string_view token) {
        if (equal_ignoring_case(token, "close")) close_seen_ = true;
        if (equal_ignoring_case(token, "keep-alive")) keep_alive_seen_ = true;
    });
}

void RequestHeadScanner::on_expect(std::string_view value) {
    const bool known =
        equal_ignoring_case(value, "100-continue") && head_.expectation != Expectation::unknown;
    head_.expectation = known ? Expectation::continue_100 : Expectation::unknown;
}

RequestHeadScanner::Progress RequestHeadScanner::on_end() {
    const bool modern = head_.version == HttpVersion::v1_1;
    if (modern && !host_seen_) return refuse(400);
    if (head_.chunked && (!modern || head_.content_length)) return refuse(400);
    head_.keep_alive = !close_seen_ && (modern || keep_alive_seen_);
    return Progress::complete;
}

}  // namespace postern::net
