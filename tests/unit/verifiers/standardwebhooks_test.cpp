#include "verifiers/standardwebhooks.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kNewKey = "0123456789abcdef01234567";
constexpr const char* kOldKey = "fedcba9876543210fedcba98";
constexpr const char* kBody = R"({"type":"ping"})";
constexpr const char* kNow = "1700000000";

struct Signing {
    std::string_view key = kNewKey;
    std::string_view id = "msg_1";
    std::string_view timestamp = kNow;
    std::string_view body = kBody;
};

std::string v1(const Signing& signing) {
    const HmacKey key{HashAlgorithm::sha256, signing.key};
    return "v1," + to_base64(key.sign({signing.id, ".", signing.timestamp, ".", signing.body}));
}

PrivateKey signing_key(char seed) {
    return std::move(*PrivateKey::ed25519(std::string(32, seed)));
}

std::string v1a(const PrivateKey& key, std::string_view body) {
    std::string message = std::string{"msg_1."} + kNow + ".";
    message += body;
    return "v1a," + to_base64(key.sign_ed25519(message));
}

SettingTable both_kinds_of_keys() {
    const std::string whpk = "whpk_" + to_base64(signing_key('a').ed25519_public_bytes());
    return {
        {"secrets",
         {SettingList{
             SettingValue{"whsec_" + to_base64(kNewKey)}, SettingValue{to_base64(kOldKey)}}}},
        {"public_keys", {SettingList{SettingValue{whpk}}}},
    };
}

struct Case {
    const char* name;
    const char* id;
    const char* timestamp;
    std::string signature;
    const char* verdict;
};

std::string many(std::size_t count, std::string_view signature) {
    std::string header;
    for (std::size_t i = 0; i < count; ++i) header += "v1,AAAA ";
    header += signature;
    return header;
}

const Case kCases[] = {
    {"accepts a right signature", "msg_1", kNow, v1({}), "key 0"},
    {"accepts the older secret", "msg_1", kNow, v1({.key = kOldKey}), "key 1"},
    {"accepts a public key's", "msg_1", kNow, v1a(signing_key('a'), kBody), "key 2"},
    {"accepts one of several", "msg_1", kNow, "v9,x v1,AAAA " + v1({}) + " v1a,BBBB", "key 0"},
    {"accepts doubled spaces", "msg_1", kNow, "  " + v1({}) + "  ", "key 0"},
    {"accepts exactly the tolerance",
     "msg_1",
     "1699999700",
     v1({.timestamp = "1699999700"}),
     "key 0"},
    {"rejects one second too old",
     "msg_1",
     "1699999699",
     v1({.timestamp = "1699999699"}),
     "timestamp_out_of_tolerance"},
    {"rejects one second too new",
     "msg_1",
     "1700000301",
     v1({.timestamp = "1700000301"}),
     "timestamp_out_of_tolerance"},
    {"rejects no id", "", kNow, v1({.id = ""}), "missing_header"},
    {"rejects no timestamp", "msg_1", "", v1({.timestamp = ""}), "missing_header"},
    {"rejects no signature", "msg_1", kNow, "", "missing_header"},
    {"rejects a timestamp in words", "msg_1", "now", v1({.timestamp = "now"}), "malformed"},
    {"rejects a negative timestamp", "msg_1", "-1", v1({.timestamp = "-1"}), "malformed"},
    {"rejects another id", "msg_2", kNow, v1({}), "bad_signature"},
    {"rejects another timestamp", "msg_1", "1700000001", v1({}), "bad_signature"},
    {"rejects a dot moved from the id", "msg_1.1", "700000000", v1({}), "bad_signature"},
    {"rejects a foreign secret", "msg_1", kNow, v1({.key = "foreign"}), "bad_signature"},
    {"rejects another body's", "msg_1", kNow, v1({.body = "{}"}), "bad_signature"},
    {"rejects the secret's text as the key",
     "msg_1",
     kNow,
     v1({.key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"}),
     "bad_signature"},
    {"rejects a foreign public key's",
     "msg_1",
     kNow,
     v1a(signing_key('b'), kBody),
     "bad_signature"},
    {"rejects a public key's for another body",
     "msg_1",
     kNow,
     v1a(signing_key('a'), "{}"),
     "bad_signature"},
    {"rejects a digest in the other scheme's name",
     "msg_1",
     kNow,
     "v1a," + v1({}).substr(3),
     "bad_signature"},
    {"rejects versions of tomorrow", "msg_1", kNow, "v2," + v1({}).substr(3), "bad_signature"},
    {"rejects a signature without a version", "msg_1", kNow, v1({}).substr(3), "bad_signature"},
    {"rejects what is no base64", "msg_1", kNow, "v1,***", "bad_signature"},
    {"looks at no more than a list of sane length",
     "msg_1",
     kNow,
     many(32, v1({})),
     "bad_signature"},
    {"looks at all of a sane list", "msg_1", kNow, many(31, v1({})), "key 0"},
};

TEST(StandardWebhooksProvider, DecidesEveryHeaderShape) {
    const auto provider = make_standardwebhooks(both_kinds_of_keys());
    ASSERT_TRUE(provider.has_value()) << provider.error().message;
    for (const Case& test_case : kCases) {
        for (const std::string family : {"webhook", "svix"}) {
            SCOPED_TRACE(std::string{test_case.name} + " as " + family);
            const Posted posted{
                {{family + "-id", test_case.id},
                 {family + "-timestamp", test_case.timestamp},
                 {family + "-signature", test_case.signature}},
                kBody};
            EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
        }
    }
}

TEST(StandardWebhooksProvider, RejectsEveryFlippedBit) {
    const auto provider = make_standardwebhooks(both_kinds_of_keys());
    for (const std::string& signature : {v1({}), v1a(signing_key('a'), kBody)}) {
        const std::string body = kBody;
        for (std::size_t i = 0; i < body.size(); ++i) {
            const Posted posted{
                {{"webhook-id", "msg_1"},
                 {"webhook-timestamp", kNow},
                 {"webhook-signature", signature}},
                with_bit_flipped(body, i)};
            EXPECT_EQ(verdict_of(**provider, posted), "bad_signature") << i;
        }
    }
}

TEST(StandardWebhooksProvider, MixesNoFamiliesOfNamesAndRefusesEmptyBodies) {
    const auto provider = make_standardwebhooks(both_kinds_of_keys());
    const Posted mixed{
        {{"webhook-id", "msg_1"}, {"svix-timestamp", kNow}, {"webhook-signature", v1({})}}, kBody};
    EXPECT_EQ(verdict_of(**provider, mixed), "missing_header");
    const Posted empty{
        {{"webhook-id", "msg_1"},
         {"webhook-timestamp", kNow},
         {"webhook-signature", v1({.body = ""})}},
        ""};
    EXPECT_EQ(verdict_of(**provider, empty), "malformed");
}

struct EventCase {
    const char* name;
    const char* event;
    const char* body;
    const char* line;
};

const EventCase kEventCases[] = {
    {"the header's id is the event's",
     "{}",
     R"({"id":"other","type":"payout.paid",
         "data":{"payout_id":"po_1","amount":"1.5","currency":"EUR"}})",
     "msg_1 payout.paid -> payout.paid payout=po_1 amount=1.50 EUR"},
    {"a table may name another id",
     R"({"event":{"id":"$.id","type_map":{"paid":"payment.succeeded"},"payment_id":"$.p"}})",
     R"({"id":"e9","type":"paid","p":1})",
     "e9 paid -> payment.succeeded payment=1"},
    {"the header's id stands in where the body has none",
     R"({"event":{"id":"$.id","type_map":{"paid":"payment.succeeded"}}})",
     R"({"type":"paid"})",
     "msg_1 paid -> payment.succeeded"},
    {"no type", "{}", R"({"test":1})", "msg_1 (no type) -> nothing"},
    {"no object", "{}", "[1]", "malformed"},
    {"half a body", "{}", "{", "malformed"},
};

TEST(StandardWebhooksProvider, TellsEventsInOurWords) {
    for (const EventCase& test_case : kEventCases) {
        SCOPED_TRACE(test_case.name);
        SettingTable settings = both_kinds_of_keys();
        settings.merge(settings_of(test_case.event));
        const auto provider = make_standardwebhooks(settings);
        ASSERT_TRUE(provider.has_value()) << provider.error().message;
        const Posted posted{
            {{"webhook-id", "msg_1"}, {"webhook-timestamp", kNow}, {"webhook-signature", "v1,x"}},
            test_case.body};
        EXPECT_EQ(events_of(**provider, posted, full_line_of), test_case.line);
    }
}

struct SettingsCase {
    const char* settings;
    const char* complaint;
};

const SettingsCase kSettingsCases[] = {
    {"{}", "secrets is required, unless there are public_keys"},
    {R"({"secrets":[]})", "which would match nothing"},
    {R"({"secrets":["whsec_not base64"]})", "secrets number 1 is not base64"},
    {R"({"secrets":["whsec_MTIzNDU2Nzg="]})", "secrets number 1 is too short"},
    {R"({"public_keys":["whpk_MTIzNDU2Nzg="]})", "public_keys must be whpk_"},
    {R"({"public_keys":["whsk_MTIzNDU2Nzg="]})", "public_keys holds a private key"},
    {R"({"public_keys":["whpk_MTIz"],"tolerance_seconds":86401})", "tolerance_seconds must be"},
    {R"({"secret":["whsec_MTIzNDU2Nzg="]})", "did you mean secrets?"},
};

TEST(StandardWebhooksProvider, RefusesWrongSettings) {
    for (const SettingsCase& test_case : kSettingsCases) {
        const std::string complaint = complaint_of(make_standardwebhooks, test_case.settings);
        EXPECT_NE(complaint.find(test_case.complaint), std::string::npos)
            << test_case.settings << ": " << complaint;
        EXPECT_EQ(complaint.find("MTIz"), std::string::npos) << complaint;
    }
}

TEST(StandardWebhooksProvider, AnswersWithoutABody) {
    const auto provider = make_standardwebhooks(both_kinds_of_keys());
    const auto taken = asked({}, [&provider](const SignedRequest& request) {
        return (*provider)->acknowledgement(request);
    });
    EXPECT_EQ(taken, (ProviderReply{.status = 204}));
    EXPECT_EQ((*provider)->refusal(VerifyFailure::bad_signature), std::nullopt);
}

}  // namespace
}  // namespace postern::verifiers
