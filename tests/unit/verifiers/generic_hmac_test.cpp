#include "verifiers/generic_hmac.hpp"

#include "tests/unit/verifiers/body_hmac_attacks.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

TEST(GenericHmacProvider, DecidesEveryHeaderShapeOfThePlainScheme) {
    expect_body_hmac_verdicts({make_generic_hmac, "secrets", "X-Signature", HashAlgorithm::sha256});
}

TEST(GenericHmacProvider, DemandsSecrets) {
    expect_secrets_are_demanded(make_generic_hmac, "secrets");
}

constexpr const char* kBody = R"({"id":"e1"})";

enum class Spelling { hex, base64 };

std::string digest(
    std::string_view signed_text,
    Spelling spelling = Spelling::hex,
    HashAlgorithm algorithm = HashAlgorithm::sha256
) {
    const std::string bytes = HmacKey{algorithm, "secret-new"}.sign({signed_text});
    return spelling == Spelling::hex ? to_hex(bytes) : to_base64(bytes);
}

struct Case {
    const char* name;
    const char* settings;  // beside the secrets
    std::vector<std::pair<std::string, std::string>> headers;
    const char* verdict;
};

constexpr const char* kTimed =
    R"("signed_payload":"{timestamp}.{body}","timestamp_header":"X-Time","tolerance_seconds":60)";
constexpr const char* kTimedMilliseconds =
    R"("signed_payload":"{timestamp}.{body}","timestamp_header":"X-Time","timestamp_unit":"ms")";
constexpr const char* kPairs =
    R"("signed_payload":"{timestamp}.{body}","signature_format":"kv","signature_key":"s",
       "timestamp_key":"time","encoding":"base64")";
constexpr const char* kPairsUntimed = R"("signature_format":"kv","prefix":"hex:")";
constexpr const char* kIdAndUrl =
    R"("signed_payload":"{url}|{id}|{body}|end","id_header":"X-Id",
       "notification_url":"https://x/h")";
const std::string kBodyText = kBody;

const std::vector<Case> kCases = {
    {"base64 of sha1",
     R"("algorithm":"sha1","encoding":"base64")",
     {{"X-Signature", digest(kBody, Spelling::base64, HashAlgorithm::sha1)}},
     "key 0"},
    {"sha512 by another name",
     R"("algorithm":"sha512","signature_header":"X-Sign")",
     {{"x-sign", digest(kBody, Spelling::hex, HashAlgorithm::sha512)}},
     "key 0"},
    {"a prefix", R"("prefix":"sha256=")", {{"X-Signature", "sha256=" + digest(kBody)}}, "key 0"},
    {"no prefix where one belongs",
     R"("prefix":"sha256=")",
     {{"X-Signature", digest(kBody)}},
     "malformed"},
    {"a right time",
     kTimed,
     {{"X-Time", "1700000060"}, {"X-Signature", digest("1700000060." + kBodyText)}},
     "key 0"},
    {"a time too late",
     kTimed,
     {{"X-Time", "1700000061"}, {"X-Signature", digest("1700000061." + kBodyText)}},
     "timestamp_out_of_tolerance"},
    {"a time too early",
     kTimed,
     {{"X-Time", "1699999939"}, {"X-Signature", digest("1699999939." + kBodyText)}},
     "timestamp_out_of_tolerance"},
    {"a time that was not signed",
     kTimed,
     {{"X-Time", "1700000001"}, {"X-Signature", digest("1700000000." + kBodyText)}},
     "bad_signature"},
    {"no time", kTimed, {{"X-Signature", digest("." + kBodyText)}}, "missing_header"},
    {"a time in words",
     kTimed,
     {{"X-Time", "now"}, {"X-Signature", digest("now." + kBodyText)}},
     "malformed"},
    {"milliseconds",
     kTimedMilliseconds,
     {{"X-Time", "1700000000500"}, {"X-Signature", digest("1700000000500." + kBodyText)}},
     "key 0"},
    {"seconds where milliseconds belong",
     kTimedMilliseconds,
     {{"X-Time", "1700000000"}, {"X-Signature", digest("1700000000." + kBodyText)}},
     "timestamp_out_of_tolerance"},
    {"pairs with base64, whose = is no separator",
     kPairs,
     {{"X-Signature",
       "s=AAAA, time=1700000000, s=" + digest("1700000000." + kBodyText, Spelling::base64)}},
     "key 0"},
    {"pairs without a time",
     kPairs,
     {{"X-Signature", "s=" + digest("." + kBodyText, Spelling::base64)}},
     "malformed"},
    {"pairs without a signature", kPairs, {{"X-Signature", "time=1700000000"}}, "malformed"},
    {"pairs of another name",
     kPairs,
     {{"X-Signature", "time=1700000000,v1=" + digest("1700000000." + kBodyText, Spelling::base64)}},
     "malformed"},
    {"pairs in hex where base64 belongs",
     kPairs,
     {{"X-Signature", "time=1700000000,s=" + digest("1700000000." + kBodyText)}},
     "bad_signature"},
    {"pairs over the body alone, prefixed",
     kPairsUntimed,
     {{"X-Signature", "v1=hex:" + digest(kBody)}},
     "key 0"},
    {"pairs without their prefix",
     kPairsUntimed,
     {{"X-Signature", "v1=" + digest(kBody)}},
     "bad_signature"},
    {"url, id and a tail",
     kIdAndUrl,
     {{"X-Id", "m1"}, {"X-Signature", digest("https://x/h|m1|" + kBodyText + "|end")}},
     "key 0"},
    {"another id",
     kIdAndUrl,
     {{"X-Id", "m2"}, {"X-Signature", digest("https://x/h|m1|" + kBodyText + "|end")}},
     "bad_signature"},
    {"no id where it is signed",
     kIdAndUrl,
     {{"X-Signature", digest("https://x/h||" + kBodyText + "|end")}},
     "missing_header"},
};

std::string settings_with(const std::string& others) {
    return R"({"secrets":["secret-new"],)" + others + "}";
}

TEST(GenericHmacProvider, DecidesAsItsOperatorDescribed) {
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const auto provider = make_generic_hmac(settings_of(settings_with(test_case.settings)));
        ASSERT_TRUE(provider.has_value()) << provider.error().message;
        EXPECT_EQ(verdict_of(**provider, {test_case.headers, kBody}), test_case.verdict);
    }
}

TEST(GenericHmacProvider, DecodesItsSecrets) {
    const std::string signature = digest(kBody);
    for (const std::string encoding : {"hex", "base64"}) {
        const std::string secret =
            encoding == "hex" ? to_hex("secret-new") : to_base64("secret-new");
        const std::string json =
            R"({"secrets":[")" + secret + R"("],"secret_encoding":")" + encoding + R"("})";
        const auto provider = make_generic_hmac(settings_of(json));
        ASSERT_TRUE(provider.has_value());
        EXPECT_EQ(verdict_of(**provider, {{{"X-Signature", signature}}, kBody}), "key 0");
    }
}

struct EventCase {
    const char* name;
    const char* settings;
    const char* body;
    const char* line;
};

const EventCase kEventCases[] = {
    {"the body's id goes before the header's",
     R"("id_header":"X-Id")",
     R"({"id":"e1","type":"payment.created"})",
     "e1 payment.created -> payment.created"},
    {"the header's id stands in",
     R"("id_header":"X-Id")",
     R"({"type":"payment.created"})",
     "m1 payment.created -> payment.created"},
    {"no id at all is left to the daemon",
     R"("prefix":"")",
     R"({"type":"payment.created"})",
     "(no id) payment.created -> payment.created"},
    {"no object", R"("prefix":"")", "[]", "malformed"},
    {"half a body", R"("prefix":"")", "{", "malformed"},
};

TEST(GenericHmacProvider, FindsTheEventsId) {
    for (const EventCase& test_case : kEventCases) {
        SCOPED_TRACE(test_case.name);
        const auto provider = make_generic_hmac(settings_of(settings_with(test_case.settings)));
        ASSERT_TRUE(provider.has_value());
        EXPECT_EQ(
            events_of(**provider, {{{"X-Id", "m1"}}, test_case.body}, full_line_of), test_case.line
        );
    }
}

const char* const kSampledSettings[] = {
    R"("prefix":"v=","encoding":"base64","algorithm":"sha512")",
    kTimedMilliseconds,
    kPairs,
    kPairsUntimed,
    kIdAndUrl,
};

TEST(GenericHmacProvider, TakesSamplesOfWhateverIsDescribed) {
    for (const char* others : kSampledSettings) {
        SCOPED_TRACE(others);
        const SettingTable settings = settings_of(settings_with(others));
        const auto provider = make_generic_hmac(settings);
        ASSERT_TRUE(provider.has_value());
        const SampleWish wish{
            .unique = "0123456789abcdef", .now = from_unix_seconds(1'700'000'000)};
        const auto sample = sample_generic_hmac(settings, wish);
        ASSERT_TRUE(sample.has_value());
        EXPECT_EQ(verdict_of(**provider, {sample->headers, sample->body}), "key 0");
    }
}

}  // namespace
}  // namespace postern::verifiers
