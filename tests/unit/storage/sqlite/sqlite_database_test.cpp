#include "storage/sqlite/sqlite_database.hpp"

#include "core/crypto.hpp"
#include "storage/account_repository.hpp"
#include "tests/unit/storage/sqlite/faulty_vfs.hpp"
#include "tests/unit/storage/store_fixture.hpp"

#include <sqlite3.h>

#include <fstream>
#include <optional>
#include <sys/stat.h>

namespace postern::storage {
namespace {

class SqliteDatabaseTest : public ::testing::Test {
 protected:
    using Opened = Result<std::unique_ptr<Database>, OpenFailure>;
    Opened open() {
        SqliteOptions options{.directory = directory_.path() / "store"};
        options.limits.reserve_bytes = 1 << 20;
        options.limits.low_water_bytes = 1 << 20;
        options.limits.space_check_every = std::chrono::milliseconds{0};
        options.on_poison = [this](std::string_view) {
            poisonings_ += 1;
        };
        if (space_known_) {
            options.disk_space = [this] {
                return std::optional{DiskSpace{free_bytes_.load(), std::uint64_t{1} << 30}};
            };
        }
        return open_sqlite(std::move(options), clock_);
    }
    std::unique_ptr<Database> open_well() {
        auto opened = open();
        EXPECT_TRUE(opened.has_value()) << opened.error().message;
        return opened ? std::move(*opened) : nullptr;
    }
    static UnitResult submit(Writer& writer, TestIngest& unit) {
        EXPECT_EQ(writer.submit(unit), Submitted::queued);
        return unit.wait();
    }

    TemporaryDirectory directory_;
    FixedClock clock_;
    bool space_known_ = false;
    std::atomic<std::uint64_t> free_bytes_ = std::uint64_t{1} << 29;
    std::atomic<int> poisonings_ = 0;
};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

TEST_F(SqliteDatabaseTest, ShowsItsFilesToTheOwnerOnly) {
    const auto database = open_well();
    Writer writer{*database, clock_, {}};
    TestIngest unit{request_with({payment_event("e1")}, "A")};
    EXPECT_TRUE(submit(writer, unit).has_value());
    const auto store = directory_.path() / "store";
    EXPECT_EQ(mode_of(store), 0700U);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{store}) {
        EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
        files += 1;
    }
    EXPECT_GE(files, 4U) << "database, log, index, lock";
}

TEST_F(SqliteDatabaseTest, IsDurableAndHardened) {
    const auto database = open_well();
    const auto ask = [&](const char* pragma) {
        auto query = database->writer().query(std::string{"PRAGMA "} + pragma);
        EXPECT_TRUE(holds(query.step(), Step::row));
        return std::string{query.text(0)};
    };
    EXPECT_EQ(ask("journal_mode"), "wal");
    EXPECT_EQ(ask("synchronous"), "2");
    EXPECT_EQ(ask("page_size"), "8192");
    EXPECT_EQ(ask("foreign_keys"), "1");
    EXPECT_EQ(ask("trusted_schema"), "0");
    EXPECT_EQ(ask("wal_autocheckpoint"), "0");
    EXPECT_EQ(ask("cell_size_check"), "1");
}

TEST_F(SqliteDatabaseTest, LetsASecondDaemonKnowThatItIsNotAlone) {
    const auto first = open_well();
    const auto second = open();
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().error, StoreError::locked);
    EXPECT_NE(second.error().message.find("another postern"), std::string::npos);
}

TEST_F(SqliteDatabaseTest, SaysWhenItIsNoStoreAtAll) {
    std::filesystem::create_directories(directory_.path() / "store");
    std::ofstream{directory_.path() / "store/postern.db"} << std::string(20'000, 'x');
    const auto opened = open();
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().error, StoreError::poisoned);
}

TEST_F(SqliteDatabaseTest, IsOneFileWhenAtRest) {
    {
        const auto database = open_well();
        Writer writer{*database, clock_, {}};
        TestIngest unit{request_with({payment_event("e1")}, "A")};
        EXPECT_TRUE(submit(writer, unit).has_value());
    }
    const auto log = directory_.path() / "store/postern.db-wal";
    EXPECT_TRUE(!std::filesystem::exists(log) || std::filesystem::file_size(log) == 0);
    const auto database = open_well();
    EXPECT_EQ(count_rows(database->writer(), "inbox"), 1);
}

struct FaultCase {
    const char* name;
    FaultAt at;
    int code;
    StoreError expected;
};

constexpr FaultCase kFatal[] = {
    {"a failed sync", FaultAt::sync, SQLITE_IOERR_FSYNC, StoreError::poisoned},
    {"a failed write", FaultAt::write, SQLITE_IOERR_WRITE, StoreError::poisoned},
};

// The k-th call fails, for every k that a few webhooks reach: nothing acknowledged may be missing
// afterwards, and nothing may be acknowledged after the first failure.
TEST_F(SqliteDatabaseTest, NeverWritesAgainAfterTheFirstFailure) {
    for (const FaultCase& fault_case : kFatal) {
        for (int calls_before = 0; calls_before < 12; ++calls_before) {
            SCOPED_TRACE(std::string{fault_case.name} + std::to_string(calls_before));
            std::filesystem::remove_all(directory_.path() / "store");
            poisonings_ = 0;
            std::vector<std::string> acknowledged;
            {
                const auto database = open_well();
                Writer writer{*database, clock_, {}};
                const ScopedFault fault{
                    {.at = fault_case.at, .code = fault_case.code, .calls_before = calls_before}};
                for (int i = 0; i < 12; ++i) {
                    const std::string id = "evt_" + std::to_string(i);
                    TestIngest unit{request_with({payment_event(id)}, id)};
                    if (writer.submit(unit) != Submitted::queued) break;
                    const auto result = unit.wait();
                    EXPECT_FALSE(result && poisonings_ > 0) << "acknowledged after the failure";
                    if (result) acknowledged.push_back(id);
                    if (!result) {
                        EXPECT_EQ(result.error(), fault_case.expected);
                    }
                }
                EXPECT_TRUE(fault.was_met());
                EXPECT_EQ(poisonings_, 1);
                TestIngest late{request_with({payment_event("late")}, "late")};
                EXPECT_EQ(writer.submit(late), Submitted::poisoned);
            }
            const auto database = open_well();
            for (const std::string& id : acknowledged) {
                const auto rows = "inbox WHERE gateway_event_id = '" + id + "'";
                EXPECT_EQ(count_rows(database->writer(), rows), 1);
            }
        }
    }
}

TEST_F(SqliteDatabaseTest, ServesAgainAfterTheDiskWasFull) {
    const auto database = open_well();
    Writer writer{*database, clock_, {}};
    TestIngest refused{request_with({payment_event("e1")}, "A")};
    {
        const ScopedFault fault{{.at = FaultAt::write, .code = SQLITE_FULL}};
        EXPECT_EQ(submit(writer, refused).error(), StoreError::full);
        EXPECT_TRUE(fault.was_met());
    }
    TestIngest again{request_with({payment_event("e1")}, "A")};
    EXPECT_TRUE(submit(writer, again).has_value());
    EXPECT_EQ(again.outcome().kind, IngestKind::stored);
    EXPECT_EQ(poisonings_, 0);
}

TEST_F(SqliteDatabaseTest, TakesNoEventsBelowTheLowWaterMarkButOtherWork) {
    space_known_ = true;
    const auto database = open_well();
    Writer writer{*database, clock_, {}};
    free_bytes_ = 1'000;
    TestIngest refused{request_with({payment_event("e1")}, "A")};
    EXPECT_EQ(submit(writer, refused).error(), StoreError::full);
    EXPECT_EQ(writer.status().room, Room::low);
    TestUnit other{[](Transaction& transaction) -> Result<void, StoreError> {
        const auto inserted = insert_account(transaction, "x");
        if (!inserted) return inserted.error();
        return {};
    }};
    ASSERT_EQ(writer.submit(other), Submitted::queued);
    EXPECT_TRUE(other.wait().has_value());
    free_bytes_ = std::uint64_t{1} << 29;
    TestIngest taken{request_with({payment_event("e1")}, "A")};
    EXPECT_TRUE(submit(writer, taken).has_value());
    EXPECT_EQ(writer.status().room, Room::plenty);
}

TEST_F(SqliteDatabaseTest, RefusesAStoreOfANewerProgram) {
    {
        const auto database = open_well();
        ASSERT_TRUE(database->writer()
                        .execute_script("INSERT INTO schema_migrations VALUES (99, '0099_later',"
                                        " x'00', 0)")
                        .has_value());
    }
    const auto opened = open();
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().error, StoreError::too_new);
    EXPECT_NE(opened.error().message.find("0099_later"), std::string::npos);
}

}  // namespace
}  // namespace postern::storage
