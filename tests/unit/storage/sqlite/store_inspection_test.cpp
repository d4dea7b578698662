#include "storage/sqlite/store_inspection.hpp"

#include "storage/sqlite/data_directory.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <sqlite3.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace postern::storage {
namespace {

class StoreInspectionTest : public ::testing::Test {
 protected:
    std::unique_ptr<Database> make_store() {
        SqliteOptions options{.directory = temporary_.path()};
        options.limits.reserve_bytes = 1 << 20;
        auto opened = open_sqlite(std::move(options), clock_);
        EXPECT_TRUE(opened.has_value());
        return std::move(*opened);
    }
    std::filesystem::path file() { return temporary_.path() / DataDirectory::kDatabaseName; }
    // As somebody would who ignores every rule of ours.
    void run(const std::string& sql) {
        sqlite3* raw = nullptr;
        ASSERT_EQ(sqlite3_open(file().c_str(), &raw), SQLITE_OK);
        EXPECT_EQ(sqlite3_exec(raw, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(raw);
    }
    OpenFailure failure() {
        const auto opened = inspect_sqlite(temporary_.path());
        EXPECT_FALSE(opened.has_value());
        return opened ? OpenFailure{} : opened.error();
    }
    std::vector<std::string> damage() {
        const auto opened = inspect_sqlite(temporary_.path());
        EXPECT_TRUE(opened.has_value());
        return opened ? read((*opened)->find_damage()) : std::vector<std::string>{"not opened"};
    }

    TemporaryDirectory temporary_;
    FixedClock clock_;
};

TEST_F(StoreInspectionTest, MakesNoStoreWhereThereIsNone) {
    EXPECT_NE(failure().message.find("there is no store in"), std::string::npos);
    EXPECT_TRUE(std::filesystem::is_empty(temporary_.path()));
}

constexpr Sql kEndlessSql{
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers)"
    " SELECT COUNT(*) FROM numbers"};

TEST_F(StoreInspectionTest, EndsWithAnErrorWhenItIsInterrupted) {
    make_store();
    const auto opened = inspect_sqlite(temporary_.path());
    ASSERT_TRUE(opened.has_value());
    std::atomic<bool> ended = false;
    std::jthread interrupter{[&inspection = **opened, &ended] {
        while (!ended.load()) inspection.interrupt();
    }};
    auto query = (*opened)->connection().query(kEndlessSql);
    EXPECT_FALSE(query.step().has_value());
    ended.store(true);
    interrupter.join();
    EXPECT_EQ(count_rows((*opened)->connection(), "accounts"), 1);
}

TEST_F(StoreInspectionTest, LeavesAStoreInUseAlone) {
    const auto store = make_store();
    EXPECT_EQ(failure().error, StoreError::locked);
}

TEST_F(StoreInspectionTest, FindsAStoreInOrderAndReadsWhatItsLogStillHolds) {
    make_store();  // the log is not moved into the tables when a store is closed
    EXPECT_TRUE(damage().empty());
    const auto opened = inspect_sqlite(temporary_.path());
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(count_rows((*opened)->connection(), "accounts"), 1);
    EXPECT_FALSE((*opened)->connection().query("DELETE FROM accounts").run().has_value());
}

TEST_F(StoreInspectionTest, NamesARowWhoseParentIsGone) {
    make_store();
    run("INSERT INTO customers VALUES (1, 77, 0, '', '', NULL, 0, 0, NULL, '{}')");
    EXPECT_EQ(
        damage(),
        std::vector<std::string>{"table customers, row 1: what it refers to in accounts is not "
                                 "there"}
    );
}

TEST_F(StoreInspectionTest, NamesAnIndexThatDisagreesWithItsTable) {
    make_store();
    run("PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'type <> 0', 'type <> 1')"
        " WHERE name = 'balance_transactions_by_type'; PRAGMA writable_schema = RESET;"
        "INSERT INTO balance_transactions VALUES (1, 1, 0, 1, 0, 0, 0, 'usd', 1, 0, 0, NULL, 0, "
        "'');"
        "PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = replace(sql, 'type <> 1', 'type <> 0')"
        " WHERE name = 'balance_transactions_by_type'");
    const auto sentences = damage();
    ASSERT_FALSE(sentences.empty());
    EXPECT_NE(sentences.front().find("balance_transactions_by_type"), std::string::npos);
}

TEST_F(StoreInspectionTest, TakesNoFileThatIsNoStore) {
    std::ofstream{file()} << std::string(8'192, 'x');
    EXPECT_EQ(failure().error, StoreError::poisoned);
}

TEST_F(StoreInspectionTest, TakesOnlyAStoreOfThisVersion) {
    make_store();
    const std::string last = std::to_string(built_in_migrations().back().number);
    run("DELETE FROM schema_migrations WHERE number = " + last);
    EXPECT_NE(failure().message.find("of an older version"), std::string::npos);
    run("INSERT INTO schema_migrations VALUES (" + last + ", 'other', x'00', 0)");
    EXPECT_EQ(failure().error, StoreError::too_new);
}

}  // namespace
}  // namespace postern::storage
