#include "daemon/commands/resource_table.hpp"

#include <gtest/gtest.h>

namespace postern::daemon::commands {
namespace {

constexpr Column kColumns[] = {{"ID", "id"}, {"PERCENT", "progress.percent"}, {"WHY", "why"}};

std::string table(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    return table_of(document->root(), kColumns);
}

TEST(ResourceTable, AlignsItsColumns) {
    EXPECT_EQ(
        table(R"([{"id":"a","progress":{"percent":7},"why":"x"},{"id":"longer","why":null}])"),
        "ID      PERCENT  WHY\n"
        "a       7        x\n"
        "longer  -        -\n"
    );
}

TEST(ResourceTable, LeavesOutColumnsWithoutAValue) {
    EXPECT_EQ(table(R"([{"id":"a"}])"), "ID\na\n");
    EXPECT_EQ(table("[]"), "nothing there\n");
}

TEST(ResourceTable, CountsCharactersNotBytes) {
    EXPECT_EQ(table(R"([{"id":"é","why":"x"},{"id":"ab","why":"y"}])"), "ID  WHY\né   x\nab  y\n");
}

TEST(ResourceTable, ShowsNothingThatATerminalActsOn) {
    EXPECT_EQ(table("[{\"id\":\"a\\u001b[2Jb\\u009bc\\nd\"}]"), "ID\na?[2Jb?c?d\n");
}

TEST(ResourceTable, CutsLongCells) {
    const std::string text = table("[{\"id\":\"" + std::string(61, 'x') + "\"}]");
    EXPECT_EQ(text, "ID\n" + std::string(60, 'x') + "…\n");
}

TEST(ResourceTable, ShowsARecordValueByValue) {
    const auto document = JsonDocument::parse(
        R"({"id":"a","live":true,"none":null,"types":["x","y"],"health":{"state":"fine"},
            "log":[{"n":1}]})"
    );
    EXPECT_EQ(
        record_of(document->root()),
        "id            a\n"
        "live          yes\n"
        "none          -\n"
        "types         x, y\n"
        "health.state  fine\n"
        "log.0.n       1\n"
    );
}

}  // namespace
}  // namespace postern::daemon::commands
