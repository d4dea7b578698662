#include "verifiers/alipay.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

const PrivateKey& alipay_key() {
    static const PrivateKey key = PrivateKey::generate_rsa_2048();
    return key;
}
const PrivateKey& other_key() {
    static const PrivateKey key = PrivateKey::generate_rsa_2048();
    return key;
}

// As the console shows it: base64 without the frame of a PEM.
std::string bare_base64(const PrivateKey& key) {
    std::string pem = key.public_key_pem();
    const auto begin = pem.find('\n') + 1;
    return pem.substr(begin, pem.find("-----END") - begin);
}

SettingTable settings() {
    const SettingList keys = {{other_key().public_key_pem()}, {bare_base64(alipay_key())}};
    return {
        {"app_id", {std::string{"app1"}}},
        {"seller_id", {std::string{"seller1"}}},
        {"alipay_public_keys", {keys}}};
}

std::unique_ptr<Provider> make_provider() {
    auto provider = make_alipay(settings());
    return provider ? std::move(*provider) : nullptr;
}

AlipayParameters plain_parameters() {
    return {
        {"notify_id", "n1"},
        {"app_id", "app1"},
        {"seller_id", "seller1"},
        {"sign_type", "RSA2"},
        {"trade_status", "TRADE_SUCCESS"},
        {"trade_no", "t1"},
        {"total_amount", "99.9"},
        {"subject", "a & b = 100% +"},
        {"body", ""}};
}

struct Signing {
    AlipaySignType sign_type = AlipaySignType::left_out;
    HashAlgorithm algorithm = HashAlgorithm::sha256;
    const PrivateKey* key = nullptr;  // Alipay's, when there is no other
};

std::string form_of(const AlipayParameters& parameters, const Signing& signing = {}) {
    const PrivateKey& key = signing.key == nullptr ? alipay_key() : *signing.key;
    const std::string text = alipay_signed_text(parameters, signing.sign_type);
    std::string form = "sign=";
    form += encode_percent(to_base64(key.sign(signing.algorithm, {text})));
    for (const auto& [name, value] : parameters) {
        form += '&';
        form += name;
        form += '=';
        form += encode_percent(value);
    }
    return form;
}

Posted post(std::string body) {
    return {.headers = {}, .body = std::move(body), .received_at = {}};
}

struct Case {
    const char* name;
    std::string body;
    const char* verdict;
};

AlipayParameters with(std::string_view name, std::string value) {
    AlipayParameters parameters = plain_parameters();
    for (auto& [key, old] : parameters) {
        if (key == name) old = value;
    }
    return parameters;
}

TEST(AlipayProvider, DecidesEveryFormShape) {
    const std::string good = form_of(plain_parameters());
    std::string pluses = good;
    for (auto at = pluses.find("%20"); at != std::string::npos; at = pluses.find("%20")) {
        pluses.replace(at, 3, "+");
    }
    const Case cases[] = {
        {"accepts a right signature", good, "key 1"},
        {"accepts spaces as pluses", pluses, "key 1"},
        {"accepts a signature with sign_type",
         form_of(plain_parameters(), {.sign_type = AlipaySignType::kept}),
         "key 1"},
        {"accepts a key before the newest",
         form_of(plain_parameters(), {.key = &other_key()}),
         "key 0"},
        {"does not follow the message to SHA-1",
         form_of(with("sign_type", "RSA"), {.algorithm = HashAlgorithm::sha1}),
         "bad_signature"},
        {"rejects an added parameter", good + "&extra=1", "bad_signature"},
        {"rejects an added empty parameter", good + "&extra=", "bad_signature"},
        {"rejects a parameter twice", good + "&total_amount=0.01", "malformed"},
        {"rejects a sign twice", good + "&sign=AAAA", "malformed"},
        {"rejects a part without a value", good + "&extra", "malformed"},
        {"rejects a broken escape", good + "&extra=%zz", "malformed"},
        {"rejects another app", form_of(with("app_id", "app2")), "unknown_key"},
        {"rejects another seller", form_of(with("seller_id", "seller2")), "unknown_key"},
        {"rejects no app", "sign=AAAA&notify_id=1", "unknown_key"},
        {"rejects no sign", good.substr(good.find('&') + 1), "missing_header"},
        {"rejects an empty sign", "sign=&app_id=app1", "missing_header"},
        {"rejects a sign that is no base64", "sign=!!&app_id=app1", "bad_signature"},
        {"rejects an empty body", "", "malformed"},
        {"rejects ampersands only", "&&", "malformed"},
        {"rejects JSON", R"({"trade_status":"TRADE_SUCCESS"})", "malformed"},
    };
    const auto provider = make_provider();
    ASSERT_NE(provider, nullptr);
    for (const Case& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(verdict_of(*provider, post(test_case.body)), test_case.verdict);
    }
}

TEST(AlipayProvider, UsesShaOneOnlyWhenTold) {
    SettingTable old = settings();
    old["sign_type"] = {std::string{"RSA"}};
    const auto provider = make_alipay(old);
    ASSERT_TRUE(provider.has_value());
    const std::string body = form_of(with("sign_type", "RSA"), {.algorithm = HashAlgorithm::sha1});
    EXPECT_EQ(verdict_of(**provider, post(body)), "key 1");
    EXPECT_EQ(verdict_of(**provider, post(form_of(plain_parameters()))), "bad_signature");
}

TEST(AlipayProvider, SortsDecodedParametersAndKeepsEmptyOnes) {
    const AlipayParameters parameters = {
        {"sign_type", "RSA2"}, {"b", "2 &="}, {"sign", "x"}, {"a", ""}, {"B", "1"}};
    EXPECT_EQ(alipay_signed_text(parameters, AlipaySignType::left_out), "B=1&a=&b=2 &=");
    EXPECT_EQ(alipay_signed_text(parameters, AlipaySignType::kept), "B=1&a=&b=2 &=&sign_type=RSA2");
}

struct EventCase {
    const char* name;
    const char* body;
    const char* type;
    const char* summary;
};

const EventCase kEvents[] = {
    {"a finished trade is paid",
     "trade_status=TRADE_FINISHED&trade_no=t&out_trade_no=o&total_amount=99.9",
     "TRADE_FINISHED",
     "payment.succeeded payment=t reference=o amount=99.90 CNY"},
    {"a waiting trade is created",
     "trade_status=WAIT_BUYER_PAY&trade_no=t",
     "WAIT_BUYER_PAY",
     "payment.created payment=t CNY"},
    {"a closed trade is canceled",
     "trade_status=TRADE_CLOSED&trade_no=t",
     "TRADE_CLOSED",
     "payment.canceled payment=t CNY"},
    {"a closed trade with a refund is refunded",
     "trade_status=TRADE_CLOSED&trade_no=t&gmt_refund=x&refund_fee=5&out_biz_no=r&total_amount=9",
     "TRADE_CLOSED",
     "refund.succeeded payment=t refund=r amount=5.00 CNY"},
    {"a trade in an unknown state is none", "trade_status=NEW", "NEW", "nothing"},
    {"an agreement is none", "notify_type=dut_user_sign&status=NORMAL", "dut_user_sign", "nothing"},
    {"an agreement with a refund time is none", "notify_type=x&gmt_refund=x", "x", "nothing"},
    {"a transfer sent back failed",
     "msg_method=alipay.fund.trans.order.changed&biz_content="
     "{%22order_id%22:%22p%22,%22status%22:%22REFUND%22,%22fail_reason%22:%22f%22}",
     "alipay.fund.trans.order.changed",
     "payout.failed payout=p CNY reason=f"},
    {"a transfer under way is none",
     "msg_method=alipay.fund.trans.order.changed&biz_content={%22status%22:%22DEALING%22}",
     "alipay.fund.trans.order.changed",
     "nothing"},
    {"another message is none", "msg_method=other&biz_content={}", "other", "nothing"},
};

TEST(AlipayProvider, PutsNoticesIntoOurWords) {
    const auto provider = make_provider();
    for (const EventCase& test_case : kEvents) {
        SCOPED_TRACE(test_case.name);
        const Posted posted = post(test_case.body);
        EXPECT_EQ(events_of(*provider, posted, summary_of), test_case.summary);
        const auto normalised = normalised_by(*provider, posted);
        ASSERT_TRUE(normalised.has_value());
        EXPECT_EQ(normalised->events.front().type, test_case.type);
        EXPECT_FALSE(normalised->events.front().id.empty());
    }
    EXPECT_EQ(events_of(*provider, post("msg_method=x&biz_content=1"), summary_of), "malformed");
}

TEST(AlipayProvider, ReadsTimesAsBeijingTimes) {
    const auto provider = make_provider();
    const auto time_of = [&provider](std::string body) {
        return normalised_by(*provider, post(std::move(body)))->events.front().unified->occurred_at;
    };
    EXPECT_EQ(
        time_of("trade_status=TRADE_SUCCESS&gmt_payment=2025-06-16+01:59:50&notify_time=x"),
        "2025-06-15T17:59:50.000Z"
    );
    EXPECT_EQ(
        time_of("trade_status=TRADE_CLOSED&notify_time=2025-06-16+01:59:50.320"),
        "2025-06-15T17:59:50.320Z"
    );
}

TEST(AlipayProvider, AnswersInItsOwnWords) {
    const auto provider = make_provider();
    const auto reply = asked(post(""), [&provider](const SignedRequest& request) {
        return provider->acknowledgement(request);
    });
    EXPECT_EQ(reply, (ProviderReply{200, "text/plain", "success"}));
    EXPECT_EQ(
        provider->refusal(VerifyFailure::bad_signature), (ProviderReply{401, "text/plain", "fail"})
    );
    EXPECT_EQ(provider->verify_cost(), VerifyCost::long_enough_for_worker);
}

TEST(AlipayProvider, RefusesSettingsItCannotUse) {
    for (const char* key : {"app_id", "alipay_public_keys"}) {
        SettingTable incomplete = settings();
        incomplete.erase(key);
        EXPECT_FALSE(make_alipay(incomplete).has_value()) << key;
    }
    SettingTable broken = settings();
    broken["alipay_public_keys"] = {std::string{"AAAA"}};
    EXPECT_FALSE(make_alipay(broken).has_value());
}

}  // namespace
}  // namespace postern::verifiers
