#include "config/files.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace postern::config {
namespace {

class Files : public testing::Test {
 protected:
    void SetUp() override {
        std::string pattern = testing::TempDir() + "postern-config-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path write(const char* name, const std::string& text) const {
        std::ofstream{folder_ / name, std::ios::binary} << text;
        return folder_ / name;
    }

    std::filesystem::path folder_;
};

TEST_F(Files, AreReadWhole) {
    EXPECT_EQ(read_whole_file(write("a", "x\n")), "x\n");
    EXPECT_EQ(read_whole_file(folder_ / "absent"), std::nullopt);
    EXPECT_EQ(read_whole_file(folder_), std::nullopt);
}

TEST_F(Files, AreRefusedWhenTheyAreTooLarge) {
    EXPECT_TRUE(read_whole_file(write("most", std::string(kFileBytesMax, 'x'))).has_value());
    EXPECT_FALSE(read_whole_file(write("more", std::string(kFileBytesMax + 1, 'x'))).has_value());
}

TEST_F(Files, AreNamedByTheCallerOrTheEnvironment) {
    const auto path = write("postern.toml", "threads = 3\n");
    const auto by_caller = read_input(path, {});
    ASSERT_TRUE(by_caller.has_value());
    EXPECT_EQ(by_caller->text, "threads = 3\n");
    const auto by_environment = read_input({}, {{"POSTERN_CONFIG", path.string()}});
    ASSERT_TRUE(by_environment.has_value());
    EXPECT_EQ(by_environment->path, path);
    const auto by_nobody = read_input({}, {});
    ASSERT_TRUE(by_nobody.has_value());
    EXPECT_EQ(by_nobody->text, "");
    EXPECT_FALSE(read_input(folder_ / "absent", {}).has_value());
}

}  // namespace
}  // namespace postern::config
