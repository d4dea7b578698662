#include "storage/migrations.hpp"

#include "tests/unit/storage/store_fixture.hpp"

#include <array>

namespace postern::storage {
namespace {

constexpr Migration kFirst{1, "0001_first", "CREATE TABLE a (id {bigint} PRIMARY KEY);"};
constexpr Migration kSecond{2, "0002_second", "CREATE TABLE b (id {bigint} PRIMARY KEY);"};
constexpr Migration kChanged{1, "0001_first", "CREATE TABLE a (id TEXT PRIMARY KEY);"};
constexpr Migration kBroken{
    2,
    "0002_broken",
    "CREATE TABLE b (id {bigint} PRIMARY KEY); INSERT INTO nothing VALUES (1);"};

class MigrationsTest : public StoreTest {
 protected:
    // The store under test has its own migrations already; these live in a table set of their own.
    void SetUp() override {
        StoreTest::SetUp();
        auto& writer = database_->writer();
        ASSERT_TRUE(writer.execute_script("DELETE FROM schema_migrations").has_value());
    }
    Result<void, OpenFailure> run(std::span<const Migration> migrations) {
        const SqlDialect dialect{.bigint = "INTEGER", .bytes = "BLOB", .table_options = ""};
        return migrate(database_->writer(), {migrations, dialect, clock_.now()});
    }
};

TEST_P(MigrationsTest, ApplyOnceAndGoOnFromThere) {
    EXPECT_TRUE(run(std::array{kFirst}).has_value());
    EXPECT_TRUE(run(std::array{kFirst}).has_value());
    EXPECT_TRUE(run(std::array{kFirst, kSecond}).has_value());
    EXPECT_EQ(count_rows(database_->writer(), "schema_migrations"), 2);
    EXPECT_EQ(count_rows(database_->writer(), "b"), 0);
}

TEST_P(MigrationsTest, RefuseAStoreOfANewerProgramByName) {
    ASSERT_TRUE(run(std::array{kFirst, kSecond}).has_value());
    const auto refused = run(std::array{kFirst});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error, StoreError::too_new);
    EXPECT_NE(refused.error().message.find("0002_second"), std::string::npos);
}

TEST_P(MigrationsTest, RefuseAChangedTextByName) {
    ASSERT_TRUE(run(std::array{kFirst}).has_value());
    const auto refused = run(std::array{kChanged, kSecond});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().error, StoreError::failed);
    EXPECT_NE(refused.error().message.find("0001_first"), std::string::npos);
    EXPECT_EQ(count_rows(database_->writer(), "schema_migrations"), 1) << "nothing was applied";
}

TEST_P(MigrationsTest, LeaveNothingOfOneThatFails) {
    const auto refused = run(std::array{kFirst, kBroken});
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("0002_broken"), std::string::npos);
    EXPECT_EQ(count_rows(database_->writer(), "schema_migrations"), 1);
    EXPECT_TRUE(database_->writer().execute_script("CREATE TABLE b (id TEXT)").has_value())
        << "there is none of that name";
}

INSTANTIATE_TEST_SUITE_P(
    EveryDriver,
    MigrationsTest,
    ::testing::ValuesIn(all_drivers()),
    driver_name
);

TEST(BuiltInMigrations, AreNumberedWithoutAGap) {
    std::int64_t expected = 1;
    for (const Migration& migration : built_in_migrations()) {
        EXPECT_EQ(migration.number, expected);
        EXPECT_FALSE(migration.sql.empty()) << migration.name;
        ++expected;
    }
    EXPECT_GT(expected, 1);
}

TEST(Spelling, ReplacesEveryPlaceholder) {
    const SqlDialect dialect{.bigint = "BIGINT", .bytes = "BYTEA", .table_options = ""};
    EXPECT_EQ(
        spell("a {bigint}, b {bytes}, c {bigint}) {table_options};", dialect),
        "a BIGINT, b BYTEA, c BIGINT) ;"
    );
}

}  // namespace
}  // namespace postern::storage
