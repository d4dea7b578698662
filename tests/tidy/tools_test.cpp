#include "tests/tidy/repository.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

// Rules that another tool knows better. Where it is not installed they are skipped.
namespace postern::tidy {
namespace {

enum class Outcome { missing, content, complained };

struct Said {
    Outcome outcome = Outcome::missing;
    std::string text;
};

constexpr int kShellFoundNoSuchProgram = 127;

Said run_in_tree(const std::string& command, const std::vector<std::string>& paths) {
    std::string line = "cd '" POSTERN_SOURCE_DIR "' && " + command;
    for (const std::string& path : paths) line += " '" + path + "'";
    line += " 2>&1";
    std::FILE* pipe = popen(line.c_str(), "r");
    if (pipe == nullptr) return {};
    Said said;
    std::array<char, 4096> block;
    while (const std::size_t size = std::fread(block.data(), 1, block.size(), pipe)) {
        said.text.append(block.data(), size);
    }
    const int status = pclose(pipe);
    if (WEXITSTATUS(status) == kShellFoundNoSuchProgram) return {};
    said.outcome = status == 0 ? Outcome::content : Outcome::complained;
    return said;
}

template <class Predicate>
std::vector<std::string> paths_where(Predicate belongs) {
    std::vector<std::string> paths;
    for (const SourceFile& file : Repository::of_this_tree().files()) {
        if (belongs(file)) paths.push_back(file.path);
    }
    return paths;
}

TEST(Tools, FindEveryFileFormatted) {
    const Said said = run_in_tree("clang-format-14 --dry-run -Werror", paths_where(is_cpp));
    if (said.outcome == Outcome::missing) GTEST_SKIP() << "no clang-format-14 here";
    EXPECT_EQ(said.outcome, Outcome::content)
        << "run ./dev fmt: layout is the tool's business, not a review's\n"
        << said.text.substr(0, 2000);
}

TEST(Tools, FindNothingWrongWithTheShellScripts) {
    const auto is_shell = [](const SourceFile& file) {
        return !file.lines.empty() && file.lines.front().text.starts_with("#!")
               && file.lines.front().text.ends_with("sh");
    };
    const Said said = run_in_tree("shellcheck", paths_where(is_shell));
    if (said.outcome == Outcome::missing) GTEST_SKIP() << "no shellcheck here";
    EXPECT_EQ(said.outcome, Outcome::content) << said.text.substr(0, 2000);
}

}  // namespace
}  // namespace postern::tidy
