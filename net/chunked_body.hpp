#pragma once

#include "net/limits.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace postern::net {

// Undoes chunked transfer coding, strictly and with every part bounded: sizes, extensions, the
// number of tiny chunks, trailers. Trailers are checked and dropped.
class ChunkedBody {
 public:
    enum class Progress : std::uint8_t { need_more, complete, refused };

    explicit ChunkedBody(const HttpLimits& limits) : limits_{&limits} {}

    // Consumes from the front of `input`, appends data to `body`.
    Progress read(std::string_view& input, std::string& body);

    int refusal_status() const { return refusal_status_; }

 private:
    enum class Part : std::uint8_t { size_line, data, data_end, trailer_line };

    Progress refuse(int status);
    // A line without its end, if it is whole; otherwise asks for more or refuses.
    Progress take_line(std::string_view& input, std::string_view& line, std::size_t bytes_max);
    Progress on_size_line(std::string_view line, std::size_t body_bytes);
    Progress on_trailer_line(std::string_view line);

    const HttpLimits* limits_;
    Part part_ = Part::size_line;
    std::string partial_line_;
    std::uint64_t chunk_bytes_left_ = 0;
    std::size_t overhead_bytes_ = 0;
    std::size_t trailer_bytes_ = 0;
    int refusal_status_ = 400;
};

}  // namespace postern::net
