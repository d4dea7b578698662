#include "core/utf8.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

struct Case {
    const char* name;
    std::string text;
    std::size_t length;
};

const Case kCases[] = {
    {"ASCII is one byte", "a", 1},
    {"what follows does not count", "ab", 1},
    {"two bytes", "\xc3\xbc", 2},
    {"three bytes", "\xe8\xae\xa2", 3},
    {"four bytes", "\xf0\x9f\x92\xb3", 4},
    {"a continuation alone is broken", "\x80", 0},
    {"an overlong spelling is broken", "\xc0\xaf", 0},
    {"an overlong spelling of three bytes is broken", "\xe0\x80\xaf", 0},
    {"an overlong spelling of four bytes is broken", "\xf0\x80\x80\xaf", 0},
    {"a surrogate is broken", "\xed\xa0\x80", 0},
    {"beyond U+10FFFF is broken", "\xf4\x90\x80\x80", 0},
    {"a sequence cut short is broken", "\xe8\xae", 0},
};

TEST(Utf8, MeasuresTheFirstSequence) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(utf8_length(test_case.text), test_case.length);
        EXPECT_EQ(is_utf8(test_case.text), test_case.length != 0);
    }
}

TEST(Utf8, WritesWhatItReads) {
    constexpr char32_t edges[] = {0x41, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};
    for (const char32_t code_point : edges) {
        SCOPED_TRACE(static_cast<std::uint32_t>(code_point));
        std::string text;
        append_utf8(text, code_point);
        EXPECT_EQ(utf8_length(text), text.size());
    }
    std::string text;
    append_utf8(text, U'ü');
    append_utf8(text, U'订');
    EXPECT_EQ(text, "\xc3\xbc\xe8\xae\xa2");
}

TEST(Utf8, FindsABreakInTheMiddle) {
    EXPECT_TRUE(is_utf8(""));
    EXPECT_FALSE(
        is_utf8("abc\xff"
                "def")
    );
}

}  // namespace
}  // namespace postern
