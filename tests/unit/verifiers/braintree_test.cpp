#include "verifiers/braintree.hpp"

#include "core/bytes.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

SettingValue key_setting(std::string public_key, std::string private_key) {
    return SettingValue{SettingTable{
        {"public_key", text_setting(std::move(public_key))},
        {"private_key", text_setting(std::move(private_key))}}};
}

SettingTable settings() {
    return {
        {"merchant_id", text_setting("shop")},
        {"keys",
         {SettingList{key_setting("new", "new private"), key_setting("old", "old private")}}},
    };
}

std::string digest(std::string_view private_key, std::string_view text) {
    const std::string key = hash(HashAlgorithm::sha1, {private_key});
    return to_hex(hmac(HashAlgorithm::sha1, key, {text}));
}

const std::string kPayload =
    to_base64(
        "<notification><kind>check</kind><timestamp>2025-06-15T23:59:57Z</timestamp>"
        "<subject><check>true</check></subject></notification>"
    )
    + "\n";
const std::string kGood = digest("new private", kPayload);

std::string form(std::string_view signature, std::string_view payload) {
    return "bt_signature=" + encode_percent(signature) + "&bt_payload=" + encode_percent(payload);
}

struct Case {
    const char* name;
    std::string body;
    const char* verdict;
};

const Case kCases[] = {
    {"accepts a right pair", form("new|" + kGood, kPayload), "key 0"},
    {"accepts the older key", form("old|" + digest("old private", kPayload), kPayload), "key 1"},
    {"accepts our pair behind another",
     form("theirs|" + digest("theirs", kPayload) + "&new|" + kGood, kPayload),
     "key 0"},
    {"accepts a good pair behind a bad one of the same key",
     form("new|00&new|" + kGood, kPayload),
     "key 0"},
    {"skips what is no pair", form("garbage&new|" + kGood, kPayload), "key 0"},
    {"accepts a signature over one line feed more",
     form("new|" + digest("new private", kPayload + "\n"), kPayload),
     "key 0"},
    {"accepts parameters in another order",
     "bt_payload=" + encode_percent(kPayload) + "&bt_signature=" + encode_percent("new|" + kGood),
     "key 0"},
    {"rejects an empty body", "", "malformed"},
    {"rejects a broken escape", "bt_signature=%zz&bt_payload=x", "malformed"},
    {"rejects a missing signature", "bt_payload=" + encode_percent(kPayload), "missing_header"},
    {"rejects a missing payload", "bt_signature=new%7C" + kGood, "missing_header"},
    {"rejects an empty payload", form("new|" + kGood, ""), "missing_header"},
    {"rejects characters that base64 lacks", form("new|" + kGood, kPayload + "-"), "malformed"},
    {"rejects a carriage return", form("new|" + kGood, kPayload + "\r\n"), "malformed"},
    {"rejects a plus that was sent as it is", "bt_signature=new%7C00&bt_payload=a+b", "malformed"},
    {"rejects a key that is not ours", form("theirs|" + kGood, kPayload), "unknown_key"},
    {"rejects a signature without a key", form(kGood, kPayload), "unknown_key"},
    {"rejects another private key",
     form("new|" + digest("old private", kPayload), kPayload),
     "bad_signature"},
    {"rejects the private key unhashed",
     form("new|" + to_hex(hmac(HashAlgorithm::sha1, "new private", {kPayload})), kPayload),
     "bad_signature"},
    {"rejects an empty digest", form("new|", kPayload), "bad_signature"},
    {"rejects a third part", form("new|" + kGood + "|x", kPayload), "bad_signature"},
    {"rejects another payload", form("new|" + kGood, "AAAA" + kPayload), "bad_signature"},
    {"reads the first of two payloads",
     form("new|" + kGood, "AAAA") + "&bt_payload=" + encode_percent(kPayload),
     "bad_signature"},
};

TEST(BraintreeProvider, DecidesEveryForm) {
    const auto provider = make_braintree(settings());
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(verdict_of(**provider, {.body = test_case.body}), test_case.verdict);
    }
}

TEST(BraintreeProvider, RefusesEveryFlippedBit) {
    const auto provider = make_braintree(settings());
    ASSERT_TRUE(provider.has_value());
    for (const std::string& payload : one_bit_flips(kPayload)) {
        EXPECT_NE(verdict_of(**provider, {.body = form("new|" + kGood, payload)}), "key 0");
    }
    for (const std::string& flipped : one_bit_flips(kGood)) {
        EXPECT_NE(verdict_of(**provider, {.body = form("new|" + flipped, kPayload)}), "key 0");
    }
}

struct EventCase {
    const char* kind;
    const char* subject;
    const char* line;  // behind "<kind>:"
};

constexpr const char* kSale =
    "<transaction><id>t</id><status>settled</status><type>sale</type>"
    "<currency-iso-code>USD</currency-iso-code><amount>99.9</amount>"
    "<order-id>R &amp; S</order-id></transaction>";
constexpr const char* kDispute =
    "<dispute><amount>9.00</amount><amount-disputed>7.00</amount-disputed>"
    "<currency-iso-code>JPY</currency-iso-code><reason>fraud</reason><id>d</id>"
    "<transaction><id>t</id><amount>9.00</amount></transaction></dispute>";
constexpr const char* kSubscription =
    "<subscription><id>s</id><transactions type=\"array\">"
    "<transaction><id>t2</id><status>failed</status><amount>5.00</amount></transaction>"
    "<transaction><id>t1</id><amount>4.00</amount></transaction></transactions></subscription>";

const EventCase kEventCases[] = {
    {"transaction_settled",
     kSale,
     "t -> payment.succeeded payment=t reference=R & S amount=99.90 USD"},
    {"transaction_settlement_declined",
     kSale,
     "t -> payment.failed payment=t reference=R & S amount=99.90 USD reason=settled"},
    {"transaction_settled",
     "<transaction><id>t</id><type>credit</type><amount>1.00</amount></transaction>",
     "t -> nothing"},
    {"subscription_charged_successfully",
     kSubscription,
     "t2 -> payment.succeeded payment=t2 amount=5.00"},
    {"subscription_charged_unsuccessfully",
     kSubscription,
     "t2 -> payment.failed payment=t2 amount=5.00 reason=failed"},
    {"subscription_canceled", kSubscription, "s -> nothing"},
    {"local_payment_completed",
     "<local-payment><payment-id>l</payment-id><transaction><id>t</id><amount>10.00</amount>"
     "</transaction></local-payment>",
     "t -> payment.action_completed payment=t amount=10.00"},
    {"local_payment_funded",
     "<local-payment-funded><payment-id>l</payment-id><transaction><id>t</id></transaction>"
     "</local-payment-funded>",
     "t -> payment.succeeded payment=t"},
    {"local_payment_expired",
     "<local-payment-expired><payment-id>l</payment-id></local-payment-expired>",
     "l -> payment.canceled payment=l"},
    {"local_payment_reversed",
     "<local-payment-reversed><payment-id>l</payment-id></local-payment-reversed>",
     "l -> nothing"},
    {"refund_failed",
     "<transaction><id>r</id><status>processor_declined</status><amount>25.00</amount>"
     "<refunded-transaction-id>t</refunded-transaction-id></transaction>",
     "r -> refund.failed payment=t refund=r amount=25.00 reason=processor_declined"},
    {"dispute_opened",
     kDispute,
     "d -> dispute.created payment=t dispute=d amount=7 JPY reason=fraud"},
    {"dispute_under_review",
     kDispute,
     "d -> dispute.updated payment=t dispute=d amount=7 JPY reason=fraud"},
    {"dispute_disputed",
     kDispute,
     "d -> dispute.updated payment=t dispute=d amount=7 JPY reason=fraud"},
    {"dispute_won",
     kDispute,
     "d -> dispute.closed payment=t dispute=d amount=7 JPY reason=fraud outcome=won"},
    {"dispute_lost",
     kDispute,
     "d -> dispute.closed payment=t dispute=d amount=7 JPY reason=fraud outcome=lost"},
    {"dispute_accepted",
     kDispute,
     "d -> dispute.closed payment=t dispute=d amount=7 JPY reason=fraud outcome=lost"},
    {"dispute_auto_accepted",
     kDispute,
     "d -> dispute.closed payment=t dispute=d amount=7 JPY reason=fraud outcome=lost"},
    {"dispute_expired",
     "<dispute><id>d</id></dispute>",
     "d -> dispute.closed dispute=d outcome=lost"},
    {"disbursement",
     "<disbursement><id>b</id><success>true</success><amount>11.00</amount><merchant-account>"
     "<currency-iso-code>GBP</currency-iso-code></merchant-account></disbursement>",
     "b -> payout.paid payout=b amount=11.00 GBP"},
    {"disbursement",
     "<disbursement><id>b</id><success>false</success>"
     "<exception-message>bank_rejected</exception-message></disbursement>",
     "b -> payout.failed payout=b reason=bank_rejected"},
    {"disbursement", "<disbursement><id>b</id></disbursement>", "b -> nothing"},
    {"disbursement_exception",
     "<disbursement><id>b</id><success>false</success></disbursement>",
     "b -> payout.failed payout=b"},
    {"transaction_disbursed", kSale, "t -> nothing"},
    {"payment_method_revoked_by_customer",
     "<paypal-account><token>k</token></paypal-account>",
     "k -> nothing"},
};

std::string notification(std::string_view kind, std::string_view subject) {
    std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<notification><kind>";
    xml += kind;
    xml += "</kind><timestamp type=\"datetime\">2025-06-15T23:59:57Z</timestamp><subject>";
    xml += subject;
    xml += "</subject></notification>";
    return xml;
}

TEST(BraintreeProvider, SpeaksOurWords) {
    const auto provider = make_braintree(settings());
    ASSERT_TRUE(provider.has_value());
    for (const EventCase& test_case : kEventCases) {
        SCOPED_TRACE(test_case.kind);
        const std::string_view line = test_case.line;
        const auto bar = line.find(" -> ");
        std::string expected = test_case.kind;
        expected += ':';
        expected += line.substr(0, bar);
        expected += ":2025-06-15T23:59:57Z ";
        expected += test_case.kind;
        expected += line.substr(bar);
        const std::string xml = notification(test_case.kind, test_case.subject);
        EXPECT_EQ(events_of(**provider, {.body = form("x", to_base64(xml))}), expected);
    }
}

TEST(BraintreeProvider, CannotReadWhatIsNoNotification) {
    const auto provider = make_braintree(settings());
    ASSERT_TRUE(provider.has_value());
    for (const char* xml :
         {"", "text", "<other/>", "<notification/>", "<!DOCTYPE n><notification/>"}) {
        EXPECT_EQ(events_of(**provider, {.body = form("x", to_base64(xml))}), "malformed") << xml;
    }
    EXPECT_EQ(events_of(**provider, {.body = form("x", "=AAA")}), "malformed");
    const std::string check = notification("check", "<check>true</check>");
    const std::string line = events_of(**provider, {.body = form("x", to_base64(check))});
    EXPECT_TRUE(line.starts_with("check:sha256-")) << line;
}

struct ChallengeCase {
    const char* name;
    const char* query;
    int status;
};

const ChallengeCase kChallengeCases[] = {
    {"answers twenty digits", "bt_challenge=3d566b8742dcc55b4bba", 200},
    {"answers thirty-two digits", "bt_challenge=0123456789abcdef0123456789abcdef", 200},
    {"refuses nineteen digits", "bt_challenge=3d566b8742dcc55b4bb", 400},
    {"refuses thirty-three digits", "bt_challenge=0123456789abcdef0123456789abcdef0", 400},
    {"refuses upper case", "bt_challenge=3D566B8742DCC55B4BBA", 400},
    {"refuses a script", "bt_challenge=%3Cscript%3Ealert(1)%3C%2Fscript%3E", 400},
    {"refuses a line feed at the end", "bt_challenge=3d566b8742dcc55b4bba%0a", 400},
    {"refuses none", "", 400},
};

TEST(BraintreeProvider, AnswersChallengesOnly) {
    const auto provider = make_braintree(settings());
    ASSERT_TRUE(provider.has_value());
    for (const ChallengeCase& test_case : kChallengeCases) {
        SCOPED_TRACE(test_case.name);
        const auto reply =
            asked(Posted{.query = test_case.query}, [&provider](const SignedRequest& request) {
                return (*provider)->challenge(request);
            });
        ASSERT_TRUE(reply.has_value());
        EXPECT_EQ(reply->status, test_case.status);
        EXPECT_EQ(reply->content_type, "text/plain");
        const std::string sent = std::string{test_case.query}.substr(
            std::min<std::size_t>(std::string_view{test_case.query}.size(), 13)
        );
        const std::string answer = "new|" + digest("new private", sent);
        EXPECT_EQ(reply->body, test_case.status == 200 ? answer : "");
    }
}

struct SettingsCase {
    const char* name;
    SettingTable settings;
    const char* complaint;
};

const SettingsCase kSettingsCases[] = {
    {"needs keys", {}, "keys is required"},
    {"needs one key", {{"keys", {SettingList{}}}}, "keys is required"},
    {"needs a private key",
     {{"keys", {SettingList{key_setting("new", "")}}}},
     "private_key is required"},
    {"needs a long private key", {{"keys", {SettingList{key_setting("new", "x")}}}}, "at least 8"},
    {"needs a public key",
     {{"keys", {SettingList{key_setting("", "new private")}}}},
     "public_key is required"},
    {"keeps the signature's grammar",
     {{"keys", {SettingList{key_setting("a|b", "new private")}}}},
     "must not hold '|'"},
    {"is content without a merchant id",
     {{"keys", {SettingList{key_setting("new", "new private")}}}},
     "none"},
};

TEST(BraintreeProvider, RefusesSettingsThatCannotWork) {
    for (const SettingsCase& test_case : kSettingsCases) {
        SCOPED_TRACE(test_case.name);
        const std::string complaint = complaint_of(make_braintree, test_case.settings);
        EXPECT_NE(complaint.find(test_case.complaint), std::string::npos) << complaint;
        EXPECT_EQ(complaint.find("new private"), std::string::npos) << "shows the secret";
    }
}

}  // namespace
}  // namespace postern::verifiers
