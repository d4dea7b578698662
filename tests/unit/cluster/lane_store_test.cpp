#include "cluster/lane_store.hpp"

#include "tests/unit/storage/database_fake.hpp"

#include <gtest/gtest.h>

#include <future>

namespace postern::cluster {
namespace {

using storage::StoreError;

class LaneStoreTest : public ::testing::Test {
 protected:
    LaneStoreTest() { runtime_.start(); }
    ~LaneStoreTest() override { runtime_.stop(); }

    LaneStore::Outcome run(LaneStore::Outcome answer) {
        std::promise<LaneStore::Outcome> told;
        store_.submit(
            [answer](storage::Connection&) { return answer; },
            [&told](LaneStore::Outcome outcome) { told.set_value(outcome); }
        );
        return told.get_future().get();
    }

    net::Runtime runtime_{1};
    int opened_ = 0;
    LaneStore store_{runtime_.thread(0), [this]() -> LaneStore::Opened {
                         if (++opened_ == 1) return StoreError::unavailable;
                         return std::unique_ptr<storage::Connection>{
                             std::make_unique<storage::WriteConnectionFake>()};
                     }};
};

TEST_F(LaneStoreTest, OpensItsConnectionAnewOnlyUntilItHasOne) {
    EXPECT_TRUE(run({}).has_error()) << "the store is away";
    EXPECT_TRUE(run({}).has_value());
    EXPECT_EQ(run(StoreError::unavailable).error(), StoreError::unavailable);
    EXPECT_TRUE(run({}).has_value());
    EXPECT_EQ(opened_, 2) << "a connection that broke connects again by itself";
}

}  // namespace
}  // namespace postern::cluster
