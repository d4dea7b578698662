#include "storage/sqlite/dedupe_index.hpp"

#include "core/crypto.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <map>
#include <optional>

namespace postern::storage {
namespace {

constexpr std::size_t kRecentMax = 8;

class DedupeIndexTest : public ::testing::Test {
 protected:
    void SetUp() override { reopen(); }
    void reopen() {
        database_.reset();
        SqliteOptions options{.directory = directory_.path() / "store"};
        options.limits.reserve_bytes = 0;
        options.limits.dedupe_recent_max = kRecentMax;
        auto opened = open_sqlite(std::move(options), clock_);
        ASSERT_TRUE(opened.has_value()) << opened.error().message;
        database_ = std::move(*opened);
    }
    enum class Fate { commit, undo };
    // Each in a transaction of its own, of one webhook.
    IngestOutcome ingest(const std::string& event_id, Fate fate = Fate::commit) {
        const std::string body = "body of " + event_id;
        IngestItem item{request_with({payment_event(event_id)}, body), {}};
        const auto done =
            in_transaction(*database_, [&](Transaction& transaction) -> Result<void, StoreError> {
                IngestItem* items[] = {&item};
                const auto ingested = transaction.connection().ingest(transaction, items);
                if (!ingested) return ingested;
                if (fate == Fate::undo) return StoreError::failed;
                return {};
            });
        EXPECT_EQ(done.has_value(), fate == Fate::commit);
        return item.outcome;
    }
    std::int64_t rows(const std::string& table) { return count_rows(database_->writer(), table); }

    TemporaryDirectory directory_;
    FixedClock clock_;
    std::unique_ptr<Database> database_;
};

std::string event_number(int i) {
    return "evt_" + std::to_string(i);
}

TEST_F(DedupeIndexTest, KnowsEverythingAtEveryMomentOfAMove) {
    constexpr int kEvents = 120;
    std::map<int, InboxId> stored;
    for (int i = 0; i < kEvents; ++i) {
        const auto outcome = ingest(event_number(i));
        ASSERT_EQ(outcome.kind, IngestKind::stored) << i;
        stored[i] = outcome.inbox;
        if (i % 10 != 9) continue;
        for (const auto& [number, inbox] : stored) {
            const auto again = ingest(event_number(number));
            ASSERT_EQ(again.kind, IngestKind::duplicate) << number << " after " << i;
            ASSERT_EQ(again.inbox, inbox);
        }
    }
    EXPECT_EQ(rows("inbox"), kEvents);
    EXPECT_GT(rows("dedupe"), kEvents / 2) << "most have moved";
    EXPECT_LT(rows("dedupe_recent"), 4 * static_cast<std::int64_t>(kRecentMax));
}

TEST_F(DedupeIndexTest, KnowsEverythingAfterAnEndAtAnyMoment) {
    constexpr int kEvents = 60;
    for (int i = 0; i < kEvents; ++i) {
        ASSERT_EQ(ingest(event_number(i)).kind, IngestKind::stored) << i;
        reopen();
        for (int number = 0; number <= i; ++number) {
            ASSERT_EQ(ingest(event_number(number)).kind, IngestKind::duplicate) << number;
        }
    }
    EXPECT_EQ(rows("inbox"), kEvents);
}

TEST_F(DedupeIndexTest, ForgetsWhatWasUndoneAtAnyMoment) {
    constexpr int kEvents = 60;
    for (int i = 0; i < kEvents; ++i) {
        ASSERT_EQ(ingest(event_number(i), Fate::undo).kind, IngestKind::stored) << i;
        ASSERT_EQ(ingest(event_number(i), Fate::undo).kind, IngestKind::stored) << i;
        ASSERT_EQ(ingest(event_number(i)).kind, IngestKind::stored) << i;
        ASSERT_EQ(ingest(event_number(i), Fate::undo).kind, IngestKind::duplicate) << i;
    }
    EXPECT_EQ(rows("inbox"), kEvents);
}

TEST_F(DedupeIndexTest, ForgetsWhatASavepointUndid) {
    const std::string body = "{}";
    IngestItem kept{request_with({payment_event("kept")}, body), {}};
    IngestItem undone{request_with({payment_event("undone")}, body), {}};
    ASSERT_TRUE(in_transaction(*database_, [&](Transaction& transaction) {
                    WriteConnection& connection = transaction.connection();
                    IngestItem* kept_items[] = {&kept};
                    IngestItem* undone_items[] = {&undone};
                    EXPECT_TRUE(connection.begin_savepoint().has_value());
                    EXPECT_TRUE(connection.ingest(transaction, kept_items).has_value());
                    EXPECT_TRUE(connection.release_savepoint().has_value());
                    EXPECT_TRUE(connection.begin_savepoint().has_value());
                    EXPECT_TRUE(connection.ingest(transaction, undone_items).has_value());
                    return connection.rollback_savepoint();
                }).has_value());
    EXPECT_EQ(rows("inbox"), 1);
    EXPECT_EQ(rows("dedupe_recent"), 1);
    EXPECT_EQ(ingest("undone").kind, IngestKind::stored);
    EXPECT_NE(ingest("kept").kind, IngestKind::stored);
}

// The place is taken by another thing, in the tree or in memory; the entry goes to the next place
// and is found there, now and after everything has moved.
TEST_F(DedupeIndexTest, ProbesOnWhenAnotherThingHoldsThePlace) {
    for (const std::string table : {"dedupe", "dedupe_recent"}) {
        SCOPED_TRACE(table);
        const std::string id = "in " + table;
        const auto request = request_with({payment_event(id)}, "body of " + id);
        const DedupeKey wanted = dedupe_key(database_->keys().dedupe, request, 0);
        const std::string foreign =
            std::to_string(wanted.key) + ", " + std::to_string(wanted.check ^ 1) + ", 77)";
        const std::string insert =
            table == "dedupe"
                ? "INSERT INTO dedupe (key, check_hash, inbox_id) VALUES (" + foreign
                : "INSERT INTO dedupe_recent (id, key, check_hash, inbox_id) VALUES (5, " + foreign;
        ASSERT_TRUE(database_->writer().execute_script(insert).has_value());
        reopen();
        EXPECT_EQ(ingest(id).kind, IngestKind::stored);
        EXPECT_EQ(ingest(id).kind, IngestKind::duplicate);
        reopen();
        EXPECT_EQ(ingest(id).kind, IngestKind::duplicate);
        for (int i = 0; i < 40; ++i) ingest(table + event_number(i));
        EXPECT_EQ(ingest(id).kind, IngestKind::duplicate);
        const auto next = std::to_string(next_dedupe_place(wanted.key));
        EXPECT_EQ(rows("dedupe WHERE key = " + next), 1);
    }
}

}  // namespace
}  // namespace postern::storage
