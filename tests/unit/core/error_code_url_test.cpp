#include "core/error_code_url.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

TEST(ErrorCodeUrl, SpellsTheCodeWithHyphens) {
    EXPECT_EQ(error_code_url("rate_limit"), "https://stripe.com/docs/error-codes/rate-limit");
    EXPECT_EQ(
        error_code_url("resource_missing"), "https://stripe.com/docs/error-codes/resource-missing"
    );
}

}  // namespace
}  // namespace postern
