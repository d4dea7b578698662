#include "core/files.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

namespace postern {
namespace {

class Files : public testing::Test {
 protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "files-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    OwnedFd made(const char* name) const {
        return OwnedFd{::open((folder_ / name).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    }

    std::filesystem::path folder_;
};

bool is_open(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) >= 0;
}

TEST_F(Files, ADescriptorIsClosedByItsLastOwner) {
    OwnedFd first = made("one");
    const int descriptor = first.get();
    {
        const OwnedFd second = std::move(first);
        EXPECT_TRUE(is_open(descriptor));
    }
    EXPECT_FALSE(is_open(descriptor));
}

TEST_F(Files, AnAssignedOneTakesThePlaceOfAnother) {
    OwnedFd kept = made("one");
    const int descriptor = kept.get();
    {
        OwnedFd other = made("two");
        kept = std::move(other);
    }
    EXPECT_FALSE(is_open(descriptor));
    EXPECT_TRUE(is_open(kept.get()));
}

TEST_F(Files, EveryByteIsWritten) {
    const std::string bytes(300'000, 'x');
    ASSERT_TRUE(write_all(made("large"), bytes));
    std::ifstream file{folder_ / "large"};
    const std::string read{std::istreambuf_iterator<char>{file}, {}};
    EXPECT_EQ(read, bytes);
}

TEST_F(Files, AWriteThatFailsSaysWhy) {
    const OwnedFd full{::open("/dev/full", O_WRONLY | O_CLOEXEC)};
    ASSERT_TRUE(full.is_open());
    EXPECT_FALSE(write_all(full, "x"));
    EXPECT_EQ(
        file_complaint("/dev/full", "cannot be written").message,
        "/dev/full: cannot be written: No space left on device"
    );
}

TEST_F(Files, AFoldersNamesAreSyncedWhereThereIsAFolder) {
    EXPECT_TRUE(sync_folder_of(folder_ / "any"));
    EXPECT_TRUE(sync_folder_of("any"));  // in the working directory
    EXPECT_FALSE(sync_folder_of(folder_ / "absent" / "any"));
}

}  // namespace
}  // namespace postern
