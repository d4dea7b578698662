#include "payments/gateways/sandbox/delayed_answers.hpp"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace postern::payments {
namespace {

TEST(DelayedAnswers, AreSaidInTheOrderOfTheirMoments) {
    DelayedAnswers later;
    std::promise<std::vector<int>> said;
    std::vector<int> order;
    later.say_after(std::chrono::milliseconds{30}, [&] {
        order.push_back(3);
        said.set_value(order);
    });
    later.say_after(std::chrono::milliseconds{1}, [&] { order.push_back(1); });
    later.say_after(std::chrono::milliseconds{10}, [&] { order.push_back(2); });
    EXPECT_EQ(said.get_future().get(), (std::vector<int>{1, 2, 3}));
}

TEST(DelayedAnswers, MayAskForMoreWhileTheyAreSaid) {
    DelayedAnswers later;
    std::promise<void> said;
    later.say_after(std::chrono::milliseconds{0}, [&] {
        later.say_after(std::chrono::milliseconds{0}, [&said] { said.set_value(); });
    });
    said.get_future().get();
}

TEST(DelayedAnswers, AreNotSaidOnceTheirOwnerIsGone) {
    bool said = false;
    {
        DelayedAnswers later;
        later.say_after(std::chrono::hours{1}, [&said] { said = true; });
    }
    EXPECT_FALSE(said);
}

}  // namespace
}  // namespace postern::payments
