#include "tests/unit/storage/postgres_store.hpp"

#include <map>
#include <random>
#include <thread>

namespace postern::storage {
namespace {

// What became of each request, by the requests' numbers instead of rows' ids.
struct Told {
    IngestKind kind;
    std::size_t kept_by;  // whose row it is
    std::vector<std::size_t> events_made;
    bool operator==(const Told&) const = default;
};

struct Drawn {
    std::vector<std::string> ids;  // of the events
    std::string body;
    bool is_ours = true;
};

// Few ids and few bodies, so that nearly every request meets one before it.
class RandomPosts {
 public:
    explicit RandomPosts(unsigned seed) : random_{seed} {}

    std::vector<Drawn> draw_batch() {
        std::vector<Drawn> batch(1 + pick(12));
        for (Drawn& drawn : batch) {
            for (std::size_t left = pick(4); left > 0; --left) {
                const std::size_t id = pick(9);
                drawn.ids.push_back(id == 0 ? "" : "evt_" + std::to_string(id));
            }
            drawn.body = "body " + std::to_string(pick(5));
            drawn.is_ours = pick(4) != 0;
        }
        return batch;
    }

 private:
    std::size_t pick(std::size_t count) {
        return std::uniform_int_distribution<std::size_t>{0, count - 1}(random_);
    }
    std::minstd_rand random_;
};

class Receiver {
 public:
    explicit Receiver(Database& database) : database_{database} {}

    std::vector<Told> take(const std::vector<Drawn>& batch) {
        std::vector<IngestItem> items;
        for (const Drawn& drawn : batch) {
            std::vector<IngestEvent> events;
            for (const std::string& id : drawn.ids) {
                events.push_back(payment_event(id));
                if (!drawn.is_ours) events.back().normalised.reset();
            }
            items.push_back({request_with(std::move(events), drawn.body), {}});
        }
        std::vector<IngestItem*> pointers;
        for (IngestItem& item : items) pointers.push_back(&item);
        const auto done = in_transaction(database_, [&pointers](Transaction& transaction) {
            return transaction.connection().ingest(transaction, pointers);
        });
        EXPECT_TRUE(done.has_value());
        std::vector<Told> told;
        for (const IngestItem& item : items) told.push_back(tell(item.outcome));
        return told;
    }

 private:
    Told tell(const IngestOutcome& outcome) {
        const std::size_t number = taken_++;
        if (outcome.kind != IngestKind::duplicate) owners_[outcome.inbox] = number;
        Told told{outcome.kind, owners_.at(outcome.inbox), {}};
        for (std::size_t i = 0; i < outcome.event_ids.size(); ++i) {
            if (outcome.event_ids[i].value != 0) told.events_made.push_back(i);
        }
        if (outcome.kind != IngestKind::stored) told.events_made.clear();
        return told;
    }

    Database& database_;
    std::map<InboxId, std::size_t> owners_;
    std::size_t taken_ = 0;
};

class PgIngest : public PostgresStoreTest {
 protected:
    std::unique_ptr<Database> open_sqlite_beside() {
        auto opened = open_sqlite({.directory = directory_.path() / "sqlite"}, clock_);
        EXPECT_TRUE(opened.has_value());
        return opened ? std::move(*opened) : nullptr;
    }
    Result<void, StoreError> take(IngestItem& item) {
        return in_transaction(*database_, [&item](Transaction& transaction) {
            IngestItem* items[] = {&item};
            return transaction.connection().ingest(transaction, items);
        });
    }
    // The second comes before the first has committed, and is made to wait.
    void take_at_once(IngestItem& first, IngestItem& second) {
        WriteConnection& hot = *database_->hot_writer();
        ASSERT_TRUE(hot.begin().has_value());
        Transaction transaction{{hot, database_->ids(), clock_.now()}};
        IngestItem* items[] = {&first};
        ASSERT_TRUE(hot.ingest(transaction, items).has_value());
        std::jthread other{[this, &second] {
            EXPECT_TRUE(take(second).has_value());
        }};
        wait_until("EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)");
        EXPECT_TRUE(hot.commit().has_value());
    }
};

TEST_F(PgIngest, DecidesAboutABatchWhatALoopOverItsRequestsDecides) {
    const auto sqlite = open_sqlite_beside();
    ASSERT_NE(sqlite, nullptr);
    Receiver by_loop{*sqlite};
    Receiver by_columns{*database_};
    RandomPosts posts{20'240'601};
    for (int i = 0; i < 60; ++i) {
        const auto batch = posts.draw_batch();
        ASSERT_EQ(by_columns.take(batch), by_loop.take(batch)) << "batch " << i;
    }
    for (const char* table : {"inbox", "events"}) {
        EXPECT_EQ(count_rows(database_->writer(), table), count_rows(sqlite->writer(), table));
    }
}

TEST_F(PgIngest, WaitsForAnotherThatClaimsTheSameAndThenKnowsIt) {
    IngestItem first{request_with({payment_event("evt_1")}, "A"), {}};
    IngestItem second = first;
    take_at_once(first, second);
    EXPECT_EQ(first.outcome.kind, IngestKind::stored);
    EXPECT_EQ(second.outcome.kind, IngestKind::duplicate);
    EXPECT_EQ(second.outcome.inbox, first.outcome.inbox);
}

TEST_F(PgIngest, KeepsOtherBytesOnceThatComeToTwoNodesAtOnce) {
    IngestItem original{request_with({payment_event("evt_1")}, "A"), {}};
    ASSERT_TRUE(take(original).has_value());
    IngestItem first{request_with({payment_event("evt_1")}, "B"), {}};
    IngestItem second = first;
    take_at_once(first, second);
    EXPECT_EQ(first.outcome.kind, IngestKind::second_version);
    EXPECT_EQ(second.outcome.kind, IngestKind::duplicate);
    EXPECT_EQ(second.outcome.inbox, first.outcome.inbox);
    EXPECT_EQ(count_rows(database_->writer(), "inbox"), 2);
}

}  // namespace
}  // namespace postern::storage
