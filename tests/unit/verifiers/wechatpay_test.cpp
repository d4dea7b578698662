#include "verifiers/wechatpay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;
constexpr std::string_view kApiKey = "0123456789abcdef0123456789abcdef";
constexpr std::string_view kOldApiKey = "fedcba9876543210fedcba9876543210";
constexpr std::string_view kNonce = "nonce-of-12b";

// A key pair takes long to make: one of each for the whole file, made when first needed.
const PrivateKey& platform_key() {
    static const PrivateKey key = PrivateKey::generate_rsa_2048();
    return key;
}
const PrivateKey& other_key() {
    static const PrivateKey key = PrivateKey::generate_rsa_2048();
    return key;
}

SettingTable key_entry(std::string serial, const PrivateKey& key) {
    return {{"serial", {std::move(serial)}}, {"pem", {key.public_key_pem()}}};
}

SettingTable settings() {
    const SettingList keys = {
        {key_entry("PUB_KEY_ID_1", platform_key())}, {key_entry("53A726AB", other_key())}};
    const SettingList api_keys = {{std::string{kApiKey}}, {std::string{kOldApiKey}}};
    return {{"api_v3_key", {api_keys}}, {"platform_keys", {keys}}};
}

std::unique_ptr<Provider> make_provider() {
    auto provider = make_wechatpay(settings());
    return provider ? std::move(*provider) : nullptr;
}

void sign(Posted& posted, const PrivateKey& key) {
    const std::string timestamp = posted.get("Wechatpay-Timestamp");
    const std::string nonce = posted.get("Wechatpay-Nonce");
    const std::string signature =
        key.sign(HashAlgorithm::sha256, {timestamp, "\n", nonce, "\n", posted.body, "\n"});
    posted.set("Wechatpay-Signature", to_base64(signature));
}

Posted genuine() {
    Posted posted{.headers = {}, .body = R"({"id":"1"})", .received_at = from_unix_seconds(kNow)};
    posted.set("Wechatpay-Timestamp", std::to_string(kNow));
    posted.set("Wechatpay-Nonce", "abc");
    posted.set("Wechatpay-Serial", "PUB_KEY_ID_1");
    sign(posted, platform_key());
    return posted;
}

struct Case {
    const char* name;
    void (*change)(Posted&);
    const char* verdict;
};

void resign_at(Posted& posted, std::int64_t seconds) {
    posted.set("Wechatpay-Timestamp", std::to_string(seconds));
    sign(posted, platform_key());
}

const Case kCases[] = {
    {"accepts a right signature", [](Posted&) {}, "key 0"},
    {"accepts the other key under its serial",
     [](Posted& p) {
         p.set("Wechatpay-Serial", "53a726ab");
         sign(p, other_key());
     },
     "key 1"},
    {"accepts exactly the tolerance", [](Posted& p) { resign_at(p, kNow - 300); }, "key 0"},
    {"rejects one second too old",
     [](Posted& p) { resign_at(p, kNow - 301); },
     "timestamp_out_of_tolerance"},
    {"rejects one second too new",
     [](Posted& p) { resign_at(p, kNow + 301); },
     "timestamp_out_of_tolerance"},
    {"rejects a key under another's serial",
     [](Posted& p) { sign(p, other_key()); },
     "bad_signature"},
    {"rejects an unknown serial",
     [](Posted& p) { p.set("Wechatpay-Serial", "PUB_KEY_ID_2"); },
     "unknown_key"},
    {"rejects a serial cut short",
     [](Posted& p) { p.set("Wechatpay-Serial", "PUB_KEY_ID_"); },
     "unknown_key"},
    {"rejects no serial", [](Posted& p) { p.remove("Wechatpay-Serial"); }, "missing_header"},
    {"rejects no nonce", [](Posted& p) { p.remove("Wechatpay-Nonce"); }, "missing_header"},
    {"rejects no time", [](Posted& p) { p.remove("Wechatpay-Timestamp"); }, "missing_header"},
    {"rejects an empty signature",
     [](Posted& p) { p.set("Wechatpay-Signature", ""); },
     "missing_header"},
    {"rejects a time in words",
     [](Posted& p) { p.set("Wechatpay-Timestamp", "NaN"); },
     "malformed"},
    {"rejects an empty body",
     [](Posted& p) {
         p.body.clear();
         sign(p, platform_key());
     },
     "malformed"},
    {"rejects a signature that is no base64",
     [](Posted& p) { p.set("Wechatpay-Signature", "!!!!"); },
     "bad_signature"},
    {"rejects another nonce", [](Posted& p) { p.set("Wechatpay-Nonce", "abd"); }, "bad_signature"},
    {"rejects another body", [](Posted& p) { p.body += ' '; }, "bad_signature"},
    {"rejects a nonce that takes over the body's first line",
     [](Posted& p) {
         p.body = "x\ny";
         sign(p, platform_key());
         p.set("Wechatpay-Nonce", "abc\nx");
         p.body = "y\n";
     },
     "bad_signature"},
    {"judges the first of two signatures",
     [](Posted& p) {
         p.headers.insert(p.headers.begin(), {"Wechatpay-Signature", "AAAA"});
     },
     "bad_signature"},
};

TEST(WechatpayProvider, DecidesEveryHeaderShape) {
    const auto provider = make_provider();
    ASSERT_NE(provider, nullptr);
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Posted posted = genuine();
        test_case.change(posted);
        EXPECT_EQ(verdict_of(*provider, posted), test_case.verdict);
    }
}

TEST(WechatpayProvider, KnowsProbesByTheirPrefix) {
    const auto provider = make_provider();
    const auto is_probe = [&provider](const Posted& posted) {
        return asked(posted, [&provider](const SignedRequest& request) {
            return provider->is_probe(request);
        });
    };
    Posted posted = genuine();
    EXPECT_FALSE(is_probe(posted));
    posted.set("Wechatpay-Signature", "WECHATPAY/SIGNTEST/" + posted.get("Wechatpay-Signature"));
    EXPECT_TRUE(is_probe(posted));
    EXPECT_EQ(verdict_of(*provider, posted), "bad_signature");
}

struct Sealing {
    std::string_view event_type;
    std::string_view resource;
    std::string_view key = kApiKey;
    std::string_view associated_data = "";
    std::string_view algorithm = "AEAD_AES_256_GCM";
};

std::string sealed_body(const Sealing& sealing) {
    const std::string sealed = encrypt_aes_256_gcm(
        {.key = sealing.key,
         .nonce = kNonce,
         .associated_data = sealing.associated_data,
         .text = sealing.resource}
    );
    std::string body = R"({"id":"e1","create_time":"2025-06-16T00:59:55+08:00","event_type":")";
    body += sealing.event_type;
    body += R"(","resource":{"algorithm":")";
    body += sealing.algorithm;
    body += R"(","nonce":")";
    body += kNonce;
    body += R"(","ciphertext":")";
    body += to_base64(sealed);
    body += R"("}})";
    return body;
}

struct EventCase {
    const char* name;
    Sealing sealing;
    const char* summary;
};

const EventCase kEvents[] = {
    {"a payment counts the whole, not the payer's part",
     {"TRANSACTION.SUCCESS",
      R"({"transaction_id":"t","out_trade_no":"o","amount":{"total":9999,"payer_total":1,
          "currency":"CNY"}})"},
     "payment.succeeded payment=t reference=o amount=99.99 CNY"},
    {"a failed deduction says its state",
     {"TRANSACTION.FAIL", R"({"trade_state":"PAYERROR","amount":{"total":5}})"},
     "payment.failed amount=0.05 CNY reason=PAYERROR"},
    {"a combined payment is left to its reader",
     {"TRANSACTION.SUCCESS", R"({"sub_orders":[{"transaction_id":"t"}]})"},
     "nothing"},
    {"a refund counts the refund",
     {"REFUND.SUCCESS",
      R"({"refund_id":"r","transaction_id":"t","out_trade_no":"o","refund_status":"SUCCESS",
          "amount":{"total":9999,"refund":2500}})"},
     "refund.succeeded payment=t refund=r reference=o amount=25.00 CNY"},
    {"a closed refund failed",
     {"REFUND.CLOSED", R"({"refund_id":"r","refund_status":"CLOSED"})"},
     "refund.failed refund=r CNY reason=CLOSED"},
    {"a complaint has no amount",
     {"COMPLAINT.STATE_CHANGE", R"({"complaint_id":"c","action_type":"USER_RESPONSE"})"},
     "dispute.updated dispute=c reason=USER_RESPONSE"},
    {"a cancelled transfer failed",
     {"MCHTRANSFER.BILL.FINISHED",
      R"({"transfer_bill_no":"b","out_bill_no":"o","state":"CANCELLED","transfer_amount":1})"},
     "payout.failed payout=b reference=o amount=0.01 CNY"},
    {"a transfer in an unknown state is neither",
     {"MCHTRANSFER.BILL.FINISHED", R"({"state":"WAIT_USER_CONFIRM"})"},
     "nothing"},
    {"an unknown type is taken", {"COUPON.USE", R"({"coupon_id":"1"})"}, "nothing"},
    {"the older API key still opens",
     {"COMPLAINT.CREATE", R"({"complaint_id":"c"})", kOldApiKey},
     "dispute.created dispute=c"},
    {"another API key does not open",
     {"COUPON.USE", "{}", "0123456789abcdef0123456789abcdeX"},
     "malformed"},
    {"associated data must agree", {"COUPON.USE", "{}", kApiKey, "coupon"}, "malformed"},
    {"another algorithm is refused", {"COUPON.USE", "{}", kApiKey, "", "AES"}, "malformed"},
    {"a resource must be an object", {"COUPON.USE", "[]"}, "malformed"},
    {"a resource must be JSON", {"COUPON.USE", "no"}, "malformed"},
};

TEST(WechatpayProvider, OpensResourcesAndPutsThemIntoOurWords) {
    const auto provider = make_provider();
    for (const EventCase& test_case : kEvents) {
        SCOPED_TRACE(test_case.name);
        Posted posted = genuine();
        posted.body = sealed_body(test_case.sealing);
        EXPECT_EQ(events_of(*provider, posted, summary_of), test_case.summary);
    }
}

TEST(WechatpayProvider, AnswersInItsOwnWords) {
    const auto provider = make_provider();
    const auto reply = asked(genuine(), [&provider](const SignedRequest& request) {
        return provider->acknowledgement(request);
    });
    EXPECT_EQ(reply, (ProviderReply{204, "", ""}));
    EXPECT_EQ(
        provider->refusal(VerifyFailure::unknown_key),
        (ProviderReply{401, "application/json", R"({"code":"FAIL","message":"失败"})"})
    );
    EXPECT_EQ(provider->verify_cost(), VerifyCost::long_enough_for_worker);
}

TEST(WechatpayProvider, RefusesSettingsItCannotUse) {
    const auto complaint_after = [](void (*change)(SettingTable&)) {
        SettingTable changed = settings();
        change(changed);
        const auto provider = make_wechatpay(changed);
        return provider ? std::string{} : provider.error().message;
    };
    EXPECT_NE(
        complaint_after([](SettingTable& s) { s["api_v3_key"] = {std::string{"short"}}; }
        ).find("at least 32"),
        std::string::npos
    );
    EXPECT_NE(
        complaint_after([](SettingTable& s) { s.erase("platform_keys"); }).find("at least one"),
        std::string::npos
    );
    EXPECT_NE(
        complaint_after([](SettingTable& s) {
            const SettingTable entry{{"serial", {std::string{"1"}}}, {"pem", {std::string{"x"}}}};
            s["platform_keys"] = {SettingList{{entry}}};
        }).find("not a public key"),
        std::string::npos
    );
}

}  // namespace
}  // namespace postern::verifiers
