#include "daemon/private_files.hpp"

#include "config/files.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon {
namespace {

using std::filesystem::perms;

class PrivateFiles : public FolderTest {};

perms mode_of(const std::filesystem::path& path) {
    return std::filesystem::status(path).permissions() & perms::mask;
}

TEST_F(PrivateFiles, AreForTheirOwnerOnly) {
    ASSERT_EQ(make_private_folder(folder_ / "a" / "b"), std::nullopt);
    ASSERT_EQ(write_private_file(folder_ / "a" / "b" / "c", "text"), std::nullopt);
    EXPECT_EQ(mode_of(folder_ / "a"), perms::owner_all);
    EXPECT_EQ(mode_of(folder_ / "a" / "b"), perms::owner_all);
    EXPECT_EQ(mode_of(folder_ / "a" / "b" / "c"), perms::owner_read | perms::owner_write);
}

TEST_F(PrivateFiles, ReplaceTheOldTextWholeAndLeaveNothingBeside) {
    const auto path = folder_ / "c";
    ASSERT_EQ(write_private_file(path, "a longer first text"), std::nullopt);
    ASSERT_EQ(write_private_file(path, "second"), std::nullopt);
    EXPECT_EQ(config::read_whole_file(path), "second");
    const std::filesystem::directory_iterator entries{folder_};
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(PrivateFiles, SayWhatCannotBeWritten) {
    ASSERT_EQ(write_private_file(folder_ / "file", "text"), std::nullopt);
    const auto complaint = write_private_file(folder_ / "file" / "below", "text");
    ASSERT_TRUE(complaint.has_value());
    EXPECT_NE(complaint->message.find("cannot be written"), std::string::npos);
    EXPECT_TRUE(make_private_folder(folder_ / "file" / "below").has_value());
}

}  // namespace
}  // namespace postern::daemon
