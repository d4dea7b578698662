#include "storage/postgres/pg_values.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace postern::storage {
namespace {

using namespace std::string_view_literals;

struct Case {
    const char* name;
    PgValue value;
    std::optional<std::int64_t> number;
};

constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMin = std::numeric_limits<std::int64_t>::min();

// A numeric: count of digits, weight, sign, decimals, then digits of base 10,000.
constexpr Case kCases[] = {
    {"true", {pg_type::kBoolean, "\x01"sv}, 1},
    {"false", {pg_type::kBoolean, "\x00"sv}, 0},
    {"two bytes below zero", {pg_type::kInteger2, "\xFF\xFE"sv}, -2},
    {"four bytes", {pg_type::kInteger4, "\x00\x01\x00\x02"sv}, 65'538},
    {"four bytes below zero", {pg_type::kInteger4, "\xFF\xFF\xFF\xFF"sv}, -1},
    {"the greatest", {pg_type::kInteger8, "\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"sv}, kMax},
    {"the least", {pg_type::kInteger8, "\x80\x00\x00\x00\x00\x00\x00\x00"sv}, kMin},
    {"a sum of nothing", {pg_type::kNumeric, "\x00\x00\x00\x00\x00\x00\x00\x00"sv}, 0},
    {"a sum", {pg_type::kNumeric, "\x00\x02\x00\x01\x00\x00\x00\x00\x00\x03\x00\x07"sv}, 30'007},
    {"a sum with zeros left out", {pg_type::kNumeric, "\0\x01\0\x02\0\0\0\0\0\x05"sv}, 500'000'000},
    {"a sum below zero", {pg_type::kNumeric, "\0\x01\0\0\x40\0\0\0\0\x2A"sv}, -42},
    {"the least as a sum",
     {pg_type::kNumeric, "\0\5\0\4\x40\0\0\0\x03\x9A\x0D\x2C\x01\x70\x15\x65\x16\xB0"sv},
     kMin},
    {"one more than the greatest",
     {pg_type::kNumeric, "\0\5\0\4\0\0\0\0\x03\x9A\x0D\x2C\x01\x70\x15\x65\x16\xB0"sv},
     std::nullopt},
    {"no number", {pg_type::kNumeric, "\0\0\0\0\xC0\0\0\0"sv}, std::nullopt},
    {"a text", {pg_type::kText, "1"sv}, std::nullopt},
};

TEST(PgValues, ReadsNumbersOfEveryType) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(read_integer(test_case.value), test_case.number);
    }
}

TEST(PgValues, WritesAColumnOfNumbersWithoutAnyThatIsThere) {
    auto column = PgArray::integers();
    column.add(1);
    column.add_null();
    EXPECT_EQ(column.type(), pg_type::kInteger8Array);
    EXPECT_EQ(
        column.take(),
        "\0\0\0\1\0\0\0\1\0\0\0\x14\0\0\0\2\0\0\0\1"
        "\0\0\0\x08\0\0\0\0\0\0\0\1\xFF\xFF\xFF\xFF"sv
    );
    column.add(2);
    EXPECT_EQ(column.take().size(), 32U) << "it begins anew";
}

TEST(PgValues, SendsTextsAndBytesAsTheirTypes) {
    PgParameters parameters;
    parameters.set_text(1, "a\0b"sv);
    parameters.set_bytes(2, {});
    parameters.set_null(3);
    parameters.set_integer(4, 258);
    const auto sent = parameters.sendable();
    ASSERT_EQ(sent.count, 4);
    EXPECT_EQ(sent.types[0], pg_type::kText);
    EXPECT_EQ(sent.lengths[0], 6) << "the zero byte has another form";
    EXPECT_NE(sent.values[1], nullptr) << "empty is not NULL";
    EXPECT_EQ(sent.types[2], pg_type::kUnknown);
    EXPECT_EQ(sent.values[2], nullptr);
    EXPECT_EQ((std::string_view{sent.values[3], 8}), "\0\0\0\0\0\0\1\2"sv);
}

}  // namespace
}  // namespace postern::storage
