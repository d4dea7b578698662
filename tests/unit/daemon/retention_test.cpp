#include "daemon/retention.hpp"

#include "daemon/blocking_read.hpp"
#include "storage/account_repository.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/idempotency_repository.hpp"
#include "storage/job_repository.hpp"
#include "storage/request_log_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <array>
#include <thread>

namespace postern::daemon {
namespace {

using std::chrono::days;
using storage::Transaction;

template <class Written>
StoreResult without_value(const Written& written) {
    if (!written) return written.error();
    return {};
}

// One row of what a rule takes, made now.
struct Kind {
    std::string_view what;
    const char* table;
    days RetentionPeriods::*period;  // null: it is not set by anybody
    StoreResult (*insert)(Transaction& transaction);
};

StoreResult insert_event_row(Transaction& transaction) {
    storage::EventRow row;
    row.id = EventId{transaction.next_id()};
    row.account = storage::kDefaultAccount;
    row.created_at = transaction.now();
    return storage::insert_event(transaction, row);
}

StoreResult insert_webhook(Transaction& transaction) {
    const std::string id = std::to_string(transaction.next_id());
    storage::IngestItem item{
        {.account = storage::kDefaultAccount,
         .gateway = storage::GatewayNumber{1},
         .received_at = transaction.now(),
         .body = "{}",
         .body_sha256 = "0123456789abcdef0123456789abcdef",
         .events = {{.gateway_event_id = id, .gateway_event_type = {}, .normalised = {}}}},
        {}};
    storage::IngestItem* items[] = {&item};
    return transaction.connection().ingest(transaction, items);
}

StoreResult insert_reply(Transaction& transaction) {
    return storage::put_idempotent_reply(
        transaction,
        {.account = storage::kDefaultAccount,
         .key = std::to_string(transaction.next_id()),
         .created_at = transaction.now()}
    );
}

StoreResult insert_ended_job(Transaction& transaction) {
    return without_value(storage::insert_job(
        transaction,
        {.account = storage::kDefaultAccount,
         .state = storage::JobState::finished,
         .created_at = transaction.now(),
         .updated_at = transaction.now()}
    ));
}

constexpr std::array kKinds = {
    Kind{"idempotent_replies", "idempotent_replies", nullptr, insert_reply},
    Kind{
        "request_log",
        "request_log",
        &RetentionPeriods::request_log,
        [](Transaction& transaction) {
            return without_value(storage::insert_request_log(
                transaction, {.account = storage::kDefaultAccount, .parameters = "{}"}
            ));
        }},
    Kind{"inbox", "inbox", &RetentionPeriods::inbox, insert_webhook},
    Kind{"events", "events", &RetentionPeriods::events, insert_event_row},
    Kind{
        "attempts",
        "attempts",
        &RetentionPeriods::attempts,
        [](Transaction& transaction) {
            return without_value(storage::insert_attempt(transaction, {.delivery = DeliveryId{7}}));
        }},
    Kind{"jobs", "jobs", &RetentionPeriods::jobs, insert_ended_job},
};

class RetentionTest : public ApiFixture {
 protected:
    std::int64_t count(const Kind& kind) {
        std::int64_t rows = 0;
        const auto work = [&rows, &kind](storage::Connection& connection) -> StoreResult {
            auto query = connection.query(std::string{"SELECT COUNT(*) FROM "} + kind.table);
            const auto step = query.step();
            if (!step) return step.error();
            rows = query.integer(0);
            return {};
        };
        EXPECT_TRUE(read_and_wait(*readers_, work).has_value());
        return rows;
    }
    void insert(const Kind& kind, int rows = 1) {
        change([&kind, rows](Transaction& transaction) -> StoreResult {
            for (int i = 0; i < rows; ++i) {
                if (const auto done = kind.insert(transaction); !done) return done;
            }
            return {};
        });
    }
    std::int64_t swept(const Kind& kind) {
        const Counter rows =
            metrics_.counter({"postern_retention_rows_total", ""}, {{"what", kind.what}});
        return static_cast<std::int64_t>(rows.value());
    }
    // Runs until `done`, and ends; whether it came to that.
    template <class Done>
    bool sweep_until(const RetentionPeriods& periods, Done done) {
        Retention retention{
            {.store = *store_,
             .metrics = metrics_,
             .periods = periods,
             .first_sweep_after = std::chrono::seconds{0}}};
        retention.start();
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
        while (!done() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
        retention.stop();
        return done();
    }
    static RetentionPeriods ten_days_of(const Kind& kind) {
        RetentionPeriods periods;
        if (kind.period != nullptr) periods.*kind.period = days{10};
        return periods;
    }
};

TEST_F(RetentionTest, TakesWhatIsOlderThanItIsKeptAndNothingElse) {
    for (const Kind& kind : kKinds) {
        SCOPED_TRACE(kind.what);
        insert(kind, 300);
        clock_.advance(days{5});
        if (kind.period == nullptr) clock_.advance(days{5});
        insert(kind);
        if (kind.period != nullptr) clock_.advance(days{6});
        EXPECT_TRUE(sweep_until(ten_days_of(kind), [&] { return swept(kind) >= 300; }));
        EXPECT_EQ(count(kind), 1);
        EXPECT_EQ(swept(kind), 300);
    }
}

TEST_F(RetentionTest, KeepsForEverWhatHasNoPeriod) {
    for (const Kind& kind : kKinds) insert(kind);
    clock_.advance(days{4'000});
    const Kind& replies = kKinds.front();
    EXPECT_TRUE(sweep_until({}, [&] { return swept(replies) >= 1; }));
    for (const Kind& kind : kKinds) {
        SCOPED_TRACE(kind.what);
        EXPECT_EQ(count(kind), kind.period == nullptr ? 0 : 1);
    }
}

TEST_F(RetentionTest, StopsInTheMiddleAndGoesOnLater) {
    const Kind& attempts = kKinds[4];
    insert(attempts, 3'000);
    clock_.advance(days{11});
    EXPECT_TRUE(sweep_until(ten_days_of(attempts), [&] { return swept(attempts) > 0; }));
    const std::int64_t left = count(attempts);
    EXPECT_EQ(left + swept(attempts), 3'000);
    EXPECT_TRUE(sweep_until(ten_days_of(attempts), [&] { return swept(attempts) >= 3'000; }));
    EXPECT_EQ(count(attempts), 0);
}

TEST_F(RetentionTest, TellsHowOldAReadThingMayBe) {
    const storage::IngestOutcome arrived =
        arrive({.body = "{}", .events = {{.id = "evt_1", .type = "t", .unified = UnifiedEvent{}}}});
    const std::string inbox = "/api/v2/inbox/" + inbox_id(arrived);
    const std::string event = "/api/v2/events/" + event_id(arrived);
    around_->kept = {.inbox = days{30}, .events = days{90}};
    clock_.advance(days{100});
    EXPECT_TRUE(sweep_until(around_->kept, [&] { return swept(kKinds[2]) + swept(kKinds[3]) > 1; })
    );
    const ApiAnswer no_webhook = get(inbox);
    EXPECT_EQ(no_webhook.reply.status, 404);
    EXPECT_EQ(
        no_webhook["error.message"].string(),
        "There is no received webhook of this id; what is older than 30 days is not kept"
    );
    const ApiAnswer no_event = get(event);
    EXPECT_EQ(no_event.reply.status, 404);
    EXPECT_EQ(
        no_event["error.message"].string(),
        "There is no event of this id; what is older than 90 days is not kept"
    );
}

}  // namespace
}  // namespace postern::daemon
