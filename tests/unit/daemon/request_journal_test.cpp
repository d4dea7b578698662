#include "daemon/request_journal.hpp"

#include "storage/account_repository.hpp"
#include "storage/api_key_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

namespace postern::daemon {
namespace {

class Journal : public ApiFixture {
 protected:
    storage::RequestLogRow row() {
        storage::RequestLogRow row;
        row.account = storage::kDefaultAccount;
        row.api_key = key();
        row.created_at = clock_.now();
        row.method = "GET";
        row.path = "/v1/balance";
        row.parameters = "{}";
        return row;
    }
    ApiKeyId key() { return key_row().id; }
    storage::ApiKeyRow key_row() {
        storage::ApiKeyRow row;
        change([&row](storage::Transaction& transaction) -> StoreResult {
            auto keys = storage::list_api_keys(transaction.connection(), storage::kDefaultAccount);
            if (!keys) return keys.error();
            row = keys->front();
            return {};
        });
        return row;
    }
    std::size_t rows_in_store() {
        std::size_t rows = 0;
        change([&rows](storage::Transaction& transaction) -> StoreResult {
            const auto page = storage::list_request_log(
                transaction.connection(),
                {.account = storage::kDefaultAccount},
                {.page = {.rows_max = storage::kPageRowsMax}}
            );
            if (!page) return page.error();
            rows = page->rows.size();
            return {};
        });
        return rows;
    }
    double dropped() { return metrics_.counter({"postern_request_log_dropped_total", ""}).value(); }
};

TEST_F(Journal, WritesWhatWasNotedBeforeItEnds) {
    RequestJournal journal{{.store = *store_, .metrics = metrics_}};
    journal.start();
    for (int i = 0; i < 5; ++i) journal.note(row());
    journal.stop();
    EXPECT_EQ(rows_in_store(), 5u);
    EXPECT_EQ(dropped(), 0);
}

TEST_F(Journal, DropsAndCountsWhatDoesNotFit) {
    RequestJournal journal{
        {.store = *store_, .metrics = metrics_}, {.queue_rows_max = 3, .batch_rows_max = 2}};
    for (int i = 0; i < 5; ++i) journal.note(row());
    EXPECT_EQ(dropped(), 2);
    journal.start();
    journal.stop();
    EXPECT_EQ(rows_in_store(), 3u);
}

TEST_F(Journal, NotesTheLastUseOfAKeyNowAndThen) {
    const TimePoint first = clock_.now();
    RequestJournal journal{
        {.store = *store_, .metrics = metrics_, .rows = RequestJournal::Rows::dropped}};
    journal.note(row());
    clock_.advance(std::chrono::seconds{30});
    journal.note(row());
    journal.start();
    journal.stop();
    EXPECT_EQ(rows_in_store(), 0u);
    EXPECT_EQ(key_row().last_used_at, first);
}

}  // namespace
}  // namespace postern::daemon
