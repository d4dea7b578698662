#include "verifiers/offered_digests.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct Case {
    const char* name;
    std::vector<std::string> sent;
    DigestEncoding encoding;
    RepeatedHeader repeated;
    std::optional<std::vector<std::string>> offered;
};

constexpr auto kHex = DigestEncoding::hex;
constexpr auto kBase64 = DigestEncoding::base64;
constexpr auto kAny = RepeatedHeader::any_counts;
constexpr auto kFirst = RepeatedHeader::first_counts;

const Case kCases[] = {
    {"no header", {}, kHex, kAny, std::nullopt},
    {"an empty header", {""}, kHex, kAny, std::nullopt},
    {"an empty first one where any counts", {"", "41"}, kHex, kAny, {{"A"}}},
    {"an empty first one where it alone counts", {"", "41"}, kHex, kFirst, std::nullopt},
    {"all of them", {"41", "42"}, kHex, kAny, {{"A", "B"}}},
    {"the first alone", {"41", "42"}, kHex, kFirst, {{"A"}}},
    {"base64", {"QQ==", "Qg=="}, kBase64, kAny, {{"A", "B"}}},
    {"one that does not decode", {"4", "42"}, kHex, kAny, {{"B"}}},
    {"none that decodes", {"zz"}, kHex, kAny, std::vector<std::string>{}},
};

TEST(OfferedDigests, CountsRepeatedHeadersAsTheProviderDoes) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Posted posted{.headers = {}, .body = "{}"};
        for (const std::string& value : test_case.sent) posted.headers.emplace_back("X-S", value);
        const DigestHeader header{
            .name = "x-s", .encoding = test_case.encoding, .repeated = test_case.repeated};
        const auto offered = asked(posted, [&header](const SignedRequest& request) {
            return offered_digests(request, header);
        });
        EXPECT_EQ(offered, test_case.offered);
    }
}

TEST(OfferedDigests, AreNoneOrOneInATextAlone) {
    EXPECT_EQ(offered_digests("4142", kHex), std::vector<std::string>{"AB"});
    EXPECT_EQ(offered_digests("QUI=", kBase64), std::vector<std::string>{"AB"});
    EXPECT_TRUE(offered_digests("4142,4142", kHex).empty());
    EXPECT_TRUE(offered_digests("*", kBase64).empty());
}

}  // namespace
}  // namespace postern::verifiers
