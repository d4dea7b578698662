#include "daemon/accept_language.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

constexpr auto kEnglish = SpokenLanguage::english;
constexpr auto kChinese = SpokenLanguage::chinese;

struct Case {
    const char* field;
    SpokenLanguage spoken;
};

const Case kCases[] = {
    {"", kEnglish},
    {"zh", kChinese},
    {"ZH-cn", kChinese},
    {"zh-Hans-CN", kChinese},
    {"zhx", kEnglish},
    {"de", kEnglish},
    {"de, zh;q=0.5", kChinese},
    {"en, zh", kEnglish},
    {"zh, en", kChinese},
    {"en;q=0.8, zh;q=0.9", kChinese},
    {"zh-CN,zh;q=0.9,en;q=0.8", kChinese},
    {"zh;q=0", kEnglish},
    {"zh;q=0.001", kChinese},
    {"zh;q=2", kEnglish},
    {"zh;q=abc", kEnglish},
    {"zh;q=1.000", kChinese},
    {"*, zh;q=0.9", kEnglish},
    {" ,, zh ;q=0.7 ,", kChinese},
};

TEST(AcceptLanguage, ChoosesTheHeaviestThatWeSpeak) {
    for (const Case& test_case : kCases) {
        EXPECT_EQ(spoken_language(test_case.field), test_case.spoken) << test_case.field;
    }
}

}  // namespace
}  // namespace postern::daemon
