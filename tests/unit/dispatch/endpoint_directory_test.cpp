#include "dispatch/endpoint_directory.hpp"

#include <gtest/gtest.h>

namespace postern::dispatch {
namespace {

using Owner = EndpointDirectory::Owner;

std::shared_ptr<const Endpoint> endpoint_of(std::int64_t id, std::int64_t revision = 1) {
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->id = {id};
    endpoint->account = {7};
    endpoint->revision = revision;
    return endpoint;
}

constexpr Owner kOwner{.account = {7}, .livemode = storage::Livemode::test};

TEST(EndpointDirectory, GroupsByAccountAndMode) {
    EndpointDirectory directory;
    directory.put(endpoint_of(3));
    directory.put(endpoint_of(1));
    auto live = std::make_shared<Endpoint>(*endpoint_of(2));
    live->livemode = storage::Livemode::live;
    directory.put(live);
    const auto group = directory.of(kOwner);
    ASSERT_EQ(group->size(), 2U);
    EXPECT_EQ((*group)[0]->id, EndpointId{1});
    EXPECT_EQ((*group)[1]->id, EndpointId{3});
    EXPECT_EQ(directory.of({{7}, storage::Livemode::live})->size(), 1U);
    EXPECT_TRUE(directory.of({{8}, storage::Livemode::test})->empty());
    EXPECT_EQ(directory.all().size(), 3U);
    EXPECT_EQ(directory.find({2}), live);
    EXPECT_EQ(directory.find({4}), nullptr);
}

TEST(EndpointDirectory, LeavesAGroupThatWasTakenAsItIs) {
    EndpointDirectory directory;
    directory.put(endpoint_of(1));
    const auto taken = directory.of(kOwner);
    directory.put(endpoint_of(2));
    directory.remove({1});
    EXPECT_EQ(taken->size(), 1U);
    ASSERT_EQ(directory.of(kOwner)->size(), 1U);
    EXPECT_EQ(directory.of(kOwner)->front()->id, EndpointId{2});
    directory.remove({2});
    EXPECT_TRUE(directory.of(kOwner)->empty());
}

TEST(EndpointDirectory, IgnoresWhatCameTooLate) {
    EndpointDirectory directory;
    directory.put(endpoint_of(1, 5));
    directory.put(endpoint_of(1, 4));
    EXPECT_EQ(directory.find({1})->revision, 5);
    directory.put(endpoint_of(1, 6));
    EXPECT_EQ(directory.find({1})->revision, 6);
    EXPECT_EQ(directory.of(kOwner)->front()->revision, 6);
    directory.remove({1});
    directory.put(endpoint_of(1, 7));
    EXPECT_EQ(directory.find({1}), nullptr);
}

TEST(EndpointDirectory, TellsItsListenerOfEveryChangeThatCounts) {
    EndpointDirectory directory;
    std::vector<std::string> heard;
    directory.listen([&heard, &directory](EndpointId id, const auto& endpoint) {
        EXPECT_EQ(directory.find(id), endpoint);
        heard.push_back(
            std::to_string(id.value) + (endpoint ? " r" + std::to_string(endpoint->revision) : "")
        );
    });
    directory.put(endpoint_of(1, 2));
    directory.put(endpoint_of(1, 1));
    directory.put(endpoint_of(1, 3));
    directory.remove({1});
    directory.remove({1});
    EXPECT_EQ(heard, (std::vector<std::string>{"1 r2", "1 r3", "1"}));
}

}  // namespace
}  // namespace postern::dispatch
