#include "daemon/retry_after.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

using storage::StoreError;

TEST(RetryAfter, IsSoonForWhatPassesByItself) {
    struct RetryCase {
        const char* name;
        StoreError error;
        int seconds;
    };
    const RetryCase cases[] = {
        {"a lock or a long queue", StoreError::busy, 5},
        {"a server that another takes the place of", StoreError::unavailable, 5},
        {"a full disk", StoreError::full, 30},
        {"a disk that fails", StoreError::poisoned, 30},
        {"a daemon that ends", StoreError::closed, 30},
    };
    for (const RetryCase& test_case : cases) {
        EXPECT_EQ(retry_after(test_case.error), test_case.seconds) << test_case.name;
    }
}

}  // namespace
}  // namespace postern::daemon
