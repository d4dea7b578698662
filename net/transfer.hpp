#pragma once

#include <cstddef>
#include <cstdint>

namespace postern::net {

// What became of one attempt to move bytes without waiting.
struct Transfer {
    enum class Outcome : std::uint8_t { done, want_read, want_write, ended, failed };
    Outcome outcome = Outcome::failed;
    std::size_t bytes = 0;
};

}  // namespace postern::net
