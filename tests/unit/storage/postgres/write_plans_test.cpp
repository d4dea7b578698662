#include "storage/attempt_repository.hpp"
#include "storage/change_repository.hpp"
#include "storage/delivery_sets.hpp"
#include "storage/delivery_writes.hpp"
#include "storage/event_sweep.hpp"
#include "storage/idempotency_repository.hpp"
#include "storage/inbox_repository.hpp"
#include "storage/job_repository.hpp"
#include "storage/request_log_repository.hpp"
#include "tests/unit/storage/delivery_fixture.hpp"
#include "tests/unit/storage/postgres_store.hpp"
#include "tests/unit/storage/sent_plans.hpp"

namespace postern::storage {
namespace {

// As a store is nearly always when its rows are counted: much has arrived, and nothing waits. The
// backlog comes afterwards.
constexpr const char* kFill =
    "INSERT INTO endpoints SELECT n, 1, 0, 0, 1, 0, 0, NULL, '', '', 'u', '{}', ''"
    " FROM generate_series(1, 10000) AS n;"
    "INSERT INTO endpoint_sequences SELECT n, 1 FROM generate_series(1, 10000) AS n;"
    "INSERT INTO inbox SELECT n, 1, 0, 1, 0, '', CASE WHEN n % 50 = 0 THEN n - 1 END, 0, 'g' || n,"
    " '', '', sha256(n::text::bytea), '', NULL FROM generate_series(1, 20000) AS n;"
    "INSERT INTO dedupe SELECT n * 1000003::bigint, n, n FROM generate_series(1, 20000) AS n;"
    "INSERT INTO events (id, account_id, livemode, type, gateway, inbox_id, gateway_event_id,"
    " gateway_event_type, created_at, object) SELECT n, 1, 0, 0, 1, n, '', '', 0, '{}'"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO deliveries SELECT n, n, 11 + n % 200, 1, 0, n, 1 + n % 4000, 2, NULL,"
    " n, 1, 1, 1, 0, 0, 200, 0, 0, 0, '' FROM generate_series(1, 20000) AS n;"
    "INSERT INTO attempts SELECT n, n, 1, 0, 0, 0, 0, 0, 0, 0, 200, 0, '', '', ''"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO jobs SELECT n, 1, 0, 0, 1, n % 500, 0, 0, 0, 0, 0, 0, '', ''"
    " FROM generate_series(1, 10000) AS n;"
    "INSERT INTO idempotent_replies SELECT 1, 0, 'k' || n, '', 200, n, ''"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO request_log SELECT n, 1, 0, 1, 200, 1, 0, 'GET', '/', 'r' || n, '', '', '', ''"
    " FROM generate_series(1, 20000) AS n;"
    "INSERT INTO changes SELECT n, 1, n, n FROM generate_series(1, 5000) AS n;"
    "VACUUM ANALYZE;"
    "INSERT INTO deliveries SELECT n, n, 11 + n % 10, 1, 0, n, n, 0, n % 2,"
    " n, 1, 0, 0, 0, 0, 0, 0, 0, NULL, '' FROM generate_series(20001, 60000) AS n";

void must(const Result<void, StoreError>& done) {
    EXPECT_TRUE(done.has_value());
}

void take_webhooks(Transaction& transaction) {
    std::vector<IngestItem> items;
    for (const char* body : {"one", "two"}) {
        items.push_back({request_with({payment_event(body), payment_event("both")}, body), {}});
    }
    std::vector<IngestItem*> pointers;
    for (IngestItem& item : items) pointers.push_back(&item);
    must(transaction.connection().ingest(transaction, pointers));
}

void claim_what_is_known(Transaction& transaction) {
    constexpr DedupeClaim kClaim{
        .wanted = {.key = 1'000'003, .check = 1}, .inbox = InboxId{9}, .entry_id = 0};
    EXPECT_EQ(read(transaction.connection().claim(kClaim)), InboxId{1});
}

// The second of each kind comes out of order, so it is not waited for.
void lock_rows(Transaction& transaction) {
    RowLocks& locks = transaction.locks();
    must(locks.take_turn(transaction));
    must(locks.lock(transaction, std::vector{EndpointId{7}, EndpointId{8}}));
    must(locks.lock(transaction, std::vector{EndpointId{3}}));
    must(locks.lock(transaction, std::vector{DeliveryId{7}, DeliveryId{8}}));
    must(locks.lock(transaction, std::vector{DeliveryId{3}}));
}

void write_deliveries(Transaction& transaction) {
    std::vector<DeliveryRow> rows(2);
    for (DeliveryRow& row : rows) {
        row.event = EventId{transaction.next_id()};
        row.endpoint = kEndpoint;
        row.account = kDefaultAccount;
    }
    read(insert_deliveries(transaction, rows));
    std::vector<AttemptRow> attempts(2);
    std::vector<DeliveryChange> changes;
    for (const std::int64_t id : {1, 2}) {
        attempts[static_cast<std::size_t>(id - 1)].delivery = DeliveryId{id};
        changes.push_back({.id = DeliveryId{id}, .fence = 1});
    }
    must(insert_attempts(transaction, attempts));
    must(change_found_deliveries(transaction, changes));
}

const std::vector<DeliveryId> kSome{DeliveryId{5}, DeliveryId{6}};

const HotWork kWrites[] = {
    {"a batch of webhooks",
     take_webhooks,
     {"dedupe_pkey", "inbox_pkey", "inbox_by_original"},
     {"new.key"}},
    {"a thing that is found later", claim_what_is_known, {"dedupe_pkey"}},
    {"rows to lock", lock_rows, {"turns_pkey", "endpoint_sequences_pkey", "deliveries_pkey"}},
    {"what a batch writes about deliveries",
     write_deliveries,
     {"deliveries_pkey", "attempts_delivery_id_number_key"}},
    {"deliveries to change",
     [](Transaction& transaction) { read(find_deliveries_to_change(transaction, kSome)); },
     {"deliveries_pkey", "endpoint_sequences_pkey"},
     {"endpoint_sequences.endpoint_id"}},
    {"deliveries to change, after others",
     [](Transaction& transaction) {
         must(transaction.locks().lock(transaction, std::vector{EndpointId{3}}));
         read(find_deliveries_to_change(transaction, kSome));
     },
     {"deliveries_pkey", "endpoint_sequences_pkey"},
     {"endpoint_id"}},
    {"the first open of each payment",
     [](Transaction& transaction) {
         read(first_open_of_keys(transaction, {{kEndpoint, 7}, {kOtherEndpoint, 7}}));
     },
     {"deliveries_in_order", "deliveries_pkey"}},
};

template <auto kForget>
void forget(Transaction& transaction) {
    EXPECT_GT(read(kForget(transaction, OldRows{.before = transaction.now()})).rows, 0);
}

const HotWork kSweeps[] = {
    {"events and what became of them",
     [](Transaction& transaction) {
         EXPECT_GT(read(forget_events(transaction, {.before = transaction.now()})).events, 0);
     },
     {"events_pkey",
      "deliveries_event_id_endpoint_id_key",
      "deliveries_in_order",
      "attempts_delivery_id_number_key",
      "attempts_pkey"}},
    {"attempts", forget<forget_attempts>, {"attempts_pkey"}},
    {"webhooks", forget<forget_inbox>, {"inbox_pkey"}},
    {"jobs", forget<forget_jobs>, {"jobs_pkey"}, {"\"ANY_subquery\".id"}},
    {"requests", forget<forget_request_log>, {"request_log_pkey"}},
    {"replies",
     forget<forget_idempotent_replies>,
     {"idempotent_replies_by_age", "idempotent_replies_pkey"}},
    {"changes",
     [](Transaction& transaction) {
         must(forget_changes(transaction.connection(), transaction.now()));
     },
     {"changes_pkey"}},
};

class WritePlans : public PostgresStoreTest {
 protected:
    // VACUUM is refused beside other statements.
    void fill() const {
        const std::string text = kFill;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find(';', begin), text.size());
            static_cast<void>(ask(text.substr(begin, end - begin)));
            begin = end + 1;
        }
    }
};

TEST_F(WritePlans, AreLookUpsInFullTables) {
    fill();
    for (const HotWork& hot : kWrites) expect_look_ups(*database_, hot);
}

TEST_F(WritePlans, OfRetentionAreLookUpsInFullTables) {
    fill();
    for (const HotWork& hot : kSweeps) expect_look_ups(*database_, hot);
}

}  // namespace
}  // namespace postern::storage
