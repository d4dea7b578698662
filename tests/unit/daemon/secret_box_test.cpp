#include "daemon/secret_box.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

TEST(SecretBox, OpensWhatItSealed) {
    const SecretBox box{std::string(32, 'k')};
    for (const std::string& text :
         {std::string{}, std::string{"whsec_a"}, std::string(70'000, 'x')}) {
        EXPECT_EQ(box.open("use", box.seal("use", text)), text);
    }
}

TEST(SecretBox, SealsTheSameTextDifferentlyEachTime) {
    const SecretBox box{std::string(32, 'k')};
    EXPECT_NE(box.seal("use", "text"), box.seal("use", "text"));
    EXPECT_EQ(box.seal("use", "whsec_").find("whsec_"), std::string::npos);
}

TEST(SecretBox, OpensNothingElse) {
    const SecretBox box{std::string(32, 'k')};
    const SecretBox other{std::string(32, 'o')};
    const std::string sealed = box.seal("use", "text");
    EXPECT_EQ(box.open("another use", sealed), std::nullopt);
    EXPECT_EQ(other.open("use", sealed), std::nullopt);
    EXPECT_EQ(box.open("use", ""), std::nullopt);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_EQ(box.open("use", changed), std::nullopt) << i;
        EXPECT_EQ(box.open("use", sealed.substr(0, i)), std::nullopt) << i;
    }
}

TEST(SecretBox, DerivesAKeyForEachUse) {
    const SecretBox box{std::string(32, 'k')};
    EXPECT_EQ(box.derive("signing").size(), 32U);
    EXPECT_EQ(box.derive("signing"), box.derive("signing"));
    EXPECT_NE(box.derive("signing"), box.derive("other"));
    EXPECT_NE(box.derive("signing"), SecretBox{std::string(32, 'o')}.derive("signing"));
}

}  // namespace
}  // namespace postern::daemon
