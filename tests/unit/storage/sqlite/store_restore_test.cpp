#include "storage/sqlite/store_restore.hpp"

#include "tests/unit/storage/store_fixture.hpp"

#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace postern::storage {
namespace {

using Existing = StoreRestore::Existing;

class StoreRestoreTest : public ::testing::Test {
 protected:
    void write(const std::filesystem::path& file, std::string_view text) {
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file} << text;
    }
    std::string text_of(const std::filesystem::path& file) {
        std::ifstream stream{file};
        return {std::istreambuf_iterator<char>{stream}, {}};
    }
    uid_t owner_of(const std::filesystem::path& file) {
        struct stat status {};
        EXPECT_EQ(::lstat(file.c_str(), &status), 0) << file;
        return status.st_uid;
    }
    std::filesystem::path database() { return temporary_.path() / DataDirectory::kDatabaseName; }

    TemporaryDirectory temporary_;
};

TEST_F(StoreRestoreTest, PutsAStoreWhereNoneIs) {
    write(temporary_.path() / "secrets.key", "the key");
    const auto restore = StoreRestore::begin(temporary_.path(), Existing::refused);
    ASSERT_TRUE(restore.has_value());
    write(restore->staging() / DataDirectory::kDatabaseName, "new");
    const auto placed = restore->take_place("now");
    ASSERT_TRUE(placed.has_value());
    EXPECT_TRUE(placed->folder.empty());
    EXPECT_EQ(text_of(database()), "new");
    EXPECT_FALSE(std::filesystem::exists(restore->staging()));
    EXPECT_EQ(text_of(temporary_.path() / "secrets.key"), "the key");
}

TEST_F(StoreRestoreTest, RefusesADirectoryThatIsNotEmpty) {
    write(database(), "old");
    const auto restore = StoreRestore::begin(temporary_.path(), Existing::refused);
    ASSERT_FALSE(restore.has_value());
    EXPECT_NE(restore.error().message.find("postern.db is there"), std::string::npos);
    EXPECT_EQ(text_of(database()), "old");
}

TEST_F(StoreRestoreTest, SetsTheOldStoreAsideWithItsLog) {
    write(database(), "old");
    write(temporary_.path() / "postern.db-wal", "old log");
    const auto restore = StoreRestore::begin(temporary_.path(), Existing::set_aside);
    ASSERT_TRUE(restore.has_value());
    write(restore->staging() / DataDirectory::kDatabaseName, "new");
    const auto placed = restore->take_place("now");
    ASSERT_TRUE(placed.has_value());
    EXPECT_EQ(text_of(database()), "new");
    EXPECT_FALSE(std::filesystem::exists(temporary_.path() / "postern.db-wal"));
    EXPECT_EQ(text_of(placed->folder / "postern.db"), "old");
    EXPECT_EQ(text_of(placed->folder / "postern.db-wal"), "old log");
}

constexpr uid_t kDaemon = 4711;

TEST_F(StoreRestoreTest, GivesWhatRootMakesToTheDirectorysOwner) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    write(database(), "old");
    ASSERT_EQ(::chown(temporary_.path().c_str(), kDaemon, kDaemon), 0);
    const auto restore = StoreRestore::begin(temporary_.path(), Existing::set_aside);
    ASSERT_TRUE(restore.has_value());
    write(restore->staging() / DataDirectory::kDatabaseName, "new");
    const auto placed = restore->take_place("now");
    ASSERT_TRUE(placed.has_value());
    EXPECT_EQ(owner_of(database()), kDaemon);
    EXPECT_EQ(owner_of(placed->folder), kDaemon);
}

TEST_F(StoreRestoreTest, LeavesTheLockToTheOwnerWhenItRefuses) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    write(database(), "old");
    ASSERT_EQ(::chown(temporary_.path().c_str(), kDaemon, kDaemon), 0);
    ASSERT_FALSE(StoreRestore::begin(temporary_.path(), Existing::refused).has_value());
    EXPECT_EQ(owner_of(temporary_.path() / "postern.lock"), kDaemon);
}

TEST_F(StoreRestoreTest, GivesAwayNoFileThatHasAnotherName) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const TemporaryDirectory elsewhere;
    write(elsewhere.path() / "of_root", "");
    std::filesystem::create_hard_link(
        elsewhere.path() / "of_root", temporary_.path() / "postern.lock"
    );
    ASSERT_EQ(::chown(temporary_.path().c_str(), kDaemon, kDaemon), 0);
    ASSERT_TRUE(DataDirectory::open(temporary_.path()).has_value());
    EXPECT_EQ(owner_of(elsewhere.path() / "of_root"), 0U);
}

TEST_F(StoreRestoreTest, RefusesADirectoryThatADaemonUses) {
    const auto daemon = DataDirectory::open(temporary_.path());
    const auto restore = StoreRestore::begin(temporary_.path(), Existing::set_aside);
    ASSERT_FALSE(restore.has_value());
    EXPECT_EQ(restore.error().error, StoreError::locked);
}

TEST_F(StoreRestoreTest, LetsNoDaemonBeginAnewAfterItWasCutShort) {
    {
        const auto restore = StoreRestore::begin(temporary_.path(), Existing::refused);
        ASSERT_TRUE(restore.has_value());
    }
    const auto daemon = DataDirectory::open(temporary_.path());
    ASSERT_TRUE(daemon.has_value());
    const auto made = daemon->make_database_file();
    ASSERT_FALSE(made.has_value());
    EXPECT_NE(made.error().message.find("was cut short"), std::string::npos);
}

}  // namespace
}  // namespace postern::storage
