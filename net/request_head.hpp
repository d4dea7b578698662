#pragma once

#include "net/limits.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::net {

enum class HttpVersion : std::uint8_t { v1_0, v1_1 };
enum class Expectation : std::uint8_t { none, continue_100, unknown };
enum class ContentCoding : std::uint8_t { identity, other };

// What the listener itself must know of a request before its body is read. The texts are views
// into the scanned buffer, found again by offset after it moved.
struct RequestHead {
    std::size_t bytes = 0;  // of the whole head, its last line end included
    std::size_t method_length = 0;
    std::size_t target_offset = 0;
    std::size_t target_length = 0;
    std::size_t field_count = 0;
    HttpVersion version = HttpVersion::v1_1;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;
    bool is_head_request = false;
    Expectation expectation = Expectation::none;
    ContentCoding coding = ContentCoding::identity;

    std::string_view method(std::string_view buffer) const {
        return buffer.substr(0, method_length);
    }
    std::string_view target(std::string_view buffer) const {
        return buffer.substr(target_offset, target_length);
    }
};

// Reads a request head byte for byte as RFC 9112 spells it and refuses everything that two parsers
// could read in two ways, because a proxy before us may be the other parser. It runs before any
// other parser sees the bytes. Feed it the same growing buffer until it stops asking for more.
class RequestHeadScanner {
 public:
    enum class Progress : std::uint8_t { need_more, complete, refused };

    explicit RequestHeadScanner(const HttpLimits& limits) : limits_{&limits} {}

    // `buffer` starts at the first byte of the request and grows from call to call.
    Progress scan(std::string_view buffer);

    const RequestHead& head() const { return head_; }
    int refusal_status() const { return refusal_status_; }

 private:
    Progress refuse(int status);
    Progress check_unfinished_line(std::string_view line);
    Progress on_line(std::string_view line);
    Progress on_request_line(std::string_view line);
    Progress on_field(std::string_view line);
    Progress on_end();
    bool on_host(std::string_view value);
    bool on_content_length(std::string_view value);
    bool on_transfer_encoding(std::string_view value);
    void on_connection(std::string_view value);
    void on_expect(std::string_view value);

    const HttpLimits* limits_;
    RequestHead head_;
    std::size_t line_start_ = 0;
    std::size_t checked_ = 0;  // bytes already known to be harmless, of an unfinished line
    int refusal_status_ = 400;
    bool request_line_done_ = false;
    bool target_is_absolute_ = false;
    bool host_seen_ = false;
    bool transfer_encoding_seen_ = false;
    bool close_seen_ = false;
    bool keep_alive_seen_ = false;
};

// With what a request begins whose head was refused or never ended: nothing of it is checked.
struct RequestStart {
    std::string_view method;
    std::string_view path;  // as far as it came
};
RequestStart start_of_request(std::string_view buffer);

// host[:port] as a Host field may say it.
bool is_host(std::string_view text);

// Origin form of a target: what follows the authority of an absolute one, "/" when that is empty.
std::string_view origin_form(std::string_view target);

}  // namespace postern::net
