#pragma once

#include "net/request_head.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace postern::net {

struct ResponseHeadLimits {
    std::size_t head_bytes_max = 16 * 1024;
    std::size_t fields_max = 100;
};

// How an answer is framed. Its fields are read from the scanned bytes with next_field().
struct ResponseHead {
    std::size_t bytes = 0;        // of the whole head, its last line end included
    std::size_t status_line = 0;  // bytes of the first line, its end included
    std::size_t field_count = 0;
    int status = 0;
    HttpVersion version = HttpVersion::v1_1;
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;
};

// Reads an answer's head as strictly as RequestHeadScanner reads a request's: the other side is a
// stranger too, and an answer that two parsers could read in two ways is no proof of delivery.
// Feed it the same growing buffer until it stops asking for more.
class ResponseHeadScanner {
 public:
    enum class Progress : std::uint8_t { need_more, complete, malformed };

    explicit ResponseHeadScanner(const ResponseHeadLimits& limits) : limits_{&limits} {}

    // `buffer` starts at the first byte of the answer and grows from call to call.
    Progress scan(std::string_view buffer);

    const ResponseHead& head() const { return head_; }

 private:
    bool on_line(std::string_view line);
    bool on_status_line(std::string_view line);
    bool on_field(std::string_view line);
    bool on_content_length(std::string_view value);
    bool on_transfer_encoding(std::string_view value);
    void on_connection(std::string_view list);
    bool on_end();
    bool unfinished_line_is_harmless(std::string_view line);

    const ResponseHeadLimits* limits_;
    ResponseHead head_;
    std::size_t line_start_ = 0;
    std::size_t checked_ = 0;  // bytes already known to be harmless, of an unfinished line
    bool close_seen_ = false;
    bool keep_alive_seen_ = false;
};

struct ResponseField {
    std::string_view name;
    std::string_view value;
};

// Takes the next field off the front of `lines`, the part of a scanned head behind its status line.
// nullopt at the empty line.
std::optional<ResponseField> next_field(std::string_view& lines);

}  // namespace postern::net
