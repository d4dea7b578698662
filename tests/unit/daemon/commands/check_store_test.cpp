#include "daemon/commands/check_store.hpp"

#include "payments/records/ledger_records.hpp"
#include "storage/account_repository.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon::commands {
namespace {

class CheckStoreTest : public FolderTest {
 protected:
    struct Outcome {
        int exit_code = 0;
        std::string out;
        std::string errors;
    };
    Outcome check() {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        Outcome outcome;
        outcome.exit_code = run_check_store({.config = {.data_dir = folder_}}, clock_);
        outcome.out = testing::internal::GetCapturedStdout();
        outcome.errors = testing::internal::GetCapturedStderr();
        return outcome;
    }
    std::unique_ptr<storage::Database> open() {
        storage::SqliteOptions options{.directory = folder_};
        options.limits.reserve_bytes = 1 << 20;
        auto opened = storage::open_sqlite(std::move(options), clock_);
        EXPECT_TRUE(opened.has_value());
        return std::move(*opened);
    }
    template <class Work>
    void write(Work work) {
        const auto store = open();
        storage::WriteConnection& connection = store->writer();
        ASSERT_TRUE(connection.begin().has_value());
        storage::Transaction transaction{{connection, store->ids(), clock_.now()}};
        EXPECT_TRUE(work(transaction).has_value());
        EXPECT_TRUE(connection.commit().has_value());
    }
    void book_a_charge() {
        write([](storage::Transaction& transaction) {
            using namespace payments;
            const Owner owner{storage::kDefaultAccount};
            return post(transaction, owner, Currency{}, charge_postings({.gross = 1'000}));
        });
    }
    void run(const std::string& sql) {
        write([&sql](storage::Transaction& transaction) {
            return transaction.connection().query(sql).run();
        });
    }
    void add_the_line() {
        run("INSERT INTO balance_transactions (id, account_id, livemode, number, type, state,"
            " bucket, currency, amount, fee, available_on, payment_id, created_at, source)"
            " VALUES (1, 1, 0, 1, 0, 0, 0, 'usd', 1000, 0, 0, NULL, 0, 'ch_1')");
        run("INSERT INTO owner_counts (account_id, livemode, kind, value, count)"
            " VALUES (1, 0, 2, '', 1)");
    }

    SystemClock clock_;
};

TEST_F(CheckStoreTest, FindsBooksInOrder) {
    book_a_charge();
    add_the_line();
    const Outcome outcome = check();
    EXPECT_EQ(outcome.exit_code, 0) << outcome.errors;
    EXPECT_NE(outcome.out.find("is in order, and its books balance"), std::string::npos);
}

TEST_F(CheckStoreTest, TellsEachThingThatIsWrongAndFails) {
    book_a_charge();
    add_the_line();
    run("UPDATE ledger_entries SET amount = amount - 1 WHERE ledger_account = 0");
    const Outcome outcome = check();
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_EQ(outcome.out, "");
    for (const char* sentence :
         {"does not balance: its entries sum to -1\n",
          "clearing: the balance is kept as -1000, its entries sum to -1001\n"}) {
        EXPECT_NE(outcome.errors.find(sentence), std::string::npos) << outcome.errors;
    }
}

TEST_F(CheckStoreTest, SaysWhatKeepsItFromLooking) {
    EXPECT_NE(check().errors.find("there is no store in"), std::string::npos);
    const auto store = open();
    const Outcome outcome = check();
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_NE(outcome.errors.find("another postern is using"), std::string::npos);
}

}  // namespace
}  // namespace postern::daemon::commands
