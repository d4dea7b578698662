#include "cluster/change_feed.hpp"

#include "storage/api_key_repository.hpp"
#include "storage/endpoint_repository.hpp"
#include "tests/unit/cluster/cluster_fixture.hpp"

#include <future>
#include <optional>

namespace postern::cluster {
namespace {

using storage::ChangeKind;
using storage::ChangeRow;
using storage::StoreError;
using storage::Transaction;

class ChangeFeedTest : public ClusterTest {
 protected:
    void SetUp() override {
        ClusterTest::SetUp();
        if (IsSkipped()) return;
        node_ = make_node("one");
        side_ = node_->open_side();
    }

    void note(std::int64_t subject) {
        const auto work = [subject](Transaction& transaction) {
            return storage::note_change(transaction, {ChangeKind::endpoint, subject});
        };
        EXPECT_TRUE(storage::in_transaction(*node_->database, work, clock_.at).has_value());
    }

    std::unique_ptr<TestNode> node_;
    std::unique_ptr<storage::WriteConnection> side_;
    std::vector<std::int64_t> told_;
    int missed_ = 0;
    Result<void, StoreError> answer_;
    ChangeFeed feed_{
        {.changed =
             [this](storage::Connection&, const std::vector<ChangeRow>& rows) {
                 for (const ChangeRow& row : rows) told_.push_back(row.subject);
                 return answer_;
             },
         .missed =
             [this](storage::Connection&) {
                 ++missed_;
                 return answer_;
             }}};
};

TEST_F(ChangeFeedTest, TellsWhatChangedSinceItBeganAndEachOnce) {
    note(1);
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    note(2);
    note(3);
    ASSERT_TRUE(feed_.look(*side_).has_value());
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(told_, (std::vector<std::int64_t>{2, 3}));
    EXPECT_EQ(missed_, 0);
}

TEST_F(ChangeFeedTest, KnowsHowFarItHasTold) {
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    EXPECT_TRUE(feed_.has_told(0));
    note(1);
    EXPECT_FALSE(feed_.has_told(1));
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_TRUE(feed_.has_told(1));
    EXPECT_FALSE(feed_.has_told(2));
}

TEST_F(ChangeFeedTest, TellsAgainWhatCouldNotBeReadAgain) {
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    note(2);
    answer_ = StoreError::unavailable;
    EXPECT_TRUE(storage::fails_with(feed_.look(*side_), StoreError::unavailable));
    answer_ = {};
    EXPECT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(told_, (std::vector<std::int64_t>{2, 2}));
}

TEST_F(ChangeFeedTest, ReadsEverythingWhenItSleptForTooLong) {
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    note(2);
    note(3);
    const TimePoint later = clock_.at + ChangeFeed::kKept + std::chrono::seconds{1};
    ASSERT_TRUE(ChangeFeed::forget_old(*side_, later).has_value());
    note(4);
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(missed_, 1);
    EXPECT_TRUE(told_.empty());
    note(5);
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(told_, (std::vector<std::int64_t>{5}));
}

// As a standby that was promoted without the last commits, and went on from there.
TEST_F(ChangeFeedTest, ReadsEverythingWhenTheStoreNeverHadWhatItSaw) {
    note(1);
    note(2);
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    const auto lose = [this] {
        ASSERT_TRUE(side_->execute_script("DELETE FROM changes WHERE number = 2").has_value());
    };
    lose();
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(missed_, 1);
    note(3);  // is number 2 now
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(told_, (std::vector<std::int64_t>{3}));
    lose();
    note(4);  // and so is this
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(missed_, 2);
    EXPECT_FALSE(feed_.has_told(3));
}

TEST_F(ChangeFeedTest, WhoeverLooksDoesNotWaitForAnotherWhoStandsStill) {
    const auto other_side = node_->open_side();
    std::optional<ChangeFeed> feed;
    Result<void, StoreError> other;
    const auto changed = [&](storage::Connection&, const std::vector<ChangeRow>&) {
        auto look = std::async(std::launch::async, [&] { return feed->look(*other_side); });
        other = look.get();
        return Result<void, StoreError>{};
    };
    feed.emplace(ChangeFeed::Listener{.changed = changed}, std::chrono::milliseconds{1});
    ASSERT_TRUE(feed->begin(*side_).has_value());
    note(1);
    EXPECT_TRUE(feed->look(*side_).has_value());
    EXPECT_TRUE(storage::fails_with(other, StoreError::busy));
}

TEST_F(ChangeFeedTest, NumbersGoOnWhenAllIsOld) {
    note(1);
    ASSERT_TRUE(ChangeFeed::forget_old(*side_, clock_.at + std::chrono::hours{24}).has_value());
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    note(2);
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(told_, (std::vector<std::int64_t>{2}));
}

TEST_F(ChangeFeedTest, RepositoriesNoteWhatOthersHoldInMemory) {
    ASSERT_TRUE(feed_.begin(*side_).has_value());
    EndpointId endpoint;
    ApiKeyId key;
    const auto work = [&endpoint, &key](Transaction& transaction) -> Result<void, StoreError> {
        storage::EndpointRow row;
        row.url = "https://example.com";
        row.account = AccountId{1};
        auto made = storage::insert_endpoint(transaction, row);
        if (!made) return made.error();
        endpoint = *made;
        row.id = *made;
        if (const auto changed = storage::update_endpoint(transaction, row); !changed) {
            return changed.error();
        }
        auto inserted = storage::insert_api_key(
            transaction, {.account = AccountId{1}, .key_hash = "hash", .hint = "sk_test_"}
        );
        if (!inserted) return inserted.error();
        key = *inserted;
        if (const auto gone = storage::revoke_api_key(transaction, key); !gone) {
            return gone.error();
        }
        return {};
    };
    ASSERT_TRUE(storage::in_transaction(*node_->database, work, clock_.at).has_value());
    ASSERT_TRUE(feed_.look(*side_).has_value());
    EXPECT_EQ(told_, (std::vector<std::int64_t>{endpoint.value, endpoint.value, key.value}));
}

TEST(ChangeRepository, NotesNothingWhereNobodyElseIs) {
    storage::TemporaryDirectory directory;
    const storage::FixedClock clock;
    auto opened = storage::open_sqlite({.directory = directory.path() / "store"}, clock);
    ASSERT_TRUE(opened.has_value());
    const auto work = [](Transaction& transaction) {
        return storage::note_change(transaction, {ChangeKind::api_key, 1});
    };
    ASSERT_TRUE(storage::in_transaction(**opened, work).has_value());
    EXPECT_EQ(storage::count_rows((*opened)->writer(), "changes"), 0);
}

}  // namespace
}  // namespace postern::cluster
