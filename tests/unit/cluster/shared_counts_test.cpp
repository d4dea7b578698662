#include "cluster/shared_counts.hpp"

#include <gtest/gtest.h>

#include <map>

namespace postern::cluster {
namespace {

using std::chrono::seconds;

const TimePoint kNow = from_unix_seconds(1'700'000'000);

struct Wish {
    std::uint64_t subject = 1;
    std::int64_t limit = 10;
    std::int64_t burst = 10;
    TimePoint now = kNow;
};

SharedCounts::Ask ask_for(const Wish& wish) {
    return {
        .window = {.place = CountPlace::of(wish.subject, seconds{60}, wish.now), .max = wish.limit},
        .second = {.place = CountPlace::of(wish.subject, seconds{1}, wish.now), .max = wish.burst}};
}

std::int64_t taken_of(SharedCounts& counts, const Wish& wish, int tries) {
    std::int64_t taken = 0;
    for (int i = 0; i < tries; ++i) {
        const SharedCounts::State state = counts.take(ask_for(wish));
        if (state.left > 0 && state.left_in_second > 0) ++taken;
    }
    return taken;
}

// What two nodes tell each other through one counter for each place.
void exchange(SharedCounts& counts, std::map<CountPlace, std::int64_t>& sums) {
    for (std::size_t shard = 0; shard < SharedCounts::kShards; ++shard) {
        for (const auto& addition : counts.take_additions(shard, kNow)) {
            std::int64_t& sum = sums[addition.place];
            sum += addition.count;
            counts.learn({.place = addition.place, .taken = sum});
        }
    }
}

void see_all(SharedCounts& counts) {
    for (std::size_t shard = 0; shard < SharedCounts::kShards; ++shard) {
        counts.see(shard, SharedCounts::Sight::all);
    }
}

TEST(SharedCounts, TwoNodesHaveOneAllowance) {
    SharedCounts one;
    SharedCounts two;
    see_all(one);
    see_all(two);
    std::map<CountPlace, std::int64_t> sums;
    EXPECT_EQ(taken_of(one, {}, 6), 6);
    EXPECT_EQ(taken_of(two, {}, 2), 2);
    exchange(one, sums);
    exchange(two, sums);
    EXPECT_EQ(taken_of(two, {}, 5), 2);
    one.look(ask_for({}));
    exchange(two, sums);
    exchange(one, sums);
    EXPECT_EQ(taken_of(one, {}, 5), 0);
}

TEST(SharedCounts, ASecondHasALimitOfItsOwn) {
    SharedCounts counts;
    EXPECT_EQ(taken_of(counts, {.burst = 3}, 6), 3);
    EXPECT_EQ(taken_of(counts, {.burst = 3, .now = kNow + seconds{1}}, 6), 3);
}

TEST(SharedCounts, NobodyTakesMoreThanHisPartWhileTheOthersAreNotSeen) {
    SharedCounts counts;
    counts.share_among(3);
    EXPECT_EQ(taken_of(counts, {}, 10), 3);
    EXPECT_EQ(taken_of(counts, {.subject = 2, .limit = 2, .burst = 2}, 10), 1);
    counts.see(SharedCounts::shard_of(2), SharedCounts::Sight::all);
    EXPECT_EQ(taken_of(counts, {}, 10), 0);
    counts.see(SharedCounts::shard_of(1), SharedCounts::Sight::all);
    EXPECT_EQ(taken_of(counts, {}, 10), 7);
}

TEST(SharedCounts, WhatNobodyWasToldOfIsToldLater) {
    SharedCounts counts;
    EXPECT_EQ(taken_of(counts, {}, 4), 4);
    const std::size_t shard = SharedCounts::shard_of(1);
    const auto lost = counts.take_additions(shard, kNow);
    EXPECT_FALSE(lost.empty());
    EXPECT_TRUE(counts.take_additions(shard, kNow).empty());
    for (const auto& addition : lost) counts.give_back(addition);
    const auto again = counts.take_additions(shard, kNow);
    ASSERT_EQ(again.size(), lost.size());
    for (const auto& addition : again) EXPECT_EQ(addition.count, 4);
}

TEST(SharedCounts, LookingCountsNothing) {
    SharedCounts counts;
    for (int i = 0; i < 20; ++i) counts.look(ask_for({}));
    EXPECT_EQ(taken_of(counts, {}, 20), 10);
}

TEST(SharedCounts, SaysOnceThatItIsUsedAndAgainAfterItFellIdle) {
    SharedCounts counts;
    int uses = 0;
    counts.on_use([&uses] { ++uses; });
    counts.take(ask_for({}));
    counts.take(ask_for({}));
    EXPECT_EQ(uses, 1);
    EXPECT_FALSE(counts.falls_idle());
    for (std::size_t shard = 0; shard < SharedCounts::kShards; ++shard) {
        counts.take_additions(shard, kNow);
    }
    EXPECT_TRUE(counts.falls_idle());
    counts.take(ask_for({}));
    EXPECT_EQ(uses, 2);
}

TEST(SharedCounts, ForgetsWindowsThatEnded) {
    SharedCounts counts;
    counts.take(ask_for({}));
    const std::size_t shard = SharedCounts::shard_of(1);
    EXPECT_EQ(counts.take_additions(shard, kNow + seconds{120}).size(), 0U);
}

TEST(SharedCounts, HoldsABoundedNumberOfPlaces) {
    SharedCounts counts;
    for (std::uint64_t subject = 0; subject < 50'000; ++subject) {
        counts.take(ask_for({.subject = subject}));
    }
    std::size_t held = 0;
    for (std::size_t shard = 0; shard < SharedCounts::kShards; ++shard) {
        held += counts.take_additions(shard, kNow).size();
    }
    EXPECT_LE(held, SharedCounts::kShards * SharedCounts::kPlacesMaxPerShard);
}

}  // namespace
}  // namespace postern::cluster
