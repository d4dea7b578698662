#include "config/load.hpp"

#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(Load, GivesTheDefaultsForNothing) {
    const auto loaded = load(LoadInput{});
    ASSERT_EQ(complaints_of(loaded), "");
    EXPECT_TRUE(*loaded == Config{});
}

TEST(Load, ReportsEveryMistakeAtOnce) {
    const auto loaded = load(input_of(
        R"(
threads = -1
[limits]
fields_max = "many"
[log]
levl = "info"
[storage]
batch_units_max = 10000
queue_units_max = 16
[[gateway]]
id = "a"
)",
        {{"POSTERN_NONSENSE", "1"}}
    ));
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().size(), 6U) << complaints_of(loaded);
}

TEST(Load, NeverRepeatsAValue) {
    const char* const texts[] = {
        "[api]\nbootstrap_secret_key = \"hunter2\"",
        "[api]\nbootstrap_secret_key = hunter2",
        "[api]\nbootstrap_secret_key = 999999999999999999999999",
        "public_url = \"https://hunter2@example.com\"",
        "[storage]\nurl = \"postgres://u:hunter2@h/d\"",
        "[[gateway]]\nid = \"hunter2 \"\nkind = \"x\"",
    };
    for (const char* text : texts) {
        const std::string complaints = complaints_of(load(input_of(text)));
        EXPECT_NE(complaints, "") << text;
        EXPECT_EQ(complaints.find("hunter2"), std::string::npos) << complaints;
        EXPECT_EQ(complaints.find("9999999"), std::string::npos) << complaints;
    }
}

TEST(Load, LeavesOneCoreToTheWriter) {
    EXPECT_EQ(thread_count({.threads = 0}, 1), 1U);
    EXPECT_EQ(thread_count({.threads = 0}, 8), 7U);
    EXPECT_EQ(thread_count({.threads = 0}, 0), 1U);
    EXPECT_EQ(thread_count({.threads = 5}, 2), 5U);
}

}  // namespace
}  // namespace postern::config
