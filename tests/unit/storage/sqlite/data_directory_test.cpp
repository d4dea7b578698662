#include "storage/sqlite/data_directory.hpp"

#include "tests/unit/storage/store_fixture.hpp"

#include <fstream>

namespace postern::storage {
namespace {

TEST(DataDirectory, IsMadeWithItsParents) {
    const TemporaryDirectory temporary;
    EXPECT_TRUE(DataDirectory::open(temporary.path() / "a/b/c").has_value());
    EXPECT_TRUE(std::filesystem::is_directory(temporary.path() / "a/b/c"));
}

TEST(DataDirectory, IsLockedWhileItIsOpen) {
    const TemporaryDirectory temporary;
    {
        const auto first = DataDirectory::open(temporary.path());
        ASSERT_TRUE(first.has_value());
        const auto second = DataDirectory::open(temporary.path());
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().error, StoreError::locked);
    }
    EXPECT_TRUE(DataDirectory::open(temporary.path()).has_value());
}

TEST(DataDirectory, SaysWhenAFileIsInItsPlace) {
    const TemporaryDirectory temporary;
    std::ofstream{temporary.path() / "file"} << "x";
    const auto opened = DataDirectory::open(temporary.path() / "file");
    ASSERT_FALSE(opened.has_value());
    EXPECT_NE(opened.error().message.find("is not a directory"), std::string::npos);
    const auto below = DataDirectory::open(temporary.path() / "file/below");
    EXPECT_FALSE(below.has_value());
}

}  // namespace
}  // namespace postern::storage
