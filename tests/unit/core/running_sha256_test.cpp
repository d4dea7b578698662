#include "core/running_sha256.hpp"

#include "core/crypto.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace postern {
namespace {

struct Case {
    const char* name;
    std::vector<std::string_view> pieces;
    std::string_view whole;
};

TEST(RunningSha256, SaysWhatTheWholeHashesTo) {
    const Case cases[] = {
        {"nothing", {}, ""},
        {"one piece", {"postern"}, "postern"},
        {"pieces, one of them empty", {"pos", "", "tern"}, "postern"},
    };
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        RunningSha256 running;
        for (const std::string_view piece : test_case.pieces) running.add(piece);
        EXPECT_EQ(running.finish(), sha256(test_case.whole));
    }
}

}  // namespace
}  // namespace postern
