#include "config/files.hpp"
#include "config/keys.hpp"
#include "config/toml_text.hpp"
#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace postern::config {
namespace {

std::string example() {
    auto text = read_whole_file(
        std::filesystem::path{POSTERN_SOURCE_DIR} / "config" / "postern.example.toml"
    );
    return text ? std::move(*text) : std::string{};
}

// What stands above a key: the comment lines that end right before it.
std::string comment_above(const std::string& text, std::string_view section, std::string_view key) {
    std::istringstream lines{text};
    std::string line;
    std::string current;
    std::string comment;
    while (std::getline(lines, line)) {
        if (line.starts_with('#')) {
            comment += line;
            comment += '\n';
        } else if (line.starts_with('[')) {
            current = line.substr(1, line.find(']') - 1);
            comment.clear();
        } else if (current == section && line.starts_with(std::string{key} + " =")) {
            return comment;
        } else {
            comment.clear();
        }
    }
    return {};
}

// Compares the example with a Config of nothing but defaults, key by key.
class ExampleChecker final : public KeyVisitor {
 public:
    explicit ExampleChecker(std::string text) : text_{std::move(text)} {
        auto parsed = settings_from_toml(text_);
        EXPECT_TRUE(parsed.has_value());
        if (parsed) top_ = std::move(*parsed);
    }

    void begin_section(std::string_view name) override {
        section_ = name;
        table_ = top_;
        if (name.empty()) return;
        const auto found = top_.find(name);
        ASSERT_NE(found, top_.end()) << name;
        table_ = std::get<SettingTable>(found->second.value);
    }
    void text(std::string_view key, std::string& value, TextProblem) override {
        expect(key, SettingValue{value});
    }
    void texts(std::string_view key, std::vector<std::string>& values, TextProblem) override {
        EXPECT_TRUE(values.empty());
        expect(key, SettingValue{SettingList{}});
    }
    void flag(std::string_view key, bool& value) override { expect(key, SettingValue{value}); }
    void integer(std::string_view key, std::int64_t& value, Range range) override {
        expect(key, SettingValue{value});
        const std::string bounds = std::to_string(range.min) + " to " + std::to_string(range.max);
        EXPECT_NE(comment_above(text_, section_, key).find(bounds), std::string::npos)
            << section_ << '.' << key << " is not said to be " << bounds;
    }
    void choice(std::string_view key, std::size_t& value, std::span<const std::string_view> names)
        override {
        expect(key, SettingValue{std::string{names[value]}});
        for (const std::string_view name : names) {
            const std::string quoted = '"' + std::string{name} + '"';
            EXPECT_NE(comment_above(text_, section_, key).find(quoted), std::string::npos)
                << section_ << '.' << key << " does not offer " << name;
        }
    }
    void secret(std::string_view key, std::string& value, TextProblem) override {
        expect(key, SettingValue{value});
        expect(std::string{key} + "_file", SettingValue{std::string{}});
    }
    void file(std::string_view key, std::filesystem::path& value) override {
        expect(key, SettingValue{value.string()});
    }

 private:
    void expect(std::string_view key, const SettingValue& value) const {
        const auto found = table_.find(key);
        ASSERT_NE(found, table_.end()) << section_ << '.' << key << " is not in the example";
        EXPECT_TRUE(found->second == value) << section_ << '.' << key << " has another default";
        EXPECT_FALSE(comment_above(text_, section_, key).empty())
            << section_ << '.' << key << " has no meaning";
    }

    std::string text_;
    SettingTable top_;
    SettingTable table_;
    std::string section_;
};

TEST(Example, IsTakenAndChangesNothing) {
    const auto loaded = load(input_of(example()));
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_TRUE(*loaded == Config{});
}

TEST(Example, ListsEveryKeyWithItsDefaultBoundAndMeaning) {
    ExampleChecker checker{example()};
    Config defaults;
    visit_keys(defaults, checker);
}

TEST(Example, HasGatewaysThatAreTakenWhenTheirMarksAreRemoved) {
    std::istringstream lines{example()};
    std::string line;
    std::string text;
    while (std::getline(lines, line)) {
        const bool is_sample = line.size() > 1 && line[0] == '#' && line[1] != ' ';
        text += is_sample ? line.substr(1) : line;
        text += '\n';
    }
    const auto loaded =
        load(input_of(text, {}, {{"/etc/postern/mollie-signing-secrets", "one\ntwo\n"}}));
    ASSERT_EQ(complaints_of(loaded), "");
    ASSERT_EQ(loaded->gateways.size(), 2U);
    EXPECT_EQ(loaded->gateways[0].id, "stripe");
    EXPECT_EQ(loaded->gateways[1].mode, Mode::live);
    EXPECT_TRUE(loaded->gateways[1].settings.contains("signing_secrets"));
}

}  // namespace
}  // namespace postern::config
