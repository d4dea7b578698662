#include "core/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace postern {

void assertion_failed(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "postern: assertion failed: %s at %s:%d\n", condition, file, line);
    std::abort();
}

}  // namespace postern
