#include "storage/delivery_values.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace postern::storage {
namespace {

TEST(DeliveryValues, NameEveryStateAndFindItByItsName) {
    std::set<std::string_view> names;
    for (std::uint8_t i = 0; i <= static_cast<std::uint8_t>(DeliveryState::superseded); ++i) {
        const auto state = static_cast<DeliveryState>(i);
        names.insert(to_text(state));
        EXPECT_EQ(delivery_state_from_text(to_text(state)), state);
    }
    EXPECT_EQ(names.size(), 7U);
    for (const char* text : {"", "sending", "Dead", "dead ", "deadd"}) {
        EXPECT_FALSE(delivery_state_from_text(text).has_value()) << text;
    }
}

TEST(DeliveryValues, NameEveryAttemptErrorByAWordOfItsOwn) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < kAttemptErrorCount; ++i) {
        names.insert(to_text(static_cast<AttemptError>(i)));
    }
    EXPECT_EQ(names.size(), kAttemptErrorCount);
    EXPECT_EQ(to_text(AttemptError::none), "none");
    EXPECT_EQ(to_text(AttemptError::http_5xx), "http_5xx");
    EXPECT_EQ(to_text(AttemptError::endpoint_misconfigured), "endpoint_misconfigured");
}

TEST(DeliveryValues, NameTheSmallerKinds) {
    EXPECT_EQ(to_text(DeliveryState::superseded), "superseded");
    EXPECT_EQ(to_text(AttemptTrigger::scheduled), "scheduled");
    EXPECT_EQ(to_text(AttemptTrigger::manual), "manual");
    EXPECT_EQ(to_text(EndpointStatus::enabled), "enabled");
    EXPECT_EQ(to_text(EndpointStatus::disabled), "disabled");
    EXPECT_EQ(to_text(JobState::running), "running");
    EXPECT_EQ(to_text(JobState::failed), "failed");
    EXPECT_EQ(to_text(JobKind::recover), "recover");
    EXPECT_EQ(to_text(JobKind::cancel_endpoint), "cancel_endpoint");
}

}  // namespace
}  // namespace postern::storage
