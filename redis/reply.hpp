#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace postern::redis {

// What a server said. Only an item of an array can be of the kind `error`: a whole answer that is
// an error is a Failure.
struct Reply {
    enum class Kind : std::uint8_t { nil, integer, text, array, error } kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;
    std::vector<Reply> items;

    bool operator==(const Reply&) const = default;
};

struct Failure {
    // down: it cannot be used; what had been sent may have been carried out or not.
    // timeout: sent, and no answer in time; it may have been carried out or not.
    // refused: the server's own words say no.
    enum class Kind : std::uint8_t { down, timeout, refused } kind = Kind::down;
    std::string reason;

    bool operator==(const Failure&) const = default;
};

using Answer = Result<Reply, Failure>;

// The first word of an error, found also where an older server wraps a script's error in its own.
std::string_view error_code(std::string_view error);

// What an error says about the server, not about the command.
enum class ServerState : std::uint8_t {
    fine,      // the command is wrong
    hindered,  // it cannot do this for a while, and says so
    unfit,     // this is not a server that can serve us: look for it again
};
ServerState server_state(std::string_view error);

}  // namespace postern::redis
