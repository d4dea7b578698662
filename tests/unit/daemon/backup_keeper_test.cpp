#include "daemon/backup_keeper.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "storage/sqlite/sqlite_database.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

#include <thread>

namespace postern::daemon {
namespace {

class BackupKeeperTest : public FolderTest {
 protected:
    void SetUp() override {
        FolderTest::SetUp();
        storage::SqliteOptions options{.directory = folder_ / "store"};
        options.limits.reserve_bytes = 1 << 20;
        auto opened = storage::open_sqlite(std::move(options), clock_);
        ASSERT_TRUE(opened.has_value());
        database_ = std::move(*opened);
    }
    BackupKeeper::Parts parts() {
        return {.database = *database_, .clock = clock_, .store = folder_ / "store"};
    }
    BackupStatus wait_for_end(BackupKeeper& keeper, const std::string& id) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
        while (std::chrono::steady_clock::now() < end) {
            const auto status = keeper.find(id);
            if (!status) break;
            if (status->state == BackupState::ready || status->state == BackupState::failed) {
                return *status;
            }
            std::this_thread::yield();
        }
        return {};
    }
    bool leftovers() { return std::filesystem::exists(folder_ / "store" / "backup.tmp"); }

    SystemClock clock_;
    std::unique_ptr<storage::Database> database_;
};

TEST_F(BackupKeeperTest, HandsOverACopyInPartsThatHashToWhatItSaid) {
    BackupKeeper keeper{parts()};
    const auto begun = keeper.begin();
    ASSERT_TRUE(begun.has_value());
    const BackupStatus status = wait_for_end(keeper, begun->id);
    ASSERT_EQ(status.state, BackupState::ready) << status.why;
    std::string whole;
    for (;;) {
        const auto part = keeper.read(status.id, {.offset = whole.size(), .bytes_max = 100'000});
        ASSERT_TRUE(part.has_value());
        whole += *part;
        if (part->size() < 100'000) break;
    }
    EXPECT_EQ(whole.size(), status.bytes);
    EXPECT_EQ(to_hex(sha256(whole)), status.sha256);
    EXPECT_TRUE(keeper.drop(status.id));
    EXPECT_FALSE(keeper.find(status.id).has_value());
    EXPECT_FALSE(leftovers());
}

TEST_F(BackupKeeperTest, MakesOneAtATimeAndAnotherWhenItIsGone) {
    BackupKeeper keeper{parts()};
    const auto first = keeper.begin();
    ASSERT_TRUE(first.has_value());
    EXPECT_FALSE(keeper.begin().has_value());
    wait_for_end(keeper, first->id);
    EXPECT_TRUE(keeper.drop(first->id));
    EXPECT_TRUE(keeper.begin().has_value());
}

TEST_F(BackupKeeperTest, DropsWhatNobodyAsksFor) {
    BackupKeeper::Parts unasked = parts();
    unasked.kept_unasked = std::chrono::seconds{0};
    BackupKeeper keeper{unasked};
    const auto begun = keeper.begin();
    ASSERT_TRUE(begun.has_value());
    wait_for_end(keeper, begun->id);
    keeper.drop_unasked();
    EXPECT_FALSE(keeper.find(begun->id).has_value());
    EXPECT_FALSE(leftovers());
}

TEST_F(BackupKeeperTest, LeavesNothingWhenItIsStopped) {
    {
        BackupKeeper keeper{parts()};
        ASSERT_TRUE(keeper.begin().has_value());
    }
    EXPECT_FALSE(leftovers());
}

TEST_F(BackupKeeperTest, BeginsAnewAfterItWasStopped) {
    BackupKeeper keeper{parts()};
    ASSERT_TRUE(keeper.begin().has_value());
    keeper.stop();
    keeper.stop();
    const auto begun = keeper.begin();
    ASSERT_TRUE(begun.has_value());
    EXPECT_EQ(wait_for_end(keeper, begun->id).state, BackupState::ready);
}

TEST_F(BackupKeeperTest, KnowsNoOtherName) {
    BackupKeeper keeper{parts()};
    EXPECT_FALSE(keeper.find("").has_value());
    EXPECT_FALSE(keeper.read("another", {.bytes_max = 1}).has_value());
    EXPECT_FALSE(keeper.drop("another"));
}

}  // namespace
}  // namespace postern::daemon
