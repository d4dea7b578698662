#include "daemon/pulse.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace postern::daemon {
namespace {

// Holds a loop until it is let go, and tells when the loop has come to it.
class Obstacle final : public net::Letter {
 public:
    void delivered() noexcept override {
        reached.count_down();
        released.wait();
    }
    std::latch reached{1};
    std::latch released{1};
};

// Comes after what is in the box already.
class Follower final : public net::Letter {
 public:
    void delivered() noexcept override { reached.count_down(); }
    std::latch reached{1};
};

class PulseTest : public testing::Test {
 protected:
    Pulse make_pulse() {
        Pulse::Parts parts;
        parts.threads.push_back({.name = "io 0", .thread = runtime_.thread(0)});
        parts.threads.push_back({.name = "io 1", .thread = runtime_.thread(1)});
        parts.why_not_alive = [this] {
            return why_not_alive_;
        };
        return Pulse{std::move(parts)};
    }
    void wait_for_letters_of(std::size_t thread) {
        Follower follower;
        runtime_.thread(thread).mailbox().drop(follower);
        follower.reached.wait();
    }
    void wait_for_letters() {
        for (std::size_t i = 0; i < runtime_.size(); ++i) wait_for_letters_of(i);
    }

    std::string why_not_alive_;
    net::Runtime runtime_{2};
};

TEST_F(PulseTest, BeatsWhileEveryLoopTurns) {
    Pulse pulse = make_pulse();
    runtime_.start();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(pulse.standstill(), "");
        wait_for_letters();
    }
    runtime_.stop();
}

TEST_F(PulseTest, NamesTheLoopThatStandsAndForgivesItWhenItTurnsAgain) {
    Pulse pulse = make_pulse();
    Obstacle obstacle;
    runtime_.start();
    runtime_.thread(1).mailbox().drop(obstacle);
    obstacle.reached.wait();
    EXPECT_EQ(pulse.standstill(), "");
    for (int i = 0; i < 2; ++i) {
        wait_for_letters_of(0);
        EXPECT_EQ(pulse.standstill(), "io 1");
    }
    obstacle.released.count_down();
    wait_for_letters();
    EXPECT_EQ(pulse.standstill(), "");
    wait_for_letters();
    runtime_.stop();
}

TEST_F(PulseTest, SaysWhatTheLivenessProbeSays) {
    Pulse pulse = make_pulse();
    runtime_.start();
    why_not_alive_ = "a commit does not end";
    EXPECT_EQ(pulse.standstill(), "a commit does not end");
    wait_for_letters();
    why_not_alive_.clear();
    EXPECT_EQ(pulse.standstill(), "");
    wait_for_letters();
    runtime_.stop();
}

}  // namespace
}  // namespace postern::daemon
