#include "daemon/secret_key.hpp"

#include "tests/unit/daemon/api_fixture.hpp"

#include <fstream>

namespace postern::daemon {
namespace {

class SecretKeyTest : public ApiFixture {
 protected:
    std::filesystem::path folder(const std::string& name) const {
        const std::filesystem::path path = directory_ / name;
        std::filesystem::create_directories(path);
        return path;
    }
    static void put_key(const std::filesystem::path& folder, const std::string& key) {
        std::ofstream{folder / "secrets.key", std::ios::binary} << key;
    }
    std::string complaint_of(const std::filesystem::path& folder) {
        const auto key = agree_on_key(folder, *store_);
        return key ? "none" : key.error().message;
    }
};

TEST_F(SecretKeyTest, TheFirstNodeMakesItAndOneWithACopyAgrees) {
    const auto first = agree_on_key(folder("first"), *store_);
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_EQ(first->size(), 32U);
    const auto again = agree_on_key(folder("first"), *store_);
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, *first);
    put_key(folder("second"), *first);
    EXPECT_EQ(complaint_of(folder("second")), "none");
}

TEST_F(SecretKeyTest, ANodeWithoutItIsToldToCopyItAndMakesNone) {
    ASSERT_TRUE(agree_on_key(folder("first"), *store_).has_value());
    EXPECT_NE(complaint_of(folder("second")).find("copy the file"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder("second") / "secrets.key"));
}

TEST_F(SecretKeyTest, ANodeWithAnotherOneIsRefusedAndKeepsIt) {
    ASSERT_TRUE(agree_on_key(folder("first"), *store_).has_value());
    put_key(folder("second"), std::string(32, 'x'));
    EXPECT_NE(
        complaint_of(folder("second")).find("is not the key that the store's secrets"),
        std::string::npos
    );
    EXPECT_TRUE(std::filesystem::exists(folder("second") / "secrets.key"));
}

TEST_F(SecretKeyTest, AFileThatIsNoKeyIsNamed) {
    put_key(folder("first"), "short");
    EXPECT_NE(complaint_of(folder("first")).find("32 bytes"), std::string::npos);
}

TEST_F(SecretKeyTest, AStoreOfOnesOwnHasNoTag) {
    const auto key = read_or_make_key(folder("alone"));
    ASSERT_TRUE(key.has_value());
    put_key(folder("other"), std::string(32, 'x'));
    EXPECT_EQ(complaint_of(folder("other")), "none");
}

}  // namespace
}  // namespace postern::daemon
