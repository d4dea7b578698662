#include "config/rate_plan.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

struct PlanCase {
    const char* text;
    std::optional<RatePlan> plan;
};

const PlanCase kCases[] = {
    {"100/1s", RatePlan{100, std::chrono::seconds{1}, 100}},
    {"1000/60s", RatePlan{1'000, std::chrono::seconds{60}, 1'000}},
    {"1000/60s/50", RatePlan{1'000, std::chrono::seconds{60}, 50}},
    {"1/86400s", RatePlan{1, std::chrono::seconds{86'400}, 1}},
    {"", std::nullopt},
    {"100", std::nullopt},
    {"100/60", std::nullopt},
    {"100/s", std::nullopt},
    {"0/1s", std::nullopt},
    {"-1/1s", std::nullopt},
    {"1000001/1s", std::nullopt},
    {"1/86401s", std::nullopt},
    {"100/60s/", std::nullopt},
    {"100/60s/0", std::nullopt},
    {"100/60s/101", std::nullopt},
    {"100/60s/10/1", std::nullopt},
    {" 100/60s", std::nullopt},
};

TEST(RatePlans, AreReadFromOneLine) {
    for (const PlanCase& test_case : kCases) {
        SCOPED_TRACE(test_case.text);
        const auto plan = parse_rate_plan(test_case.text);
        EXPECT_EQ(plan, test_case.plan);
        EXPECT_EQ(plan ? to_text(*plan) : test_case.text, test_case.text);
    }
}

}  // namespace
}  // namespace postern::config
