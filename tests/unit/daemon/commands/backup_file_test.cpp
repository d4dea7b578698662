#include "daemon/commands/backup_file.hpp"

#include "config/files.hpp"
#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/daemon/daemon_testing.hpp"

#include <fstream>

namespace postern::daemon::commands {
namespace {

BackupHead head_of(std::string_view database) {
    return {
        .bytes = database.size(),
        .sha256 = to_hex(sha256(database)),
        .taken_at = "2026-01-28T10:00:00.123Z",
        .version = "1.2.3"};
}

TEST(BackupHead, IsReadAsItWasWritten) {
    const BackupHead head = head_of("database");
    const auto read = read_backup_head(to_line(head));
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(*read, head);
}

TEST(BackupHead, IsRefusedWhenItIsNoneOfOurs) {
    for (const std::string_view line :
         {"", "{}", "hello", "{\"format\":\"other\"}", "{\"format\":\"postern-backup-1\"}"}) {
        SCOPED_TRACE(line);
        EXPECT_FALSE(read_backup_head(line).has_value());
    }
}

class BackupFile : public FolderTest {
 protected:
    void write(const std::string& text) { std::ofstream{folder_ / "backup"} << text; }
    std::uint64_t bytes_done_ = 0;
    Result<void, Complaint> copy() {
        auto input = BackupInput::open((folder_ / "backup").string());
        if (!input) return input.error();
        return input->copy_to(folder_ / "copy", [this](std::uint64_t bytes_done) {
            bytes_done_ = bytes_done;
        });
    }
};

TEST_F(BackupFile, GivesBackWhatWasPutIntoIt) {
    const std::string name = (folder_ / "backup").string();
    {
        auto output = BackupOutput::open(name);
        ASSERT_TRUE(output.has_value());
        ASSERT_TRUE(output->write(to_line(head_of("database"))).has_value());
        ASSERT_TRUE(output->write("database").has_value());
        EXPECT_FALSE(std::filesystem::exists(name)) << "it is not whole";
        ASSERT_TRUE(output->finish().has_value());
    }
    ASSERT_TRUE(copy().has_value());
    EXPECT_EQ(config::read_whole_file(folder_ / "copy"), "database");
    EXPECT_EQ(bytes_done_, 8U);
}

TEST_F(BackupFile, LeavesNothingWhenItIsNotFinished) {
    {
        auto output = BackupOutput::open((folder_ / "backup").string());
        ASSERT_TRUE(output.has_value());
        ASSERT_TRUE(output->write("half").has_value());
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

struct Damage {
    const char* name;
    std::string database;
};

TEST_F(BackupFile, RefusesOtherBytesThanThoseBackedUp) {
    const Damage cases[] = {
        {"another byte", "databasE"},
        {"a byte less", "databas"},
        {"a byte more", "databases"},
    };
    for (const Damage& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        std::filesystem::remove(folder_ / "copy");
        write(to_line(head_of("database")) + test_case.database);
        EXPECT_FALSE(copy().has_value());
    }
}

TEST_F(BackupFile, SaysThatThereIsNone) {
    EXPECT_FALSE(copy().has_value());
}

}  // namespace
}  // namespace postern::daemon::commands
