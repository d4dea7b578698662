#include "storage/postgres/pg_text.hpp"

#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace postern::storage {
namespace {

using namespace std::string_view_literals;

struct Case {
    const char* name;
    std::string_view text;
    enum class Stored { as_it_is, otherwise } stored;
};

constexpr Case kCases[] = {
    {"nothing", "", Case::Stored::as_it_is},
    {"letters", "a longer text of plain letters", Case::Stored::as_it_is},
    {"letters of the world", "Grüße, 世界, 🎉", Case::Stored::as_it_is},
    {"a zero byte", "a\0b"sv, Case::Stored::otherwise},
    {"a zero byte far behind", "0123456789abcdef\0"sv, Case::Stored::otherwise},
    {"no UTF-8", "a\xFFz", Case::Stored::otherwise},
    {"a sequence that was cut", "\xE4\xB8", Case::Stored::otherwise},
    {"half of a pair", "\xED\xA0\x80", Case::Stored::otherwise},
    {"what stands for a byte", "\xF4\x8F\xBC\x80", Case::Stored::otherwise},
    {"the last of these", "\xF4\x8F\xBF\xBF", Case::Stored::otherwise},
    {"the one before these", "\xF4\x8F\xBB\xBF", Case::Stored::otherwise},
};

TEST(PgText, KeepsEveryTextInAFormThatTheServerTakes) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto stored = stored_text(test_case.text);
        const std::string kept = stored.value_or(std::string{test_case.text});
        EXPECT_TRUE(is_utf8(kept));
        EXPECT_EQ(kept.find('\0'), std::string::npos);
        EXPECT_EQ(told_text(kept).value_or(kept), test_case.text);
        if (test_case.stored == Case::Stored::as_it_is) {
            EXPECT_FALSE(stored.has_value());
        }
    }
}

TEST(PgText, KeepsEveryPairOfBytesApart) {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string text{static_cast<char>(first), static_cast<char>(second)};
            const std::string kept = stored_text(text).value_or(text);
            ASSERT_TRUE(is_utf8(kept));
            ASSERT_EQ(told_text(kept).value_or(kept), text);
        }
    }
}

}  // namespace
}  // namespace postern::storage
