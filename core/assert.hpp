#pragma once

namespace postern {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace postern

// On in release too: a daemon that knows it is wrong about itself must stop before it answers for
// other people's money. The service manager starts it again from what is on disk.
#define POSTERN_ASSERT(condition)                                        \
    do {                                                                 \
        if (!(condition)) [[unlikely]] {                                 \
            ::postern::assertion_failed(#condition, __FILE__, __LINE__); \
        }                                                                \
    } while (false)
