#include "cluster/lane_shards.hpp"

#include <gtest/gtest.h>

#include <array>

namespace postern::cluster {
namespace {

TEST(LaneShards, KeepsAShardsKeysTogetherInACluster) {
    const std::vector<std::string> expected{
        "{shop:3}:alive", "{shop:3}:due", "{shop:3}:leased", "{shop:3}:lanes", "{shop:3}:asked"};
    EXPECT_EQ(lane_keys("shop", {3}), expected);
}

TEST(LaneShards, SpreadsIdsOfOneMomentOverAllShards) {
    std::array<int, kLaneShards> counts{};
    for (std::int64_t i = 0; i < 16'000; ++i) {
        ++counts.at(shard_of(EndpointId{(std::int64_t{1'700'000'000} << 22) + (i << 6)}).number);
    }
    for (const int count : counts) {
        EXPECT_GT(count, 800);
        EXPECT_LT(count, 1'200);
    }
}

TEST(LaneShards, SharesThePrimariesOutAmongWhoeverLives) {
    const std::vector<std::int64_t> live{5, 8, 9};
    EXPECT_EQ(primary_of({0}, live), 5);
    EXPECT_EQ(primary_of({1}, live), 8);
    EXPECT_EQ(primary_of({15}, live), 5);
    EXPECT_EQ(primary_of({15}, {}), 0);
}

TEST(LaneShards, NamesAChannelForEachNode) {
    EXPECT_EQ(node_channel("shop", 77), "shop:node:77");
    EXPECT_EQ(due_channel("shop"), "shop:due");
    EXPECT_EQ(rebuild_channel("shop"), "shop:rebuild");
}

}  // namespace
}  // namespace postern::cluster
