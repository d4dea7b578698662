#include "verifiers/checkout.hpp"

#include "core/bytes.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kKey = "4f8ab2b2-new";
constexpr const char* kOldKey = "4f8ab2b2-old";
const std::string kBody = R"({"id":"evt_1","type":"payment_approved"})";

std::string signature(std::string_view key, std::string_view body) {
    return to_hex(hmac(HashAlgorithm::sha256, key, {body}));
}

struct Case {
    const char* name;
    std::string header;
    std::string body;
    std::string authorization;
    const char* verdict;
    const char* verdict_with_authorization;  // when one is configured
};

const Case kCases[] = {
    {"takes both right", signature(kKey, kBody), kBody, "secret-word", "key 0", "key 0"},
    {"takes the former key", signature(kOldKey, kBody), kBody, "secret-word", "key 1", "key 1"},
    {"misses the authorization", signature(kKey, kBody), kBody, "", "key 0", "missing_header"},
    {"refuses another authorization", signature(kKey, kBody), kBody, "x", "key 0", "bad_signature"},
    {"refuses no signature", "", kBody, "secret-word", "missing_header", "missing_header"},
    {"refuses an empty body", signature(kKey, ""), "", "secret-word", "malformed", "malformed"},
    {"refuses another key",
     signature("other key", kBody),
     kBody,
     "secret-word",
     "bad_signature",
     "bad_signature"},
    {"refuses another body",
     signature(kKey, kBody),
     kBody + "\n",
     "secret-word",
     "bad_signature",
     "bad_signature"},
    {"refuses base64",
     to_base64(hmac(HashAlgorithm::sha256, kKey, {kBody})),
     kBody,
     "secret-word",
     "bad_signature",
     "bad_signature"},
};

TEST(CheckoutProvider, DecidesEveryHeaderShape) {
    SettingTable settings{{"signature_keys", list_setting({kKey, kOldKey})}};
    const auto plain = make_checkout(settings);
    settings["authorization"] = text_setting("secret-word");
    const auto guarded = make_checkout(settings);
    ASSERT_TRUE(plain.has_value() && guarded.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{
            .headers =
                {{"Cko-Signature", test_case.header}, {"Authorization", test_case.authorization}},
            .body = test_case.body};
        EXPECT_EQ(verdict_of(**plain, posted), test_case.verdict);
        EXPECT_EQ(verdict_of(**guarded, posted), test_case.verdict_with_authorization);
    }
}

struct EventCase {
    const char* type;
    const char* data;
    const char* line;
};

constexpr const char* kPayment =
    R"("id":"pay","action_id":"act","amount":9999,"currency":"USD","response_code":"20051",
       "reference":"R")";
constexpr const char* kDispute =
    R"("id":"dsp","payment_id":"pay","amount":9999,"currency":"USD","reason_code":"10.4",
       "payment_reference":"R")";

const EventCase kEventCases[] = {
    {"payment_approved", kPayment, "payment.succeeded payment=pay reference=R amount=99.99 USD"},
    {"payment_captured", kPayment, "payment.captured payment=pay reference=R amount=99.99 USD"},
    {"payment_declined",
     kPayment,
     "payment.failed payment=pay reference=R amount=99.99 USD reason=20051"},
    {"payment_capture_declined",
     kPayment,
     "payment.failed payment=pay reference=R amount=99.99 USD reason=20051"},
    {"payment_pending", kPayment, "payment.created payment=pay reference=R amount=99.99 USD"},
    {"payment_canceled", kPayment, "payment.canceled payment=pay reference=R amount=99.99 USD"},
    {"payment_voided", kPayment, "payment.canceled payment=pay reference=R amount=99.99 USD"},
    {"payment_expired", kPayment, "payment.canceled payment=pay reference=R amount=99.99 USD"},
    {"payment_refunded",
     kPayment,
     "refund.succeeded payment=pay refund=act reference=R amount=99.99 USD"},
    {"payment_refund_pending",
     kPayment,
     "refund.created payment=pay refund=act reference=R amount=99.99 USD"},
    {"payment_refund_declined",
     kPayment,
     "refund.failed payment=pay refund=act reference=R amount=99.99 USD reason=20051"},
    {"payment_paid", kPayment, "payout.paid payout=pay reference=R amount=99.99 USD"},
    {"dispute_received",
     kDispute,
     "dispute.created payment=pay dispute=dsp reference=R amount=99.99 USD reason=10.4"},
    {"dispute_evidence_required",
     kDispute,
     "dispute.created payment=pay dispute=dsp reference=R amount=99.99 USD reason=10.4"},
    {"dispute_evidence_submitted",
     kDispute,
     "dispute.updated payment=pay dispute=dsp reference=R amount=99.99 USD reason=10.4"},
    {"dispute_won",
     kDispute,
     "dispute.closed payment=pay dispute=dsp reference=R amount=99.99 USD reason=10.4 outcome=won"},
    {"dispute_canceled", R"("id":"dsp")", "dispute.closed dispute=dsp outcome=won"},
    {"dispute_resolved", R"("id":"dsp")", "dispute.closed dispute=dsp outcome=won"},
    {"dispute_lost", R"("id":"dsp")", "dispute.closed dispute=dsp outcome=lost"},
    {"dispute_accepted", R"("id":"dsp")", "dispute.closed dispute=dsp outcome=lost"},
    {"dispute_expired", R"("id":"dsp")", "dispute.closed dispute=dsp outcome=lost"},
    {"card_verified", kPayment, "nothing"},
};

TEST(CheckoutProvider, SpeaksOurWords) {
    const auto provider = make_checkout({{"signature_keys", text_setting(kKey)}});
    ASSERT_TRUE(provider.has_value());
    for (const EventCase& test_case : kEventCases) {
        SCOPED_TRACE(test_case.type);
        std::string body = R"({"id":"evt","type":")";
        body += test_case.type;
        body += R"(","data":{)";
        body += test_case.data;
        body += "}}";
        const std::string expected = std::string{"evt "} + test_case.type + " -> " + test_case.line;
        EXPECT_EQ(events_of(**provider, {.body = body}), expected);
    }
    EXPECT_EQ(events_of(**provider, {.body = "1"}), "malformed");
}

struct ExponentCase {
    const char* currency;
    int exponent;
};

const ExponentCase kExponentCases[] = {
    {"USD", 2},
    {"JPY", 0},
    {"KRW", 0},
    {"VND", 0},
    {"ISK", 0},
    {"KWD", 3},
    {"IQD", 3},
    {"CLP", 2},
};

TEST(CheckoutProvider, CountsDecimalsItsOwnWay) {
    for (const ExponentCase& test_case : kExponentCases) {
        EXPECT_EQ(checkout_exponent(test_case.currency), test_case.exponent) << test_case.currency;
    }
}

TEST(CheckoutProvider, RefusesSettingsThatCannotWork) {
    EXPECT_NE(
        complaint_of(make_checkout, SettingTable{}).find("signature_keys is required"),
        std::string::npos
    );
    const SettingTable short_word{
        {"signature_keys", text_setting(kKey)}, {"authorization", text_setting("")}};
    EXPECT_NE(complaint_of(make_checkout, short_word).find("must not be empty"), std::string::npos);
}

}  // namespace
}  // namespace postern::verifiers
