#include "storage/oldest_row.hpp"

#include "storage/account_repository.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/event_repository.hpp"
#include "storage/job_repository.hpp"
#include "storage/request_log_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <array>

namespace postern::storage {
namespace {

struct Case {
    std::string_view name;
    DatedTable table;
    Result<void, StoreError> (*insert)(Transaction& transaction);
};

constexpr std::array kCases = {
    Case{
        "the log of requests",
        DatedTable::request_log,
        [](Transaction& transaction) -> Result<void, StoreError> {
            const auto id = insert_request_log(transaction, {.account = kDefaultAccount});
            if (!id) return id.error();
            return {};
        }},
    Case{
        "received webhooks",
        DatedTable::inbox,
        [](Transaction& transaction) -> Result<void, StoreError> {
            const std::string body = std::to_string(transaction.next_id());
            IngestItem item{request_with({}, body), {}};
            IngestItem* items[] = {&item};
            return transaction.connection().ingest(transaction, items);
        }},
    Case{
        "events",
        DatedTable::events,
        [](Transaction& transaction) -> Result<void, StoreError> {
            return insert_event(
                transaction, {.id = EventId{transaction.next_id()}, .account = kDefaultAccount}
            );
        }},
    Case{
        "attempts",
        DatedTable::attempts,
        [](Transaction& transaction) -> Result<void, StoreError> {
            const auto id = insert_attempt(transaction, {.delivery = DeliveryId{7}});
            if (!id) return id.error();
            return {};
        }},
    Case{
        "jobs",
        DatedTable::jobs,
        [](Transaction& transaction) -> Result<void, StoreError> {
            const auto id = insert_job(transaction, {.account = kDefaultAccount});
            if (!id) return id.error();
            return {};
        }},
};

class OldestRowTest : public StoreTest {
 protected:
    std::optional<TimePoint> oldest(DatedTable table) {
        return read(oldest_row(database_->writer(), table));
    }
};

TEST_P(OldestRowTest, IsTheFirstOfEachTable) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(oldest(test_case.table), std::nullopt);
        const TimePoint first = clock_.at;
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(in_transaction(*database_, test_case.insert, clock_.at).has_value());
            clock_.at += std::chrono::hours{1};
        }
        EXPECT_EQ(oldest(test_case.table), first);
    }
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    OldestRowTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
