#include "verifiers/adyen.hpp"

#include "core/bytes.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

const std::string kKey = "000102030405060708090a0b0c0d0e0f";
const std::string kOldKey = "A0A1A2A3A4A5A6A7A8A9AAABACADAEAF";
const std::string kPlatformKey = "ffeeddccbbaa99887766554433221100";

SettingTable settings() {
    return {
        {"hmac_keys", list_setting({kKey, kOldKey})},
        {"platform_hmac_keys", list_setting({kPlatformKey})},
        {"merchant_accounts", list_setting({"Shop"})},
    };
}

std::string signature(const std::string& hex_key, std::string_view text) {
    return to_base64(hmac(HashAlgorithm::sha256, *from_hex(hex_key), {text}));
}

// An item whose signed text is the second argument's, whatever its signature.
std::string item(std::string_view signature_member, std::string_view fields) {
    std::string json = R"({"NotificationRequestItem":{"additionalData":{)";
    json += signature_member;
    json += "},";
    json += fields;
    json += "}}";
    return json;
}

constexpr std::string_view kFields =
    R"("pspReference":"P1","merchantAccountCode":"Shop","merchantReference":"a:b\\c",
       "amount":{"currency":"EUR","value":1130},"eventCode":"AUTHORISATION","success":"true")";
constexpr std::string_view kSignedText = R"(P1::Shop:a:b\c:1130:EUR:AUTHORISATION:true)";

std::string signed_member(const std::string& hex_key, std::string_view text = kSignedText) {
    return R"("hmacSignature":")" + signature(hex_key, text) + R"(")";
}

std::string batch(std::initializer_list<std::string> items) {
    std::string body = R"({"live":"false","notificationItems":[)";
    for (const std::string& one : items) {
        if (body.back() != '[') body += ',';
        body += one;
    }
    body += "]}";
    return body;
}

std::string fields_with(std::string_view from, std::string_view to) {
    std::string fields{kFields};
    return fields.replace(fields.find(from), from.size(), to);
}

const std::string kGood = item(signed_member(kKey), kFields);

struct Case {
    const char* name;
    std::string body;
    const char* verdict;
};

const Case kCases[] = {
    {"accepts a signed item", batch({kGood}), "key 0"},
    {"accepts the former key", batch({item(signed_member(kOldKey), kFields)}), "key 1"},
    {"accepts an explicit empty original",
     batch({item(signed_member(kKey), std::string{kFields} + R"(,"originalReference":"")")}),
     "key 0"},
    {"accepts a null original",
     batch({item(signed_member(kKey), std::string{kFields} + R"(,"originalReference":null)")}),
     "key 0"},
    {"accepts a boolean success",
     batch({item(signed_member(kKey), fields_with(R"("true")", "true"))}),
     "key 0"},
    {"accepts an amount with a fraction of zeroes",
     batch({item(signed_member(kKey), fields_with("1130", "1130.0"))}),
     "key 0"},
    {"accepts a changed field that is not signed",
     batch({item(signed_member(kKey), std::string{kFields} + R"(,"reason":"x")")}),
     "key 0"},
    {"rejects no items", batch({}), "malformed"},
    {"rejects an empty body", "", "malformed"},
    {"rejects what is no JSON", "{", "malformed"},
    {"rejects an array", "[]", "malformed"},
    {"rejects an entry without an item", R"({"notificationItems":[{}]})", "malformed"},
    {"rejects an item without an amount",
     batch({item(signed_member(kKey), R"("pspReference":"P1")")}),
     "malformed"},
    {"rejects an unsigned item", batch({item("", kFields)}), "missing_header"},
    {"rejects a null signature",
     batch({item(R"("hmacSignature":null)", kFields)}),
     "missing_header"},
    {"rejects an empty signature",
     batch({item(R"("hmacSignature":"")", kFields)}),
     "missing_header"},
    {"rejects a signature that is no base64",
     batch({item(R"("hmacSignature":"****")", kFields)}),
     "bad_signature"},
    {"rejects the key as text",
     batch({item(
         R"("hmacSignature":")" + to_base64(hmac(HashAlgorithm::sha256, kKey, {kSignedText}))
             + R"(")",
         kFields
     )}),
     "bad_signature"},
    {"rejects the platform key",
     batch({item(signed_member(kPlatformKey), kFields)}),
     "bad_signature"},
    {"rejects escaped separators",
     batch({item(signed_member(kKey, R"(P1::Shop:a\:b\\c:1130:EUR:AUTHORISATION:true)"), kFields)}),
     "bad_signature"},
    {"rejects another reference",
     batch({item(signed_member(kKey), fields_with("P1", "P2"))}),
     "bad_signature"},
    {"rejects another amount",
     batch({item(signed_member(kKey), fields_with("1130", "1"))}),
     "bad_signature"},
    {"rejects another currency",
     batch({item(signed_member(kKey), fields_with("EUR", "USD"))}),
     "bad_signature"},
    {"rejects another event code",
     batch({item(signed_member(kKey), fields_with("AUTHORISATION", "CAPTURE"))}),
     "bad_signature"},
    {"rejects another success",
     batch({item(signed_member(kKey), fields_with(R"("true")", R"("false")"))}),
     "bad_signature"},
    {"rejects an original that was not signed",
     batch({item(signed_member(kKey), std::string{kFields} + R"(,"originalReference":"P0")")}),
     "bad_signature"},
    {"rejects an account that was changed",
     batch({item(signed_member(kKey), fields_with("Shop", "Else"))}),
     "bad_signature"},
    {"rejects a signed account that is not ours",
     batch({item(
         signed_member(kKey, R"(P1::Else:a:b\c:1130:EUR:AUTHORISATION:true)"),
         fields_with("Shop", "Else")
     )}),
     "unknown_key"},
    {"rejects all for one bad item",
     batch({kGood, item(signed_member(kKey), fields_with("P1", "P2"))}),
     "bad_signature"},
    {"rejects all for one unsigned item", batch({kGood, item("", kFields)}), "missing_header"},
    {"names a missing signature before a bad one",
     batch({item(signed_member(kKey), fields_with("P1", "P2")), item("", kFields)}),
     "missing_header"},
    {"accepts the same item twice", batch({kGood, kGood}), "key 0"},
    {"misses the header of a platform body",
     R"({"type":"balancePlatform.transfer.updated","data":{}})",
     "missing_header"},
};

TEST(AdyenProvider, DecidesEveryBatch) {
    const auto provider = make_adyen(settings());
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(verdict_of(**provider, {.body = test_case.body}), test_case.verdict);
    }
}

const std::string kPlatformBody =
    R"({"type":"balancePlatform.transfer.updated","data":{"id":"T"}})";

struct PlatformCase {
    const char* name;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    const char* verdict;
};

const PlatformCase kPlatformCases[] = {
    {"accepts a signed body",
     {{"HmacSignature", signature(kPlatformKey, kPlatformBody)}, {"Protocol", "HmacSHA256"}},
     kPlatformBody,
     "key 0"},
    {"accepts it without Protocol",
     {{"hmacsignature", signature(kPlatformKey, kPlatformBody)}},
     kPlatformBody,
     "key 0"},
    {"rejects Protocol alone", {{"Protocol", "HmacSHA256"}}, kPlatformBody, "missing_header"},
    {"rejects an empty signature", {{"HmacSignature", ""}}, kPlatformBody, "missing_header"},
    {"rejects the key of standard webhooks",
     {{"HmacSignature", signature(kKey, kPlatformBody)}},
     kPlatformBody,
     "bad_signature"},
    {"rejects another body",
     {{"HmacSignature", signature(kPlatformKey, kPlatformBody)}},
     kPlatformBody + " ",
     "bad_signature"},
    {"rejects an empty body", {{"HmacSignature", signature(kPlatformKey, "")}}, "", "malformed"},
    {"does not take a signed item for a signed body",
     {{"HmacSignature", signature(kKey, kSignedText)}},
     batch({kGood}),
     "bad_signature"},
};

TEST(AdyenProvider, DecidesEveryPlatformWebhook) {
    const auto provider = make_adyen(settings());
    ASSERT_TRUE(provider.has_value());
    for (const PlatformCase& test_case : kPlatformCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{.headers = test_case.headers, .body = test_case.body};
        EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
    }
}

TEST(AdyenProvider, AsksForTheConfiguredAuthorizationToo) {
    SettingTable table = settings();
    table["authorization"] = text_setting("Basic dXNlcjpwYXNz");
    const auto provider = make_adyen(table);
    ASSERT_TRUE(provider.has_value());
    const auto with = [](const char* value) {
        return Posted{.headers = {{"Authorization", value}}, .body = batch({kGood})};
    };
    EXPECT_EQ(verdict_of(**provider, with("Basic dXNlcjpwYXNz")), "key 0");
    EXPECT_EQ(verdict_of(**provider, with("Basic eDp5")), "bad_signature");
    EXPECT_EQ(verdict_of(**provider, with("")), "missing_header");
}

TEST(AdyenProvider, AcknowledgesInItsWords) {
    SettingTable table = settings();
    const ProviderReply words{200, "text/plain", "[accepted]"};
    const ProviderReply silence{202, "", ""};
    for (const auto& [setting, reply] :
         {std::pair{"accepted", words}, std::pair{"empty", silence}}) {
        table["acknowledgement"] = text_setting(setting);
        const auto provider = make_adyen(table);
        ASSERT_TRUE(provider.has_value());
        const auto answer = asked(Posted{}, [&provider](const SignedRequest& request) {
            return (*provider)->acknowledgement(request);
        });
        EXPECT_EQ(answer, reply);
    }
}

struct SettingsCase {
    const char* name;
    SettingTable settings;
    const char* complaint;
};

const SettingsCase kSettingsCases[] = {
    {"needs a key", {}, "hmac_keys or platform_hmac_keys is required"},
    {"needs more than an empty list", {{"hmac_keys", list_setting({})}}, "must not be empty"},
    {"needs hex", {{"hmac_keys", text_setting("not hexadecimal at all!!")}}, "number 1 is not hex"},
    {"needs a long key", {{"hmac_keys", text_setting("0011")}}, "must have at least 16 bytes"},
    {"knows two acknowledgements",
     {{"hmac_keys", text_setting(kKey)}, {"acknowledgement", text_setting("ok")}},
     "must be one of accepted empty"},
    {"names a likely key", {{"hmac_key", text_setting(kKey)}}, "did you mean hmac_keys?"},
    {"is content with platform keys", {{"platform_hmac_keys", text_setting(kKey)}}, "none"},
};

TEST(AdyenProvider, RefusesSettingsThatCannotWork) {
    for (const SettingsCase& test_case : kSettingsCases) {
        SCOPED_TRACE(test_case.name);
        const std::string complaint = complaint_of(make_adyen, test_case.settings);
        EXPECT_NE(complaint.find(test_case.complaint), std::string::npos) << complaint;
    }
}

}  // namespace
}  // namespace postern::verifiers
