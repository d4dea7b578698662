#include "verifiers/onerway.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;
constexpr const char* kSecret = "0123456789abcdef";
constexpr const char* kWebhookSecret = "whsec_0123456789";

std::unique_ptr<Provider> make_provider() {
    const SettingList secrets = {{std::string{"another_secret"}}, {std::string{kSecret}}};
    auto provider = make_onerway(
        {{"merchant_no", {std::string{"800209"}}},
         {"secrets", {secrets}},
         {"webhook_secrets", {std::string{kWebhookSecret}}}}
    );
    return provider ? std::move(*provider) : nullptr;
}

Posted post(std::string body) {
    return {.headers = {}, .body = std::move(body), .received_at = from_unix_seconds(kNow)};
}

// The sorted values of kValues are "800209" "TXN" "S" "t1" "SALE".
constexpr const char* kSignedText = "800209TXNSt1SALE";
constexpr const char* kValues =
    R"("merchantNo":"800209","notifyType":"TXN","txnType":"SALE","transactionId":"t1",)"
    R"("status":"S")";

std::string notification_with(const std::string& more) {
    std::string body = "{";
    body += kValues;
    body += more;
    body += '}';
    return body;
}

std::string right_sign() {
    return to_hex(hash(HashAlgorithm::sha256, {kSignedText, kSecret}));
}

struct ValuesCase {
    const char* name;
    std::string body;
    const char* verdict;
};

TEST(OnerwayProvider, DecidesEverySignedNotification) {
    const std::string sign = right_sign();
    const std::string signed_member = R"(,"sign":")" + sign + "\"";
    const std::string other = to_hex(hash(HashAlgorithm::sha256, {kSignedText, "guessed"}));
    std::string shouted = sign;
    for (char& c : shouted) c = c >= 'a' ? static_cast<char>(c - ('a' - 'A')) : c;
    const ValuesCase cases[] = {
        {"accepts a right sign", notification_with(signed_member), "key 1"},
        {"accepts upper case hex", notification_with(R"(,"sign":")" + shouted + "\""), "key 1"},
        {"accepts a changed name that is not signed",
         notification_with(signed_member + R"(,"walletTypeName":"x")"),
         "key 1"},
        {"accepts empty additions", notification_with(signed_member + R"(,"new":"")"), "key 1"},
        {"rejects an added value",
         notification_with(signed_member + R"(,"new":"x")"),
         "bad_signature"},
        {"rejects another secret",
         notification_with(R"(,"sign":")" + other + "\""),
         "bad_signature"},
        {"rejects a sign that is no hex", notification_with(R"(,"sign":"zz")"), "bad_signature"},
        {"rejects no sign", notification_with(""), "missing_header"},
        {"rejects an empty sign", notification_with(R"(,"sign":"")"), "missing_header"},
        {"rejects a null sign", notification_with(R"(,"sign":null)"), "missing_header"},
        {"rejects a sign that is no text", notification_with(R"(,"sign":1)"), "malformed"},
        {"rejects a name twice",
         notification_with(signed_member + R"(,"status":"S")"),
         "malformed"},
        {"rejects another merchant",
         R"({"merchantNo":"800210","sign":")" + sign + "\"}",
         "unknown_key"},
        {"rejects no merchant", R"({"sign":")" + sign + "\"}", "unknown_key"},
        {"rejects an empty body", "", "malformed"},
        {"rejects an array", "[]", "malformed"},
        {"rejects half an object", "{", "malformed"},
    };
    const auto provider = make_provider();
    ASSERT_NE(provider, nullptr);
    for (const ValuesCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(verdict_of(*provider, post(test_case.body)), test_case.verdict);
    }
}

struct WebhookCase {
    const char* name;
    void (*change)(Posted&);
    const char* verdict;
};

std::string mac_of(std::string_view timestamp, std::string_view body) {
    return to_hex(HmacKey{HashAlgorithm::sha256, kWebhookSecret}.sign({timestamp, ".", body}));
}

void sign_as_tax(Posted& posted, const std::string& timestamp) {
    posted.set("x-timestamp", timestamp);
    posted.set("x-signature", mac_of(timestamp, posted.body));
}

void sign_as_event(Posted& posted, const std::string& timestamp) {
    posted.set("Onerway-Signature", "t=" + timestamp + ",v1=" + mac_of(timestamp, posted.body));
}

const WebhookCase kWebhookCases[] = {
    {"accepts a tax webhook", [](Posted& p) { sign_as_tax(p, "1700000000"); }, "key 0"},
    {"accepts a tax webhook at the edge", [](Posted& p) { sign_as_tax(p, "1699999700"); }, "key 0"},
    {"rejects an old tax webhook",
     [](Posted& p) { sign_as_tax(p, "1699999699"); },
     "timestamp_out_of_tolerance"},
    {"rejects a tax webhook without a time",
     [](Posted& p) { p.set("x-signature", "00"); },
     "missing_header"},
    {"rejects a tax webhook without a signature",
     [](Posted& p) { p.set("x-timestamp", "1700000000"); },
     "missing_header"},
    {"rejects a tax time in words", [](Posted& p) { sign_as_tax(p, "now"); }, "malformed"},
    {"rejects a tax webhook of another merchant",
     [](Posted& p) {
         p.body = R"({"notifyType":"TAX_INFO","merchantNo":"1"})";
         sign_as_tax(p, "1700000000");
     },
     "unknown_key"},
    {"rejects a changed tax webhook",
     [](Posted& p) {
         sign_as_tax(p, "1700000000");
         p.body += ' ';
     },
     "bad_signature"},
    {"accepts an event webhook", [](Posted& p) { sign_as_event(p, "1700000000"); }, "key 0"},
    {"rejects an old event webhook",
     [](Posted& p) { sign_as_event(p, "1699999699"); },
     "timestamp_out_of_tolerance"},
    {"rejects a changed event webhook",
     [](Posted& p) {
         sign_as_event(p, "1700000000");
         p.body += ' ';
     },
     "bad_signature"},
    {"rejects an event header without a digest",
     [](Posted& p) { p.set("Onerway-Signature", "t=1700000000"); },
     "malformed"},
    {"rejects an empty event header",
     [](Posted& p) { p.set("Onerway-Signature", ""); },
     "missing_header"},
};

TEST(OnerwayProvider, DecidesEveryWebhookHeader) {
    const auto provider = make_provider();
    for (const WebhookCase& test_case : kWebhookCases) {
        SCOPED_TRACE(test_case.name);
        Posted posted = post(R"({"notifyType":"TAX_INFO","merchantNo":"800209"})");
        test_case.change(posted);
        EXPECT_EQ(verdict_of(*provider, posted), test_case.verdict);
    }
}

TEST(OnerwayProvider, KnowsNoWebhooksWithoutWebhookSecrets) {
    const auto provider =
        make_onerway({{"merchant_no", {std::string{"800209"}}}, {"secrets", {std::string{kSecret}}}}
        );
    ASSERT_TRUE(provider.has_value());
    Posted posted = post(R"({"id":"evt_1"})");
    sign_as_event(posted, "1700000000");
    EXPECT_EQ(verdict_of(**provider, posted), "missing_header");
}

std::optional<ProviderReply> acknowledgement_of(const Posted& posted) {
    const auto provider = make_provider();
    return asked(posted, [&provider](const SignedRequest& request) {
        return provider->acknowledgement(request);
    });
}

TEST(OnerwayProvider, AnswersNotificationsWithTheirTransactionId) {
    const Posted notification = post(notification_with(""));
    EXPECT_EQ(acknowledgement_of(notification), (ProviderReply{200, "text/plain", "t1"}));
    Posted webhook = post("{}");
    sign_as_tax(webhook, "1700000000");
    EXPECT_EQ(acknowledgement_of(webhook), std::nullopt);
}

TEST(OnerwayProvider, ReadsEventWebhooksAsStripeEvents) {
    const auto provider = make_provider();
    Posted posted = post(
        R"({"id":"evt_1","type":"payment_intent.succeeded","data":{"object":{"id":"pi_1",
            "amount":10999,"currency":"usd"}}})"
    );
    sign_as_event(posted, "1700000000");
    EXPECT_EQ(
        events_of(*provider, posted, summary_of), "payment.succeeded payment=pi_1 amount=109.99 USD"
    );
}

TEST(OnerwayProvider, RefusesSettingsItCannotUse) {
    EXPECT_FALSE(make_onerway({{"merchant_no", {std::string{"800209"}}}}).has_value());
    EXPECT_FALSE(make_onerway({{"secrets", {std::string{kSecret}}}}).has_value());
    EXPECT_FALSE(make_onerway(
                     {{"merchant_no", {std::string{"800209"}}}, {"secrets", {std::string{"x"}}}}
    ).has_value());
}

}  // namespace
}  // namespace postern::verifiers
