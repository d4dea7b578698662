#include "daemon/commands/human_figures.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

struct Case {
    double value;
    const char* text;
};

TEST(HumanFigures, ShortenCounts) {
    const Case cases[] = {
        {0, "0"},
        {0.25, "0.25"},
        {0.001, "0"},
        {1, "1"},
        {2.5, "2.5"},
        {12.34, "12.3"},
        {123.4, "123"},
        {1234, "1234"},
        {56'700, "56.7k"},
        {8'900'000, "8900k"},
        {12'300'000, "12.3M"},
        {-2.5, "-2.5"},
    };
    for (const Case& test_case : cases) EXPECT_EQ(count_text(test_case.value), test_case.text);
}

TEST(HumanFigures, ChooseAUnitForBytes) {
    const Case cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1536, "1.5 KiB"},
        {1024 * 1024, "1 MiB"},
        {3.25 * 1024 * 1024 * 1024, "3.25 GiB"}};
    for (const Case& test_case : cases) EXPECT_EQ(bytes_text(test_case.value), test_case.text);
}

TEST(HumanFigures, ChooseUnitsForTimes) {
    const Case cases[] = {
        {0, "0 s"},
        {0.0004, "0.4 ms"},
        {0.25, "250 ms"},
        {1.2, "1.2 s"},
        {60, "1 min"},
        {150, "2 min 30 s"},
        {11'520, "3 h 12 min"},
        {86'400, "1 d"},
        {97'200, "1 d 3 h"}};
    for (const Case& test_case : cases) {
        EXPECT_EQ(duration_text(std::chrono::duration<double>{test_case.value}), test_case.text);
    }
}

}  // namespace
}  // namespace postern::daemon::commands
