#include "storage/sqlite/disk_guard.hpp"

#include "tests/unit/storage/store_fixture.hpp"

namespace postern::storage {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

class DiskGuardTest : public ::testing::Test {
 protected:
    SqliteOptions options() {
        SqliteOptions options{.directory = directory_.path()};
        options.limits.reserve_bytes = 2 * kMiB;
        options.limits.low_water_bytes = 4 * kMiB;
        options.limits.space_check_every = std::chrono::milliseconds{0};
        options.disk_space = [this] {
            return space_;
        };
        return options;
    }
    bool has_reserve() const {
        return std::filesystem::exists(directory_.path() / "postern.reserve");
    }

    TemporaryDirectory directory_;
    std::optional<DiskSpace> space_ = DiskSpace{1'000 * kMiB, 1'000 * kMiB};
};

TEST_F(DiskGuardTest, SetsSpaceAsideForReal) {
    DiskGuard guard{options()};
    EXPECT_EQ(guard.room(), Room::plenty);
    ASSERT_TRUE(has_reserve());
    EXPECT_EQ(std::filesystem::file_size(directory_.path() / "postern.reserve"), 2 * kMiB);
}

TEST_F(DiskGuardTest, DoesNotCountWhatTheReserveWillNeedAgain) {
    DiskGuard guard{options()};
    EXPECT_EQ(guard.room(), Room::plenty);
    guard.give_up_reserve();
    EXPECT_FALSE(has_reserve());
    space_->free_bytes = 5 * kMiB;
    EXPECT_EQ(guard.room(), Room::low);
    EXPECT_FALSE(has_reserve());
    space_->free_bytes = 6 * kMiB;
    EXPECT_EQ(guard.room(), Room::plenty);
    EXPECT_TRUE(has_reserve());
    space_->free_bytes = 4 * kMiB;
    EXPECT_EQ(guard.room(), Room::plenty);
    space_->free_bytes = 4 * kMiB - 1;
    EXPECT_EQ(guard.room(), Room::low);
}

TEST_F(DiskGuardTest, TakesOnlyAShareOfASmallDisk) {
    space_ = DiskSpace{16 * kMiB, 16 * kMiB};
    DiskGuard guard{options()};
    EXPECT_EQ(guard.room(), Room::plenty);
    EXPECT_EQ(std::filesystem::file_size(directory_.path() / "postern.reserve"), kMiB);
}

TEST_F(DiskGuardTest, NeedsNoReserve) {
    SqliteOptions without = options();
    without.limits.reserve_bytes = 0;
    DiskGuard guard{without};
    EXPECT_EQ(guard.room(), Room::plenty);
    EXPECT_FALSE(has_reserve());
    guard.give_up_reserve();
    EXPECT_EQ(guard.room(), Room::plenty);
}

TEST_F(DiskGuardTest, KeepsItsOpinionWhenTheSystemDoesNotAnswer) {
    DiskGuard guard{options()};
    EXPECT_EQ(guard.room(), Room::plenty);
    space_.reset();
    EXPECT_EQ(guard.room(), Room::plenty);
}

}  // namespace
}  // namespace postern::storage
