#include "daemon/node_home.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon {
namespace {

class NodeHomeTest : public FolderTest {
 protected:
    static std::string name_of(const std::filesystem::path& folder, std::string_view machine) {
        const auto home = NodeHome::open(folder, machine);
        if (home) return home->name();
        ADD_FAILURE() << home.error().message;
        return {};
    }
};

TEST_F(NodeHomeTest, HasTheSameNameForEachProcessThatStartsThere) {
    const std::string name = name_of(folder_ / "a", "shop-1");
    EXPECT_EQ(name.size(), 32U);
    EXPECT_EQ(name_of(folder_ / "a", "shop-1"), name);
    EXPECT_NE(name_of(folder_ / "b", "shop-1"), name);
}

TEST_F(NodeHomeTest, IsAnotherOneWhereItWasCopiedTo) {
    EXPECT_NE(name_of(folder_, "shop-1"), name_of(folder_, "shop-2"));
}

TEST_F(NodeHomeTest, HoldsOneProcessAtATime) {
    const auto first = NodeHome::open(folder_, "shop-1");
    ASSERT_TRUE(first.has_value());
    EXPECT_FALSE(NodeHome::open(folder_, "shop-1").has_value());
}

}  // namespace
}  // namespace postern::daemon
