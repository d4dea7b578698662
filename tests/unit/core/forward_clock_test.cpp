#include "core/forward_clock.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SetClock final : public Clock {
 public:
    TimePoint now() const override { return at; }
    TimePoint at = from_unix_seconds(1'700'000'000);
};

class ForwardClockTest : public testing::Test {
 protected:
    SetClock wall_;
    std::chrono::steady_clock::time_point steady_{seconds{50}};
    ForwardClock clock_{wall_, [this] {
                            return steady_;
                        }};
};

TEST_F(ForwardClockTest, FollowsTheWall) {
    wall_.at += seconds{10};
    steady_ += seconds{10};
    EXPECT_EQ(clock_.now(), wall_.at);
}

TEST_F(ForwardClockTest, JumpsForwardWithTheWall) {
    wall_.at += seconds{3600};
    EXPECT_EQ(clock_.now(), wall_.at);
}

TEST_F(ForwardClockTest, GoesOnAtItsOwnPaceWhenTheWallTurnsBack) {
    const TimePoint before = clock_.now();
    wall_.at -= seconds{3600};
    steady_ += milliseconds{1'500};
    EXPECT_EQ(clock_.now(), before + milliseconds{1'500});
    steady_ += seconds{1};
    EXPECT_EQ(clock_.now(), before + milliseconds{2'500});
}

TEST_F(ForwardClockTest, FollowsTheWallAgainOnceItHasCaughtUp) {
    wall_.at -= seconds{10};
    clock_.now();
    wall_.at += seconds{60};
    EXPECT_EQ(clock_.now(), wall_.at);
}

}  // namespace
}  // namespace postern
