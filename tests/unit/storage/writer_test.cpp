#include "storage/writer.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <deque>
#include <thread>

namespace postern::storage {
namespace {

TestUnit::Work insert_named(std::string name) {
    return [name = std::move(name)](Transaction& transaction) -> Result<void, StoreError> {
        const auto inserted = insert_account(transaction, name);
        if (!inserted) return inserted.error();
        return {};
    };
}

// Writes something first, so that a test sees that it is undone.
TestUnit::Work insert_then_fail(StoreError error) {
    return [error](Transaction& transaction) -> Result<void, StoreError> {
        const auto inserted = insert_account(transaction, "never");
        if (!inserted) return inserted.error();
        return error;
    };
}

class WriterTest : public StoreTest {
 protected:
    Writer& start(WriterOptions options = {}) {
        writer_ = std::make_unique<Writer>(*database_, clock_, std::move(options));
        return *writer_;
    }
    std::int64_t rows(const std::string& table) {
        auto reader = database_->open_reader();
        return count_rows(**reader, table);
    }
    std::int64_t made_accounts() { return rows("accounts WHERE name <> 'default'"); }
    void TearDown() override { writer_.reset(); }

    std::unique_ptr<Writer> writer_;
};

TEST_P(WriterTest, CommitsWhatManyThreadsSubmit) {
    constexpr std::size_t kThreads = 8;
    constexpr std::size_t kUnitsEach = 50;
    Writer& writer = start();
    std::vector<std::jthread> threads;
    std::atomic<int> committed = 0;
    for (std::size_t i = 0; i < kThreads; ++i) {
        threads.emplace_back([&writer, &committed] {
            for (std::size_t n = 0; n < kUnitsEach; ++n) {
                TestUnit unit{insert_named("account")};
                if (writer.submit(unit) != Submitted::queued) continue;
                committed += unit.wait().has_value() ? 1 : 0;
            }
        });
    }
    for (std::jthread& thread : threads) thread.join();
    EXPECT_EQ(committed, kThreads * kUnitsEach);
    EXPECT_EQ(made_accounts(), kThreads * kUnitsEach);
    EXPECT_LE(writer.status().commits, kThreads * kUnitsEach);
}

TEST_P(WriterTest, CommitsEverythingThatWaitsAtOnce) {
    Writer& writer = start();
    std::deque<TestUnit> units;
    {
        Gate gate{writer};
        for (int i = 0; i < 20; ++i) {
            ASSERT_EQ(writer.submit(units.emplace_back(insert_named("one"))), Submitted::queued);
        }
        EXPECT_EQ(writer.status().queue_units, 21U);
        gate.open();
    }
    for (TestUnit& unit : units) EXPECT_TRUE(unit.wait().has_value());
    EXPECT_EQ(writer.status().commits, 2U);
    EXPECT_EQ(writer.status().queue_units, 0U);
}

TEST_P(WriterTest, KeepsAFailingUnitFromItsNeighbours) {
    for (const StoreError error : {StoreError::constraint, StoreError::failed, StoreError::busy}) {
        SCOPED_TRACE(to_text(error));
        Writer& writer = start();
        const std::int64_t before = made_accounts();
        TestUnit first{insert_named("first")};
        TestUnit bad{insert_then_fail(error)};
        TestUnit last{insert_named("last")};
        {
            Gate gate{writer};
            for (TestUnit* unit : {&first, &bad, &last}) {
                ASSERT_EQ(writer.submit(*unit), Submitted::queued);
            }
            gate.open();
        }
        EXPECT_TRUE(first.wait().has_value());
        EXPECT_EQ(bad.wait().error(), error);
        EXPECT_TRUE(last.wait().has_value());
        const int together = error == StoreError::busy ? 1 + BatchLimits{}.busy_retries_max : 1;
        EXPECT_GE(first.runs, together + 1) << "together, then apart";
        EXPECT_EQ(made_accounts(), before + 2);
        writer_.reset();
    }
}

TEST_P(WriterTest, TreatsAThrowAsThatUnitsFailure) {
    Writer& writer = start();
    TestUnit bad{[](Transaction&) -> Result<void, StoreError> {
        throw std::bad_alloc{};
    }};
    TestUnit good{insert_named("good")};
    {
        Gate gate{writer};
        ASSERT_EQ(writer.submit(bad), Submitted::queued);
        ASSERT_EQ(writer.submit(good), Submitted::queued);
        gate.open();
    }
    EXPECT_EQ(bad.wait().error(), StoreError::failed);
    EXPECT_TRUE(good.wait().has_value());
}

TEST_P(WriterTest, GivesIdsThatGrowInTheOrderOfCommits) {
    Writer& writer = start();
    std::int64_t last = 0;
    for (int i = 0; i < 50; ++i) {
        std::int64_t id = 0;
        TestUnit unit{[&id](Transaction& transaction) -> Result<void, StoreError> {
            const auto account = insert_account(transaction, "x");
            if (!account) return account.error();
            id = account->value;
            return {};
        }};
        ASSERT_EQ(writer.submit(unit), Submitted::queued);
        ASSERT_TRUE(unit.wait().has_value());
        EXPECT_GT(id, last);
        last = id;
    }
    writer_.reset();
    reopen();
    EXPECT_GT(database_->ids().next(clock_.now()), last);
}

TEST_P(WriterTest, RefusesMoreThanItsBounds) {
    WriterOptions options;
    options.limits.queue_units_max = 4;
    Writer& writer = start(std::move(options));
    std::deque<TestUnit> units;
    {
        Gate gate{writer, WorkLane::hot};
        // Beside the one at the gate. Where there are other lanes, they keep their parts.
        const int more = database_->hot_writer() == nullptr ? 3 : 1;
        for (int i = 0; i < more; ++i) {
            TestUnit& unit = units.emplace_back(insert_named("x"), WorkLane::hot);
            EXPECT_EQ(writer.submit(unit), Submitted::queued);
        }
        TestUnit refused{insert_named("x"), WorkLane::hot};
        EXPECT_EQ(writer.submit(refused), Submitted::overloaded);
        gate.open();
    }
    for (TestUnit& unit : units) EXPECT_TRUE(unit.wait().has_value());
}

TEST_P(WriterTest, RefusesMoreBytesThanItsBound) {
    WriterOptions options;
    options.limits.queue_bytes_max = 2 * WorkUnit::kPlainWeightBytes;
    Writer& writer = start(std::move(options));
    const std::string body(4'096, 'b');
    TestIngest heavy{request_with({payment_event("evt_1")}, body)};
    EXPECT_EQ(writer.submit(heavy), Submitted::overloaded);
    EXPECT_EQ(writer.status().queue_bytes, 0U);
}

TEST_P(WriterTest, FinishesWhatWasQueuedBeforeItStops) {
    WriterOptions options;
    options.limits.batch_units_max = 3;
    Writer& writer = start(std::move(options));
    std::deque<TestUnit> units;
    std::jthread stopper;
    {
        Gate gate{writer};
        for (int i = 0; i < 10; ++i) {
            ASSERT_EQ(writer.submit(units.emplace_back(insert_named("x"))), Submitted::queued);
        }
        stopper = std::jthread{[&writer] {
            writer.stop();
        }};
        gate.open();
    }
    stopper.join();
    for (TestUnit& unit : units) EXPECT_TRUE(unit.wait().has_value());
    TestUnit late{insert_named("late")};
    EXPECT_EQ(writer.submit(late), Submitted::closed);
    EXPECT_EQ(made_accounts(), 10);
}

TEST_P(WriterTest, AnswersPoisonedToAllWhoWaitAndAllWhoCome) {
    if (GetParam().disk == Disk::of_a_server) GTEST_SKIP() << "it ends itself when its disk fails";
    Writer& writer = start();
    TestUnit first{insert_named("x")};
    TestUnit second{insert_named("x")};
    {
        Gate gate{writer};
        ASSERT_EQ(writer.submit(first), Submitted::queued);
        ASSERT_EQ(writer.submit(second), Submitted::queued);
        database_->poison().set("test");
        gate.open();
    }
    EXPECT_EQ(first.wait().error(), StoreError::poisoned);
    EXPECT_EQ(second.wait().error(), StoreError::poisoned);
    EXPECT_EQ(first.runs, 0);
    TestUnit late{insert_named("x")};
    EXPECT_EQ(writer.submit(late), Submitted::poisoned);
    writer_.reset();
    reopen();
    EXPECT_EQ(made_accounts(), 0);
}

TEST_P(WriterTest, DedupesTwoEqualRequestsOfOneBatch) {
    Writer& writer = start();
    TestIngest first{request_with({payment_event("evt_1")}, "{}")};
    TestIngest second{request_with({payment_event("evt_1")}, "{}")};
    {
        Gate gate{writer, WorkLane::hot};
        ASSERT_EQ(writer.submit(first), Submitted::queued);
        ASSERT_EQ(writer.submit(second), Submitted::queued);
        gate.open();
    }
    EXPECT_TRUE(first.wait().has_value());
    EXPECT_TRUE(second.wait().has_value());
    EXPECT_EQ(first.outcome().kind, IngestKind::stored);
    EXPECT_EQ(second.outcome().kind, IngestKind::duplicate);
    EXPECT_EQ(second.outcome().inbox, first.outcome().inbox);
    EXPECT_EQ(rows("inbox"), 1);
}

// Makes an account for each webhook, which it names in a delivery; refuses those of gateway 2.
class AccountStep final : public IngestStep {
 public:
    Result<void, StoreError> run(Transaction& transaction, std::span<IngestItem* const> items)
        override {
        for (IngestItem* item : items) {
            const auto done = run_one(transaction, *item);
            if (!done) return done.error();
        }
        return {};
    }
    Result<void, StoreError> run_one(Transaction& transaction, IngestItem& item) {
        runs += 1;
        EXPECT_TRUE(item.outcome.deliveries.empty()) << "each run starts from nothing";
        const auto inserted = insert_account(transaction, "made by a step");
        if (!inserted) return inserted.error();
        if (item.request.gateway.value == 2) return StoreError::constraint;
        item.outcome.deliveries.push_back({.id = DeliveryId{inserted->value}});
        return {};
    }
    void committed(std::span<const IngestItem* const> items) noexcept override {
        told.emplace_back(items.begin(), items.end());
    }

    int runs = 0;
    std::vector<std::vector<const IngestItem*>> told;  // for each call, what it was told
};

// Does its step know of the commit when the answer is given?
class ListeningIngest final : public IngestUnit {
 public:
    ListeningIngest(IngestRequest request, const AccountStep& step)
        : IngestUnit{std::move(request)}, step_{step} {}
    void done(UnitResult) noexcept override { told_before_.set_value(step_.told.size()); }
    std::size_t wait() { return told_before_.get_future().get(); }

 private:
    const AccountStep& step_;
    std::promise<std::size_t> told_before_;
};

IngestRequest request_of_gateway(std::int64_t gateway, std::string_view gateway_event_id) {
    auto request = request_with({payment_event(gateway_event_id)}, "{}");
    request.gateway = GatewayNumber{gateway};
    return request;
}

TEST_P(WriterTest, RunsItsStepsInTheTransactionOfTheWebhook) {
    AccountStep step;
    IngestStep* const steps[] = {&step};
    Writer& writer = start({.ingest_steps = steps});
    TestIngest good{request_of_gateway(1, "evt_1")};
    TestIngest refused{request_of_gateway(2, "evt_1")};
    {
        Gate gate{writer, WorkLane::hot};
        ASSERT_EQ(writer.submit(good), Submitted::queued);
        ASSERT_EQ(writer.submit(refused), Submitted::queued);
        gate.open();
    }
    EXPECT_TRUE(good.wait().has_value());
    EXPECT_EQ(refused.wait().error(), StoreError::constraint);
    EXPECT_EQ(rows("inbox"), 1);
    TestIngest again{request_of_gateway(2, "evt_1")};
    ASSERT_EQ(writer.submit(again), Submitted::queued);
    EXPECT_EQ(again.wait().error(), StoreError::constraint) << "not a duplicate: it never was";
    EXPECT_EQ(made_accounts(), 1);
}

TEST_P(WriterTest, TellsItsStepsOnceOfEachBatchAndOnlyWhatWasStored) {
    AccountStep step;
    IngestStep* const steps[] = {&step};
    Writer& writer = start({.ingest_steps = steps});
    TestIngest first{request_of_gateway(1, "evt_1")};
    TestIngest duplicate{request_of_gateway(1, "evt_1")};
    TestIngest refused{request_of_gateway(2, "evt_2")};
    TestIngest last{request_of_gateway(1, "evt_3")};
    TestUnit plain{insert_named("plain")};
    {
        Gate gate{writer, WorkLane::hot};
        for (TestIngest* unit : {&first, &duplicate, &refused, &last}) {
            ASSERT_EQ(writer.submit(*unit), Submitted::queued);
        }
        ASSERT_EQ(writer.submit(plain), Submitted::queued);
        gate.open();
    }
    EXPECT_TRUE(plain.wait().has_value());
    EXPECT_TRUE(last.wait().has_value());
    EXPECT_EQ(refused.wait().error(), StoreError::constraint);
    EXPECT_EQ(duplicate.outcome().kind, IngestKind::duplicate);
    writer.stop();
    ASSERT_EQ(step.told.size(), 1U) << "a batch that ran twice is committed once";
    ASSERT_EQ(step.told[0].size(), 2U);
    EXPECT_EQ(&step.told[0][0]->outcome, &first.outcome());
    EXPECT_EQ(&step.told[0][1]->outcome, &last.outcome());
    EXPECT_GT(step.runs, 3) << "it ran together, then apart";
    EXPECT_EQ(last.outcome().deliveries.size(), 1U);
}

TEST_P(WriterTest, TellsItsStepsBeforeTheAnswerGoesOut) {
    AccountStep step;
    IngestStep* const steps[] = {&step};
    Writer& writer = start({.ingest_steps = steps});
    ListeningIngest unit{request_of_gateway(1, "evt_1"), step};
    ASSERT_EQ(writer.submit(unit), Submitted::queued);
    EXPECT_EQ(unit.wait(), 1U);
}

TEST_P(WriterTest, TellsItsStepsNothingOfABatchThatFailed) {
    AccountStep step;
    IngestStep* const steps[] = {&step};
    Writer& writer = start({.ingest_steps = steps});
    TestIngest refused{request_of_gateway(2, "evt_1")};
    ASSERT_EQ(writer.submit(refused), Submitted::queued);
    EXPECT_EQ(refused.wait().error(), StoreError::constraint);
    writer.stop();
    EXPECT_TRUE(step.told.empty());
}

TEST_P(WriterTest, CountsWhatItDoes) {
    MetricRegistry registry;
    WriterOptions options;
    options.metrics = make_writer_metrics(registry);
    Writer& writer = start(std::move(options));
    TestUnit bad{insert_then_fail(StoreError::constraint)};
    ASSERT_EQ(writer.submit(bad), Submitted::queued);
    EXPECT_EQ(bad.wait().error(), StoreError::constraint);
    const std::string text = registry.render();
    EXPECT_NE(text.find("postern_store_units_failed_total 1"), std::string::npos) << text;
    EXPECT_NE(text.find("postern_store_batches_isolated_total 1"), std::string::npos) << text;
}

INSTANTIATE_TEST_SUITE_P(EveryDriver, WriterTest, ::testing::ValuesIn(all_drivers()), driver_name);

}  // namespace
}  // namespace postern::storage
