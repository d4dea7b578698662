#include "verifiers/airwallex.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr std::int64_t kNowMilliseconds = 1'700'000'000'000;
constexpr const char* kBody =
    R"({"id":"evt_1","name":"payment_intent.succeeded","data":{"object":{"id":"int_1"}}})";

std::unique_ptr<Provider> make_provider() {
    const SettingList secrets = {{std::string{"whsec_new"}}, {std::string{"whsec_old"}}};
    auto provider = make_airwallex({{"webhook_secrets", {secrets}}});
    return provider ? std::move(*provider) : nullptr;
}

struct Signer {
    std::string secret = "whsec_new";
    std::string separator = "";
};

Posted post_signed_at(const std::string& timestamp, const Signer& signer) {
    const HmacKey key{HashAlgorithm::sha256, signer.secret};
    Posted posted{.headers = {}, .body = kBody, .received_at = {}};
    posted.received_at = from_unix_milliseconds(kNowMilliseconds);
    posted.set("X-Timestamp", timestamp);
    posted.set("X-Signature", to_hex(key.sign({timestamp, signer.separator, posted.body})));
    return posted;
}

struct Case {
    const char* name;
    const char* timestamp;
    Signer signer;
    void (*change)(Posted&);
    const char* verdict;
};

void leave(Posted&) {}

const Case kCases[] = {
    {"accepts a right signature", "1700000000000", {}, leave, "key 0"},
    {"accepts the older secret", "1700000000000", {.secret = "whsec_old"}, leave, "key 1"},
    {"accepts exactly the tolerance", "1699999700000", {}, leave, "key 0"},
    {"rejects one millisecond too old", "1699999699999", {}, leave, "timestamp_out_of_tolerance"},
    {"rejects one millisecond too new", "1700000300001", {}, leave, "timestamp_out_of_tolerance"},
    {"rejects seconds", "1700000000", {}, leave, "timestamp_out_of_tolerance"},
    {"rejects a time in words", "yesterday", {}, leave, "malformed"},
    {"rejects a negative time", "-1", {}, leave, "malformed"},
    {"rejects another secret", "1700000000000", {.secret = "whsec_other"}, leave, "bad_signature"},
    {"rejects a separator", "1700000000000", {.separator = "."}, leave, "bad_signature"},
    {"rejects no signature",
     "1700000000000",
     {},
     [](Posted& posted) { posted.remove("x-signature"); },
     "missing_header"},
    {"rejects an empty timestamp",
     "1700000000000",
     {},
     [](Posted& posted) { posted.set("x-timestamp", ""); },
     "missing_header"},
    {"rejects an empty body",
     "1700000000000",
     {},
     [](Posted& posted) { posted.body.clear(); },
     "malformed"},
    {"misses the header before the body",
     "1700000000000",
     {},
     [](Posted& posted) {
         posted.body.clear();
         posted.remove("x-signature");
     },
     "missing_header"},
    {"rejects a digest that is no hex",
     "1700000000000",
     {},
     [](Posted& posted) { posted.set("x-signature", "zz"); },
     "bad_signature"},
    {"rejects half a digest",
     "1700000000000",
     {},
     [](Posted& posted) { posted.set("x-signature", posted.get("x-signature").substr(0, 32)); },
     "bad_signature"},
    {"judges the first of two signatures",
     "1700000000000",
     {},
     [](Posted& posted) {
         posted.headers.insert(posted.headers.begin(), {"x-signature", std::string(64, '0')});
     },
     "bad_signature"},
    {"rejects a timestamp that was not signed",
     "1700000000000",
     {},
     [](Posted& posted) { posted.set("x-timestamp", "1700000000001"); },
     "bad_signature"},
};

TEST(AirwallexProvider, DecidesEveryHeaderShape) {
    const auto provider = make_provider();
    ASSERT_NE(provider, nullptr);
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Posted posted = post_signed_at(test_case.timestamp, test_case.signer);
        test_case.change(posted);
        EXPECT_EQ(verdict_of(*provider, posted), test_case.verdict);
    }
}

TEST(AirwallexProvider, RejectsEveryFlippedByteOfBody) {
    const auto provider = make_provider();
    const Posted genuine = post_signed_at("1700000000000", {});
    for (std::size_t i = 0; i < genuine.body.size(); ++i) {
        Posted forged = genuine;
        forged.body = with_bit_flipped(genuine.body, i);
        EXPECT_EQ(verdict_of(*provider, forged), "bad_signature") << i;
    }
}

struct EventCase {
    const char* name;
    const char* object;
    const char* summary;
};

const EventCase kEvents[] = {
    {"payment_intent.created",
     R"({"id":"i","amount":1,"currency":"usd","merchant_order_id":"o"})",
     "payment.created payment=i reference=o amount=1.00 USD"},
    {"payment_intent.succeeded",
     R"({"id":"i","amount":20,"captured_amount":16.6,"currency":"USD"})",
     "payment.succeeded payment=i amount=16.60 USD"},
    {"payment_intent.succeeded",
     R"({"id":"i","amount":6.2723E4,"currency":"KRW"})",
     "payment.succeeded payment=i amount=62723 KRW"},
    {"payment_intent.payment_failed",
     R"({"id":"i","amount":0.1,"currency":"KWD","latest_payment_attempt":{"failure_code":"c"}})",
     "payment.failed payment=i amount=0.100 KWD reason=c"},
    {"payment_attempt.risk_declined",
     R"({"id":"a","payment_intent_id":"i","amount":5,"currency":"USD"})",
     "payment.failed payment=i amount=5.00 USD reason=risk_declined"},
    {"payment_attempt.expired",
     R"({"id":"a","payment_intent_id":"i","failure_code":"f"})",
     "payment.failed payment=i reason=f"},
    {"payment_attempt.capture_requested",
     R"({"id":"a","payment_intent_id":"i","captured_amount":3,"currency":"USD"})",
     "payment.captured payment=i amount=3.00 USD"},
    {"refund.processing",
     R"({"id":"r","payment_intent_id":"i","amount":5.5,"currency":"USD"})",
     "refund.created payment=i refund=r amount=5.50 USD"},
    {"refund.succeeded", R"({"id":"r"})", "refund.succeeded refund=r"},
    {"payment_dispute.pending_closure",
     R"({"id":"d","reason":{"type":"FRAUD"}})",
     "dispute.updated dispute=d reason=FRAUD"},
    {"payment_dispute.reversed", R"({"id":"d"})", "dispute.closed dispute=d outcome=won"},
    {"payment_dispute.accepted", R"({"id":"d"})", "dispute.closed dispute=d outcome=lost"},
    {"dispute.expired", R"({"id":"d"})", "dispute.closed dispute=d outcome=lost"},
    {"refund.accepted", R"({"id":"r"})", "nothing"},
    {"payment_intent.requires_capture", R"({"id":"i"})", "nothing"},
    {"payment_attempt.authorized", R"({"id":"a"})", "nothing"},
    {"payment.paid", R"({"id":"p"})", "nothing"},
    {"dispute_payment_dispute.won", R"({"id":"d"})", "nothing"},
};

TEST(AirwallexProvider, PutsEventsIntoOurWords) {
    const auto provider = make_provider();
    for (const EventCase& test_case : kEvents) {
        SCOPED_TRACE(test_case.name);
        Posted posted{.headers = {}, .body = R"({"id":"evt_1","name":")", .received_at = {}};
        posted.body += test_case.name;
        posted.body += R"(","data":{"object":)";
        posted.body += test_case.object;
        posted.body += "}}";
        EXPECT_EQ(events_of(*provider, posted, summary_of), test_case.summary);
    }
}

TEST(AirwallexProvider, FindsPayoutsDirectlyInData) {
    const auto provider = make_provider();
    const Posted posted{
        .headers = {},
        .body = R"({"id":"e","name":"payout.transfer.failed","account_id":"acct",
            "created_at":"2025-06-15T15:59:57+0000","data":{"id":"p","transfer_amount":150000,
            "transfer_currency":"JPY","failure_type":"INVALID"}})",
        .received_at = {}};
    EXPECT_EQ(
        events_of(*provider, posted, summary_of),
        "payout.failed payout=p amount=150000 JPY reason=INVALID"
    );
    const auto normalised = normalised_by(*provider, posted);
    ASSERT_TRUE(normalised.has_value());
    EXPECT_EQ(normalised->account, "acct");
    EXPECT_EQ(normalised->events.front().unified->occurred_at, "2025-06-15T15:59:57.000Z");
}

TEST(AirwallexProvider, NamesEventsWithoutAnIdByTheirBody) {
    const auto provider = make_provider();
    Posted posted{.headers = {}, .body = "{}", .received_at = {}};
    const auto nameless = normalised_by(*provider, posted);
    ASSERT_TRUE(nameless.has_value());
    EXPECT_TRUE(nameless->events.front().id.starts_with("sha256-"));
    for (const char* body : {"[]", "1", "{", "\"x\""}) {
        posted.body = body;
        EXPECT_EQ(events_of(*provider, posted, summary_of), "malformed") << body;
    }
}

TEST(AirwallexProvider, RefusesSettingsItCannotUse) {
    EXPECT_FALSE(make_airwallex({}).has_value());
    EXPECT_FALSE(make_airwallex({{"webhook_secrets", {std::string{"x"}}}}).has_value());
    const auto misspelt = make_airwallex({{"webhook_secret", {std::string{"whsec_long"}}}});
    ASSERT_FALSE(misspelt.has_value());
    EXPECT_NE(misspelt.error().message.find("did you mean webhook_secrets?"), std::string::npos);
}

}  // namespace
}  // namespace postern::verifiers
