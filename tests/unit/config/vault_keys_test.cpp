#include "config/vault_keys.hpp"

#include <gtest/gtest.h>

namespace postern::config {
namespace {

const std::string kHexA(64, 'a');
const std::string kHexB(64, 'b');
const std::string kKeyA(32, '\xaa');
const std::string kKeyB(32, '\xbb');

TEST(VaultKeys, AreReadInTheirOrder) {
    const std::vector<VaultKey> both = {{"new", kKeyA}, {"old", kKeyB}};
    EXPECT_EQ(read_vault_keys("new:" + kHexA + ",old:" + kHexB), both);
    EXPECT_EQ(read_vault_keys("\nnew:" + kHexA + "\r\n\told:" + kHexB + "\n"), both);
    EXPECT_EQ(read_vault_keys(""), std::vector<VaultKey>{});
}

TEST(VaultKeys, ThatCannotBeMeantAreRefused) {
    const std::string cases[] = {
        kHexA,                                 // no name
        ":" + kHexA,                           // an empty one
        "Key:" + kHexA,                        // not a name
        "key:" + kHexA.substr(1),              // a digit is missing
        "key:" + kHexA + "aa",                 // a byte too many
        "key:" + std::string(64, 'x'),         // no digits
        "key:" + kHexA + ",key:" + kHexB,      // one name twice
        "key:" + kHexA + "; other:" + kHexB};  // another separator
    for (const std::string& text : cases) {
        EXPECT_EQ(read_vault_keys(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace postern::config
