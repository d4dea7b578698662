#include "cluster/patient_mutex.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <thread>

namespace postern::cluster {
namespace {

using std::chrono::milliseconds;

TEST(PatientMutex, IsHeldByOneAtATime) {
    PatientMutex mutex;
    int counted = 0;
    const auto count = [&] {
        for (int i = 0; i < 1'000; ++i) {
            const std::lock_guard lock{mutex};
            ++counted;
        }
    };
    std::jthread other{count};
    count();
    other.join();
    EXPECT_EQ(counted, 2'000);
}

TEST(PatientMutex, IsWaitedForSoLongAndNoLonger) {
    PatientMutex mutex;
    mutex.lock();
    EXPECT_FALSE(mutex.try_lock_for(milliseconds{1}));
    mutex.unlock();
    EXPECT_TRUE(mutex.try_lock_for(milliseconds{1}));
    mutex.unlock();
}

TEST(PatientMutex, GoesToWhoWaitsOnceItIsFree) {
    PatientMutex mutex;
    mutex.lock();
    bool held = false;
    std::jthread waiting{[&] {
        const std::unique_lock lock{mutex, milliseconds{60'000}};
        held = lock.owns_lock();
    }};
    mutex.unlock();
    waiting.join();
    EXPECT_TRUE(held);
}

}  // namespace
}  // namespace postern::cluster
