#include "config/named_files.hpp"

#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

constexpr const char* kTwoBlocks =
    "first\n-----BEGIN X-----\nAA\n-----END X-----\nsecond\n"
    "-----BEGIN X-----\nBB\n-----END X-----\n";

SettingValue text(const char* value) {
    return SettingValue{std::string{value}};
}

struct Case {
    const char* name;
    const char* key;
    const char* contents;
    const char* resolved_key;
    SettingValue resolved;
};

const Case kCases[] = {
    {"a secret without its line end", "api_key_file", "abc\n", "api_key", text("abc")},
    {"one secret a line",
     "webhook_secrets_file",
     "new\r\n\n  old \n",
     "webhook_secrets",
     SettingValue{SettingList{text("new"), text("old")}}},
    {"a PEM text as it is",
     "pem_file",
     "-----BEGIN X-----\nAA\n-----END X-----\n",
     "pem",
     text("-----BEGIN X-----\nAA\n-----END X-----\n")},
    {"one PEM block an entry",
     "trusted_roots_file",
     kTwoBlocks,
     "trusted_roots",
     SettingValue{SettingList{
         text("-----BEGIN X-----\nAA\n-----END X-----\n"),
         text("-----BEGIN X-----\nBB\n-----END X-----\n")}}},
};

TEST(NamedFiles, AreNotMissedWhereTheyAreLeftAlone) {
    LoadInput input = input_of(
        "data_dir = \"/var/lib/postern\"\n"
        "[tls]\ncertificate_file = \"chain.pem\"\nkey_file = \"key.pem\"\n"
        "[api]\nbootstrap_secret_key_file = \"key\"\n"
        "[[gateway]]\nid = \"a\"\nkind = \"stripe\"\nwebhook_secrets_file = \"secrets\"\n"
    );
    EXPECT_NE(complaints_of(load(input)), "");
    input.named_files = LoadInput::NamedFiles::left_alone;
    const auto config = load(input);
    ASSERT_EQ(complaints_of(config), "");
    EXPECT_EQ(config->data_dir, "/var/lib/postern");
    EXPECT_TRUE(config->gateways.front().settings.empty());
}

TEST(NamedFiles, ThatSayWhereTheStoreIsAreReadAllTheSame) {
    const char* text =
        "[storage]\nurl_file = \"store\"\n"
        "[[gateway]]\nid = \"a\"\nkind = \"stripe\"\nwebhook_secrets_file = \"secrets\"\n";
    LoadInput input = input_of(text, {}, {{"/etc/postern/store", "postgres://u:p@h/d\n"}});
    input.named_files = LoadInput::NamedFiles::left_alone;
    const auto config = load(input);
    ASSERT_EQ(complaints_of(config), "");
    EXPECT_TRUE(config->storage.is_shared());
    LoadInput without = input_of(text);
    without.named_files = LoadInput::NamedFiles::left_alone;
    EXPECT_NE(complaints_of(load(without)).find("url_file"), std::string::npos);
}

TEST(NamedFiles, BecomeWhatTheyHold) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const LoadInput input = input_of("", {}, {{"/etc/postern/f", test_case.contents}});
        SettingTable table{{test_case.key, text("f")}};
        std::vector<std::string> problems;
        NamedFiles{input}.resolve(table, problems);
        EXPECT_TRUE(problems.empty());
        EXPECT_TRUE(table == (SettingTable{{test_case.resolved_key, test_case.resolved}}));
    }
}

TEST(NamedFiles, AreFoundInListsOfTables) {
    const LoadInput input = input_of("", {}, {{"/etc/postern/f", "abc"}});
    SettingTable table{
        {"keys",
         {SettingList{SettingValue{SettingTable{{"id", text("1")}, {"key_file", text("f")}}}}}}};
    std::vector<std::string> problems;
    NamedFiles{input}.resolve(table, problems);
    EXPECT_TRUE(problems.empty());
    const SettingTable expected{
        {"keys",
         {SettingList{SettingValue{SettingTable{{"id", text("1")}, {"key", text("abc")}}}}}}};
    EXPECT_TRUE(table == expected);
}

TEST(NamedFiles, AreRefusedWhenTheyCannotBeUsed) {
    const LoadInput input = input_of("", {}, {{"/etc/postern/empty", " \n"}});
    SettingTable table{
        {"a_file", text("empty")},
        {"b_file", text("absent")},
        {"c_file", SettingValue{true}},
        {"d_file", text("empty")},
        {"d", text("x")}};
    std::vector<std::string> problems;
    NamedFiles{input}.resolve(table, problems);
    const std::vector<std::string> expected = {
        "a_file names a file that is empty",
        "b_file names a file that cannot be read",
        "c_file must be the name of a file in quotes",
        "d_file stands beside d; give only one of them"};
    EXPECT_EQ(problems, expected);
}

}  // namespace
}  // namespace postern::config
