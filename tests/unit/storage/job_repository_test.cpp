#include "storage/job_repository.hpp"

#include "storage/account_repository.hpp"
#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

class JobRepositoryTest : public StoreTest {
 protected:
    JobRow insert(JobRow row) { return insert_for(kDefaultAccount, std::move(row)); }
    JobRow insert_for(AccountId account, JobRow row) {
        row.account = account;
        row.created_at = clock_.now();
        row.updated_at = clock_.now();
        row.id = written(*database_, [&row](Transaction& transaction) {
            return insert_job(transaction, row);
        });
        return row;
    }
    bool update(const JobRow& row) {
        return written(*database_, [&row](Transaction& transaction) {
            return update_job(transaction, row);
        });
    }
    Connection& connection() { return database_->writer(); }
};

TEST_P(JobRepositoryTest, KeepsAJobAndWhatItReached) {
    JobRow row;
    row.livemode = Livemode::live;
    row.kind = JobKind::resend;
    row.endpoint = EndpointId{4};
    row.parameters = R"({"since":1})";
    row.total = 10;
    row = insert(row);
    EXPECT_EQ(read(find_job(connection(), row.id)), row);
    row.cursor = std::int64_t{1} << 60;
    row.total = 12;
    row.looked_at = 5;
    row.scheduled = 4;
    row.updated_at = clock_.now() + std::chrono::seconds{3};
    EXPECT_TRUE(update(row));
    EXPECT_EQ(read(find_job(connection(), row.id)), row);
    EXPECT_FALSE(read(find_job(connection(), JobId{1})).has_value());
}

TEST_P(JobRepositoryTest, ForgetsWhatEndedLongAgo) {
    JobRow ended;
    ended.state = JobState::finished;
    const JobRow old = insert(ended);
    const JobRow running = insert({});
    JobRow late = insert({});
    late.state = JobState::failed;
    late.updated_at = clock_.now() + std::chrono::days{2};
    EXPECT_TRUE(update(late));
    const auto forget = [this](TimePoint before) {
        return written(*database_, [before](Transaction& transaction) {
            return forget_jobs(transaction, {.before = before});
        });
    };
    EXPECT_EQ(forget(clock_.now()).rows, 0);
    EXPECT_EQ(forget(clock_.now() + std::chrono::days{1}).rows, 1);
    EXPECT_FALSE(read(find_job(connection(), old.id)).has_value());
    EXPECT_TRUE(read(find_job(connection(), late.id)).has_value());
    EXPECT_EQ(forget(clock_.now() + std::chrono::days{3}).rows, 1);
    EXPECT_TRUE(read(find_job(connection(), running.id)).has_value());
}

TEST_P(JobRepositoryTest, ChangesNothingOnceItRunsNoMore) {
    JobRow row = insert({});
    JobRow step = row;
    row.state = JobState::canceled;
    EXPECT_TRUE(update(row));
    step.cursor = 9;
    EXPECT_FALSE(update(step)) << "canceled while a step was under way";
    EXPECT_EQ(read(find_job(connection(), row.id)), row);
    step.id = JobId{1};
    EXPECT_FALSE(update(step));
}

TEST_P(JobRepositoryTest, ListsByOwnerStateAndEndpointAndLoadsWhatRuns) {
    const JobRow first = insert({.endpoint = EndpointId{4}});
    JobRow second = insert({.endpoint = EndpointId{5}});
    second.state = JobState::failed;
    second.error = "store";
    EXPECT_TRUE(update(second));
    const JobRow third = insert({.kind = JobKind::resend});
    const JobRow live = insert({.livemode = Livemode::live});
    struct Case {
        const char* name;
        JobFilter filter;
        std::vector<JobRow> expected;
    };
    const Case cases[] = {
        {"all", {.account = kDefaultAccount}, {third, second, first}},
        {"live", {.account = kDefaultAccount, .livemode = Livemode::live}, {live}},
        {"another account", {.account = AccountId{9}}, {}},
        {"by state", {.account = kDefaultAccount, .state = JobState::failed}, {second}},
        {"by endpoint", {.account = kDefaultAccount, .endpoint = EndpointId{4}}, {first}},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(read(list_jobs(connection(), test_case.filter, {})).rows, test_case.expected);
    }
    const auto page = read(
        list_jobs(connection(), {.account = kDefaultAccount}, {.after = third.id, .rows_max = 1})
    );
    EXPECT_EQ(page.rows, std::vector{second});
    EXPECT_EQ(page.more, Page<JobRow>::More::yes);
    EXPECT_EQ(read(load_running_jobs(connection())), (std::vector{first, third, live}));
}

TEST_P(JobRepositoryTest, ListsWhatAnAccountAndItsChildrenAskedFor) {
    AccountRow child_row;
    child_row.name = "Shop";
    child_row.parent = kDefaultAccount;
    const AccountId child = written(*database_, [&child_row](Transaction& transaction) {
        return insert_child_account(transaction, child_row);
    });
    const AccountId stranger = written(*database_, [](Transaction& transaction) {
        return insert_account(transaction, "another");
    });
    const JobRow own = insert({});
    const JobRow of_child = insert_for(child, {.kind = JobKind::resend});
    insert_for(stranger, {});
    insert({.livemode = Livemode::live});
    insert({.kind = JobKind::cancel_endpoint});
    const FamilyJobFilter family{.parent = kDefaultAccount};
    const auto page = read(list_jobs_of_family(connection(), family, {}));
    EXPECT_EQ(page.rows, (std::vector{of_child, own}));
    const FamilyJobFilter failed{.parent = kDefaultAccount, .state = JobState::failed};
    EXPECT_TRUE(read(list_jobs_of_family(connection(), failed, {})).rows.empty());
    const auto one = read(list_jobs_of_family(connection(), family, {.rows_max = 1}));
    EXPECT_EQ(one.rows, std::vector{of_child});
    EXPECT_EQ(one.more, Page<JobRow>::More::yes);
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    JobRepositoryTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

}  // namespace
}  // namespace postern::storage
