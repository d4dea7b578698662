#include "config/toml_text.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(TomlText, BecomesSettings) {
    const auto table = settings_from_toml("a = 1\nb = true\nc = [\"x\", { d = 1.5 }]\n[e.f]\n");
    ASSERT_TRUE(table.has_value());
    const SettingTable expected{
        {"a", {std::int64_t{1}}},
        {"b", {true}},
        {"c",
         {SettingList{SettingValue{std::string{"x"}}, SettingValue{SettingTable{{"d", {1.5}}}}}}},
        {"e", {SettingTable{{"f", {SettingTable{}}}}}}};
    EXPECT_TRUE(*table == expected);
}

struct Case {
    const char* name;
    const char* text;
    const char* fragment;
};

constexpr Case kCases[] = {
    {"a broken line", "a = 1\nb = \n", "line 2, column 5"},
    {"a key twice", "a = 1\na = 2\n", "redefine"},
    {"a date", "\na = 2026-01-28\n", "line 2: no setting is a date"},
    {"a number too large", "a = 123456789012345678901234567890", "does not fit"},
};

TEST(TomlText, IsRefusedWithItsPlace) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto table = settings_from_toml(test_case.text);
        ASSERT_FALSE(table.has_value());
        EXPECT_NE(table.error().message.find(test_case.fragment), std::string::npos)
            << table.error().message;
    }
}

}  // namespace
}  // namespace postern::config
