#pragma once

#include "net/chunked_body.hpp"
#include "net/input_buffer.hpp"
#include "net/response_head.hpp"

#include <string>
#include <utility>
#include <vector>

namespace postern::net {

struct ResponseLimits {
    ResponseHeadLimits head;
    HttpLimits body;  // what bounds a chunked body; body_bytes_max bounds every body
    std::size_t informational_max = 8;
};

struct Response {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> fields;
    std::string body;
};

// What of an answer depends on the question.
struct ResponseExpectation {
    std::size_t body_bytes_kept = 0;
    enum class Body : std::uint8_t { as_framed, never } body = Body::as_framed;
};

// One answer out of a connection's bytes: skips informational ones, finds the body's end, keeps
// the body's beginning. Knows nothing of sockets.
class ResponseReader {
 public:
    enum class Progress : std::uint8_t { need_more, complete, malformed, too_large };

    ResponseReader(const ResponseLimits& limits, ResponseExpectation expectation)
        : limits_{&limits}, expectation_{expectation}, scanner_{limits.head} {}

    // Consumes from the front of `input`. Bytes behind a complete answer are left there.
    Progress advance(InputBuffer& input);
    // The peer has ended its side. need_more: the answer is cut.
    Progress at_end() const;

    // The final answer's; what follows is its body.
    bool has_head() const { return part_ != Part::head; }
    // Complete, its end known without the connection's, and nothing odd about it.
    bool leaves_connection_usable() const;
    // What there is of the answer, also when it failed. Once.
    Response take();

 private:
    enum class Part : std::uint8_t { head, no_body, sized, chunked, until_end };

    Progress read_head(InputBuffer& input);
    Progress on_head(const ResponseHead& head);
    Progress read_body(InputBuffer& input);
    Progress read_chunked(InputBuffer& input);
    void keep(std::string_view bytes);

    const ResponseLimits* limits_;
    ResponseExpectation expectation_;
    ResponseHeadScanner scanner_;
    Response response_;
    std::optional<ChunkedBody> chunks_;
    Part part_ = Part::head;
    std::uint64_t bytes_left_ = 0;
    std::size_t body_bytes_ = 0;
    std::size_t informational_ = 0;
    bool keep_alive_ = false;
};

}  // namespace postern::net
