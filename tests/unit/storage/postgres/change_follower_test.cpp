#include "storage/change_follower.hpp"

#include "storage/change_repository.hpp"
#include "tests/unit/storage/postgres_store.hpp"

namespace postern::storage {
namespace {

class ListeningFollower final : public ChangeFollower {
 public:
    Result<void, StoreError> follow(std::int64_t number) override {
        told.push_back(number);
        if (failures == 0) return {};
        --failures;
        return StoreError::busy;
    }
    std::vector<std::int64_t> told;
    int failures = 0;
};

// Keeps how much its follower had been told when it ran.
class LookingStep final : public IngestStep {
 public:
    explicit LookingStep(const ListeningFollower& follower) : follower_{follower} {}
    Result<void, StoreError> run(Transaction&, std::span<IngestItem* const>) override {
        told = follower_.told;
        return {};
    }
    void committed(std::span<const IngestItem* const>) noexcept override {}
    std::vector<std::int64_t> told;

 private:
    const ListeningFollower& follower_;
};

class ChangeFollowerTest : public PostgresStoreTest {
 protected:
    void SetUp() override {
        PostgresStoreTest::SetUp();
        if (IsSkipped()) return;
        tell_of_changes(*database_, follower_);
        writer_.emplace(*database_, clock_, WriterOptions{.ingest_steps = steps_});
    }
    // As another process does it, whose transaction is over.
    void change() const {
        static_cast<void>(
            ask("INSERT INTO changes SELECT coalesce(max(number), 0) + 1, 1, 1, 0 FROM changes")
        );
    }
    UnitResult run(TestUnit& unit) {
        EXPECT_EQ(writer_->submit(unit), Submitted::queued);
        return unit.wait();
    }
    UnitResult receive(std::string_view event) {
        TestIngest webhook{request_with({payment_event(event)}, "{}")};
        EXPECT_EQ(writer_->submit(webhook), Submitted::queued);
        return webhook.wait();
    }

    ListeningFollower follower_;
    LookingStep step_{follower_};
    IngestStep* const steps_[1] = {&step_};
    std::optional<Writer> writer_;
};

TEST_F(ChangeFollowerTest, HearsOfAChangeBeforeTheFirstStepOfTheNextWebhook) {
    EXPECT_TRUE(receive("evt_1").has_value());
    EXPECT_EQ(step_.told, (std::vector<std::int64_t>{0}));
    change();
    change();
    EXPECT_TRUE(receive("evt_2").has_value());
    EXPECT_EQ(step_.told, (std::vector<std::int64_t>{0, 2}));
}

TEST_F(ChangeFollowerTest, HearsOfAChangeBeforeAUnitThatTakesItsTurn) {
    change();
    std::vector<std::int64_t> told;
    TestUnit unit{[this, &told](Transaction&) -> Result<void, StoreError> {
        told = follower_.told;
        return {};
    }};
    EXPECT_TRUE(run(unit).has_value());
    EXPECT_EQ(told, (std::vector<std::int64_t>{1}));
}

TEST_F(ChangeFollowerTest, IsLeftAloneByWhatGoesByNothingInMemory) {
    TestUnit unit{[](Transaction&) { return Result<void, StoreError>{}; }, WorkLane::hot};
    EXPECT_TRUE(run(unit).has_value());
    EXPECT_TRUE(follower_.told.empty());
}

TEST_F(ChangeFollowerTest, HasABatchBegunAgainThatItCouldNotFollow) {
    change();
    follower_.failures = 2;
    EXPECT_TRUE(receive("evt_1").has_value());
    EXPECT_EQ(step_.told, (std::vector<std::int64_t>{1, 1, 1}));
    EXPECT_EQ(count_rows(database_->writer(), "inbox"), 1);
}

TEST_F(ChangeFollowerTest, IsNotToldOfAChangeThatIsNotCommittedYet) {
    TestUnit changing{[](Transaction& transaction) -> Result<void, StoreError> {
        const auto noted = note_change(transaction, {ChangeKind::endpoint, 1});
        return noted ? Result<void, StoreError>{StoreError::constraint} : noted;
    }};
    EXPECT_FALSE(run(changing).has_value());
    EXPECT_TRUE(receive("evt_1").has_value());
    for (const std::int64_t number : follower_.told) EXPECT_EQ(number, 0);
}

}  // namespace
}  // namespace postern::storage
