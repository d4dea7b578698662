#include "verifiers/klarna.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kSettings = R"({"signing_keys":[
    {"id":"key-a","key":"secret-of-a"},{"id":"key-b","key":"secret-of-b"}]})";
constexpr const char* kBody = R"({"metadata":{"event_type":"x"}})";

std::string digest(std::string_view key, std::string_view body) {
    return to_hex(HmacKey{HashAlgorithm::sha256, key}.sign({body}));
}

struct HeaderCase {
    const char* name;
    const char* key_id;
    std::string signature;
    const char* body;
    const char* verdict;
};

const HeaderCase kHeaderCases[] = {
    {"accepts the first key", "key-a", digest("secret-of-a", kBody), kBody, "key 0"},
    {"accepts the second key", "key-b", digest("secret-of-b", kBody), kBody, "key 1"},
    {"rejects no key id", "", digest("secret-of-a", kBody), kBody, "missing_header"},
    {"rejects no signature", "key-a", "", kBody, "missing_header"},
    {"rejects an empty body", "key-a", digest("secret-of-a", ""), "", "malformed"},
    {"rejects an empty body before an unknown key", "key-c", "00", "", "malformed"},
    {"rejects a key id of nobody", "key-c", digest("secret-of-a", kBody), kBody, "unknown_key"},
    {"takes key ids as they are written",
     "KEY-A",
     digest("secret-of-a", kBody),
     kBody,
     "unknown_key"},
    {"rejects another configured key's work",
     "key-a",
     digest("secret-of-b", kBody),
     kBody,
     "bad_signature"},
    {"rejects what is no hex", "key-a", "signature", kBody, "bad_signature"},
    {"rejects a changed body", "key-a", digest("secret-of-a", kBody), "{}", "bad_signature"},
};

TEST(KlarnaProvider, DecidesEveryHeaderShape) {
    const auto provider = make_klarna(settings_of(kSettings));
    ASSERT_TRUE(provider.has_value());
    for (const HeaderCase& test_case : kHeaderCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{
            {{"Klarna-Signing-Key-Id", test_case.key_id},
             {"Klarna-Signature", test_case.signature}},
            test_case.body};
        EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
    }
}

TEST(KlarnaProvider, RejectsEveryFlippedBit) {
    const auto provider = make_klarna(settings_of(kSettings));
    const std::string good = digest("secret-of-a", kBody);
    for (std::size_t i = 0; i < good.size(); ++i) {
        const Posted posted{
            {{"Klarna-Signing-Key-Id", "key-a"}, {"Klarna-Signature", with_bit_flipped(good, i)}},
            kBody};
        EXPECT_EQ(verdict_of(**provider, posted), "bad_signature") << i;
    }
}

struct Case {
    const char* name;
    const char* type;
    const char* payload;
    const char* line;
};

constexpr const char* kRequest = R"({"payment_request_id":"krn:1",
    "payment_request_reference":"A-1","amount":11836,"currency":"EUR"})";
constexpr const char* kDispute = R"({"payment_dispute_id":"krn:d","payment_transaction_id":"krn:t",
    "payment_transaction_reference":"A-1","dispute_reason":"RETURN","dispute_outcome":"WON",
    "dispute_details":{"dispute_amount":3990,"currency":"SEK"}})";

const Case kCases[] = {
    {"submitted",
     "payment.request.state-change.submitted",
     kRequest,
     "payment.created payment=krn:1 reference=A-1 amount=118.36 EUR"},
    {"authorized",
     "payment.request.state-change.authorized",
     kRequest,
     "payment.succeeded payment=krn:1 reference=A-1 amount=118.36 EUR"},
    {"declined",
     "payment.request.state-change.declined",
     kRequest,
     "payment.failed payment=krn:1 reference=A-1 amount=118.36 EUR"},
    {"expired",
     "payment.request.state-change.expired",
     kRequest,
     "payment.canceled payment=krn:1 reference=A-1 amount=118.36 EUR"},
    {"in progress has no word", "payment.request.state-change.in-progress", kRequest, "nothing"},
    {"initiated",
     "payment.dispute.state-change.initiated",
     kDispute,
     "dispute.created payment=krn:t dispute=krn:d reference=A-1 amount=39.90 SEK"
     " reason=RETURN"},
    {"pre-arbitration",
     "payment.dispute.state-change.pre-arbitration",
     kDispute,
     "dispute.updated payment=krn:t dispute=krn:d reference=A-1 amount=39.90 SEK"
     " reason=RETURN"},
    {"arbitration",
     "payment.dispute.state-change.arbitration",
     R"({"payment_dispute_id":"krn:d"})",
     "dispute.updated dispute=krn:d"},
    {"closed and won",
     "payment.dispute.state-change.closed",
     kDispute,
     "dispute.closed payment=krn:t dispute=krn:d reference=A-1 amount=39.90 SEK"
     " reason=RETURN outcome=won"},
    {"closed in another way",
     "payment.dispute.state-change.closed",
     R"({"payment_dispute_id":"krn:d","dispute_outcome":"CANCELED"})",
     "dispute.closed dispute=krn:d outcome=CANCELED"},
};

TEST(KlarnaProvider, TellsEventsInOurWords) {
    const auto provider = make_klarna(settings_of(kSettings));
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        std::string body = R"({"metadata":{"event_id":"e1","live":true,"event_type":")";
        body += test_case.type;
        body += R"("},"payload":)";
        body += test_case.payload;
        body += '}';
        std::string line = std::string{"e1 "} + test_case.type + " -> " + test_case.line;
        if (!line.ends_with("nothing")) line += " live";
        EXPECT_EQ(events_of(**provider, {{}, body}, full_line_of), line);
    }
}

struct SettingsCase {
    const char* name;
    const char* settings;
    const char* complaint;
};

const SettingsCase kSettingsCases[] = {
    {"no keys", "{}", "signing_keys is required"},
    {"an empty list", R"({"signing_keys":[]})", "signing_keys is required"},
    {"a key without an id",
     R"({"signing_keys":[{"key":"long-enough"}]})",
     "number 1: id is required"},
    {"a key without a key", R"({"signing_keys":[{"id":"a"}]})", "number 1: key is required"},
    {"a short key", R"({"signing_keys":[{"id":"a","key":"short"}]})", "number 1: key is too short"},
    {"an id twice",
     R"({"signing_keys":[{"id":"a","key":"long-enough"},{"id":"a","key":"long-enough"}]})",
     "number 2: id is there twice"},
    {"a typing error",
     R"({"signing_keys":[{"id":"a","kye":"long-enough"}]})",
     "kye is not a setting; did you mean key?"},
};

TEST(KlarnaProvider, RefusesWrongSettings) {
    for (const SettingsCase& test_case : kSettingsCases) {
        SCOPED_TRACE(test_case.name);
        const std::string complaint = complaint_of(make_klarna, test_case.settings);
        EXPECT_NE(complaint.find(test_case.complaint), std::string::npos) << complaint;
        EXPECT_EQ(complaint.find("long-enough"), std::string::npos);
    }
}

}  // namespace
}  // namespace postern::verifiers
