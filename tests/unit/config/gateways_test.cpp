#include "config/gateways.hpp"

#include "tests/unit/config/config_testing.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

TEST(Gateways, LeaveTheProviderItsOwnKeys) {
    const auto loaded = load(input_of(R"(
[[gateway]]
id = "shop-stripe_2"
kind = "stripe"
mode = "live"
enabled = false
account = "acme"
webhook_secrets = ["whsec_1"]
tolerance_seconds = 60
)"));
    ASSERT_EQ(complaints_of(loaded), "");
    ASSERT_EQ(loaded->gateways.size(), 1U);
    const Gateway expected{
        .id = "shop-stripe_2",
        .kind = "stripe",
        .mode = Mode::live,
        .enabled = false,
        .account = "acme",
        .settings = {
            {"webhook_secrets", {SettingList{SettingValue{std::string{"whsec_1"}}}}},
            {"tolerance_seconds", {std::int64_t{60}}}}};
    EXPECT_TRUE(loaded->gateways.front() == expected);
}

struct ModeCase {
    const char* name;
    const char* lines;
    Mode mode;
    const char* passed_on;  // the provider's `mode`, or nullptr
};

constexpr ModeCase kModeCases[] = {
    {"is sandbox unless told", "", Mode::sandbox, nullptr},
    {"is live when told", "mode = \"live\"", Mode::live, nullptr},
    {"takes a switch that agrees", "mode = \"live\"\nlivemode = true", Mode::live, nullptr},
    {"passes a provider's mode on", "mode = \"next-gen\"", Mode::sandbox, "next-gen"},
    {"takes livemode then", "mode = \"classic\"\nlivemode = true", Mode::live, "classic"},
};

TEST(Gateways, KnowWhetherMoneyIsReal) {
    for (const ModeCase& test_case : kModeCases) {
        SCOPED_TRACE(test_case.name);
        std::string text = "[[gateway]]\nid = \"m\"\nkind = \"mollie\"\n";
        text += test_case.lines;
        const auto loaded = load(input_of(text));
        ASSERT_EQ(complaints_of(loaded), "");
        const Gateway& gateway = loaded->gateways.front();
        EXPECT_EQ(gateway.mode, test_case.mode);
        const auto passed_on = gateway.settings.find("mode");
        ASSERT_EQ(passed_on != gateway.settings.end(), test_case.passed_on != nullptr);
        if (test_case.passed_on != nullptr) {
            EXPECT_EQ(std::get<std::string>(passed_on->second.value), test_case.passed_on);
        }
    }
}

struct RefusalCase {
    const char* name;
    const char* text;
    const char* fragment;
};

constexpr RefusalCase kRefusalCases[] = {
    {"refuses no id", "[[gateway]]\nkind = \"stripe\"", "[[gateway]] 1: id is required"},
    {"refuses no kind", "[[gateway]]\nid = \"a\"", "[[gateway]] 1 \"a\": kind is required"},
    {"refuses capitals", "[[gateway]]\nid = \"A\"\nkind = \"stripe\"", "id must be"},
    {"refuses a leading dash", "[[gateway]]\nid = \"-a\"\nkind = \"stripe\"", "id must be"},
    {"refuses an id twice",
     "[[gateway]]\nid = \"a\"\nkind = \"x\"\n[[gateway]]\nid = \"a\"\nkind = \"x\"",
     "[[gateway]] 2 \"a\": id is taken"},
    {"refuses another mode",
     "[[gateway]]\nid = \"a\"\nkind = \"x\"\nmode = \"test\"",
     "mode must be one of sandbox live"},
    {"refuses a switch that disagrees",
     "[[gateway]]\nid = \"a\"\nkind = \"x\"\nmode = \"live\"\nlivemode = false",
     "livemode contradicts mode"},
    {"refuses a file that is not there",
     "[[gateway]]\nid = \"a\"\nkind = \"x\"\nwebhook_secrets_file = \"absent\"",
     "\"a\": webhook_secrets_file names a file that cannot be read"},
    {"refuses what is no table", "gateway = [1]", "gateway must be a list of tables"},
};

TEST(Gateways, AreRefusedWithTheirPlace) {
    for (const RefusalCase& test_case : kRefusalCases) {
        SCOPED_TRACE(test_case.name);
        const std::string complaints = complaints_of(load(input_of(test_case.text)));
        EXPECT_NE(complaints.find(test_case.fragment), std::string::npos) << complaints;
    }
}

}  // namespace
}  // namespace postern::config
