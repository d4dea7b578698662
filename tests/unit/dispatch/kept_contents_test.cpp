#include "dispatch/kept_contents.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace postern::dispatch {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kNow = from_unix_seconds(1'750'000'000);

std::shared_ptr<const EventContent> content_of(std::size_t bytes) {
    auto content = std::make_shared<EventContent>();
    content->object = std::string(bytes, 'x');
    return content;
}

TEST(KeptContents, GivesBackWhatItWasGivenOnce) {
    KeptContents kept{10'000};
    const auto content = content_of(100);
    kept.keep(DeliveryId{7}, content, kNow);
    EXPECT_EQ(kept.take(DeliveryId{8}), nullptr);
    EXPECT_EQ(kept.take(DeliveryId{7}), content);
    EXPECT_EQ(kept.take(DeliveryId{7}), nullptr);
    EXPECT_EQ(kept.bytes(), 0U);
}

TEST(KeptContents, HoldsNoMoreThanItMayAndTheOldestGiveWay) {
    KeptContents kept{3 * bytes_of(*content_of(100))};
    for (std::int64_t id = 1; id <= 5; ++id) kept.keep(DeliveryId{id}, content_of(100), kNow);
    EXPECT_EQ(kept.take(DeliveryId{2}), nullptr);
    EXPECT_NE(kept.take(DeliveryId{3}), nullptr);
    EXPECT_NE(kept.take(DeliveryId{5}), nullptr);
    kept.keep(DeliveryId{6}, content_of(100'000), kNow);
    EXPECT_EQ(kept.take(DeliveryId{6}), nullptr);
    EXPECT_EQ(kept.bytes(), 0U);
}

TEST(KeptContents, ForgetsWhatNobodyCameFor) {
    KeptContents kept{10'000};
    kept.keep(DeliveryId{1}, content_of(1), kNow);
    kept.keep(DeliveryId{2}, content_of(1), kNow + 2s);
    kept.forget_old(kNow + 3s);
    EXPECT_EQ(kept.take(DeliveryId{1}), nullptr);
    EXPECT_NE(kept.take(DeliveryId{2}), nullptr);
}

TEST(KeptContents, HasNothingOfAnEventThatCameWithoutContent) {
    KeptContents kept{10'000};
    kept.keep(DeliveryId{1}, nullptr, kNow);
    EXPECT_EQ(kept.take(DeliveryId{1}), nullptr);
    EXPECT_EQ(kept.bytes(), 0U);
}

}  // namespace
}  // namespace postern::dispatch
