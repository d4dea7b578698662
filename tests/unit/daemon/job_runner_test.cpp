#include "daemon/job_runner.hpp"

#include "daemon/blocking_read.hpp"
#include "storage/account_repository.hpp"
#include "storage/request_log_repository.hpp"
#include "tests/unit/daemon/api_fixture.hpp"

#include <thread>

namespace postern::daemon {
namespace {

using storage::RequestLogRow;

class Sweep : public ApiFixture {
 protected:
    void log_request(std::string path) {
        RequestLogRow row;
        row.account = storage::kDefaultAccount;
        row.created_at = clock_.now();
        row.path = std::move(path);
        row.parameters = "{}";
        change([&row](storage::Transaction& transaction) -> StoreResult {
            const auto inserted = storage::insert_request_log(transaction, row);
            if (!inserted) return inserted.error();
            return {};
        });
    }
    std::vector<std::string> logged_paths() {
        std::vector<std::string> paths;
        const auto work = [&paths](storage::Connection& connection) -> StoreResult {
            const auto page =
                storage::list_request_log(connection, {.account = storage::kDefaultAccount}, {});
            if (!page) return page.error();
            for (const RequestLogRow& row : page->rows) paths.push_back(row.path);
            return {};
        };
        EXPECT_TRUE(read_and_wait(*readers_, work).has_value());
        return paths;
    }
};

TEST_F(Sweep, TakesWhatIsOlderThanNinetyDaysAndNothingElse) {
    for (int i = 0; i < 300; ++i) log_request("/v1/old");
    clock_.advance(std::chrono::days{2});
    log_request("/v1/young");
    clock_.advance(std::chrono::days{89});
    JobRunner jobs{
        {.store = *store_,
         .clock = clock_,
         .endpoints = *endpoints_,
         .dispatcher = *dispatcher_,
         .first_sweep_after = std::chrono::seconds{0}}};
    jobs.start();
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    const std::vector<std::string> kept{"/v1/young"};
    while (logged_paths() != kept && std::chrono::steady_clock::now() < end) {
        std::this_thread::yield();
    }
    jobs.stop();
    EXPECT_EQ(logged_paths(), kept);
}

}  // namespace
}  // namespace postern::daemon
