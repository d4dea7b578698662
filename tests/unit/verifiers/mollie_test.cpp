#include "verifiers/mollie.hpp"

#include "core/bytes.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kSecret = "mollie signing secret";
constexpr const char* kOldSecret = "mollie former secret";
const std::string kBody = R"({"id":"event_1","type":"payment.paid","entityId":"tr_1"})";

SettingTable next_gen() {
    return {{"signing_secrets", list_setting({kSecret, kOldSecret})}};
}

SettingTable classic() {
    return {{"mode", text_setting("classic")}, {"api_key", text_setting("test_abc")}};
}

std::string signature(std::string_view secret, std::string_view body = kBody) {
    return to_hex(hmac(HashAlgorithm::sha256, secret, {body}));
}

struct Case {
    const char* name;
    std::vector<std::string> headers;
    std::string body;
    const char* verdict;
};

const Case kCases[] = {
    {"accepts a prefixed digest", {"sha256=" + signature(kSecret)}, kBody, "key 0"},
    {"accepts a bare digest", {signature(kSecret)}, kBody, "key 0"},
    {"accepts the former secret", {"sha256=" + signature(kOldSecret)}, kBody, "key 1"},
    {"accepts the second of two headers",
     {"sha256=" + signature("other"), "sha256=" + signature(kSecret)},
     kBody,
     "key 0"},
    {"accepts the first of two headers",
     {"sha256=" + signature(kSecret), "sha256=" + signature("other")},
     kBody,
     "key 0"},
    {"accepts headers joined by a proxy",
     {"sha256=" + signature("other") + ", sha256=" + signature(kSecret)},
     kBody,
     "key 0"},
    {"skips an empty header among two", {"", "sha256=" + signature(kSecret)}, kBody, "key 0"},
    {"rejects no header", {}, kBody, "missing_header"},
    {"rejects an empty header", {""}, kBody, "missing_header"},
    {"rejects a header of spaces", {"  "}, kBody, "missing_header"},
    {"rejects an empty body", {"sha256=" + signature(kSecret, "")}, "", "malformed"},
    {"rejects a foreign secret", {"sha256=" + signature("other")}, kBody, "bad_signature"},
    {"rejects another body", {"sha256=" + signature(kSecret)}, kBody + " ", "bad_signature"},
    {"rejects the prefix alone", {"sha256="}, kBody, "bad_signature"},
    {"rejects another algorithm's prefix",
     {"sha512=" + signature(kSecret)},
     kBody,
     "bad_signature"},
    {"rejects a prefix that is repeated",
     {"sha256=sha256=" + signature(kSecret)},
     kBody,
     "bad_signature"},
    {"rejects what is no hex", {"sha256=zz"}, kBody, "bad_signature"},
    {"rejects a digest behind too many others",
     {"00,01,02,03,04,05,06,07," + signature(kSecret)},
     kBody,
     "bad_signature"},
    {"does not fall back to the classic scheme", {}, "id=tr_1", "missing_header"},
};

TEST(MollieProvider, DecidesEveryHeaderShape) {
    const auto provider = make_mollie(next_gen());
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        Posted posted{.body = test_case.body};
        for (const std::string& header : test_case.headers) {
            posted.headers.emplace_back("X-Mollie-Signature", header);
        }
        EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
        EXPECT_FALSE(asked(posted, [&provider](const SignedRequest& request) {
            return (*provider)->fetch_needed(request).has_value();
        }));
    }
}

TEST(MollieProvider, RefusesUpperCaseAsMolliesLibraryDoes) {
    const auto provider = make_mollie(next_gen());
    ASSERT_TRUE(provider.has_value());
    std::string header = signature(kSecret);
    for (char& c : header) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    const Posted posted{.headers = {{"X-Mollie-Signature", header}}, .body = kBody};
    EXPECT_EQ(verdict_of(**provider, posted), "bad_signature");
}

struct EventCase {
    const char* type;
    const char* entity;
    const char* line;
};

const EventCase kEventCases[] = {
    {"payment.paid",
     R"("amount":{"value":"10.00","currency":"EUR"},"metadata":{"order_id":"R"})",
     "payment.succeeded payment=id reference=R amount=10.00 EUR"},
    {"payment.paid",
     R"("amount":{"value":"1500","currency":"JPY"},"metadata":"text")",
     "payment.succeeded payment=id amount=1500 JPY"},
    {"payment-link.paid", R"("status":"paid")", "payment.succeeded payment=id"},
    {"payment.failed",
     R"("details":{"failureReason":"insufficient_funds"})",
     "payment.failed payment=id reason=insufficient_funds"},
    {"payment.failed",
     R"("statusReason":{"code":"refused"},"details":null)",
     "payment.failed payment=id reason=refused"},
    {"payment.canceled", "", "payment.canceled payment=id"},
    {"payment.expired", "", "payment.canceled payment=id"},
    {"payment.authorized", "", "nothing"},
    {"dispute.created",
     R"("paymentId":"tr_1","reason":"fraud")",
     "dispute.created payment=tr_1 dispute=id reason=fraud"},
    {"dispute.updated",
     R"("reason":{"code":"AC01"},"status":"open")",
     "dispute.updated dispute=id reason=AC01"},
    {"dispute.resolved", R"("status":"won")", "dispute.closed dispute=id outcome=won"},
    {"payout.initiated", "", "payout.created payout=id"},
    {"payout.completed", "", "payout.paid payout=id"},
    {"payout.failed", "", "payout.failed payout=id"},
    {"payout.canceled", "", "payout.failed payout=id"},
    {"sales-invoice.paid", "", "nothing"},
};

TEST(MollieProvider, SpeaksOurWords) {
    const auto provider = make_mollie(next_gen());
    ASSERT_TRUE(provider.has_value());
    for (const EventCase& test_case : kEventCases) {
        SCOPED_TRACE(test_case.type);
        std::string body = R"({"id":"event","entityId":"id","type":")";
        body += test_case.type;
        body += R"(","_embedded":{"entity":{)";
        body += test_case.entity;
        body += "}}}";
        const std::string expected =
            std::string{"event "} + test_case.type + " -> " + test_case.line;
        EXPECT_EQ(events_of(**provider, {.body = body}), expected);
    }
    EXPECT_EQ(
        events_of(**provider, {.body = kBody}),
        "event_1 payment.paid -> payment.succeeded payment=tr_1"
    );
    EXPECT_EQ(events_of(**provider, {.body = "[]"}), "malformed");
}

struct IdCase {
    const char* body;
    const char* url;  // empty: nothing is fetched and the webhook is malformed
};

const IdCase kIdCases[] = {
    {"id=tr_WDqYK6vllg", "https://api.mollie.com/v2/payments/tr_WDqYK6vllg"},
    {"testByMollie=1&id=tr_1", "https://api.mollie.com/v2/payments/tr_1"},
    {"id=%74r_1", "https://api.mollie.com/v2/payments/tr_1"},
    {"", ""},
    {"id=", ""},
    {"id=tr_", ""},
    {"id=_1", ""},
    {"id=tr", ""},
    {"id=TR_1", ""},
    {"id=tr_1%2F..", ""},
    {"id=tr_1%3Fx", ""},
    {"id=tr_1%00", ""},
    {"id=tr_1%0A", ""},
    {"id=tr_1+", ""},
    {"id=tr_1&id=tr_2", ""},
    {"id=tr_1%zz", ""},
    {"id=tr_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ""},
};

TEST(MollieProvider, FetchesOnlyWhatIsAnId) {
    const auto provider = make_mollie(classic());
    ASSERT_TRUE(provider.has_value());
    for (const IdCase& test_case : kIdCases) {
        SCOPED_TRACE(test_case.body);
        const FetchedDocument unknown{.status = 404, .body = "{}"};
        const Posted posted{.body = test_case.body, .fetched = unknown};
        const auto fetch = asked(posted, [&provider](const SignedRequest& request) {
            return (*provider)->fetch_needed(request);
        });
        EXPECT_EQ(fetch ? fetch->url : "", test_case.url);
        EXPECT_EQ(verdict_of(**provider, posted), fetch ? "key 0" : "malformed");
        if (!fetch) continue;
        EXPECT_EQ(fetch->authorization, "Bearer test_abc");
        EXPECT_EQ(fetch->allowed_hosts, std::vector<std::string>{"api.mollie.com"});
        EXPECT_EQ(fetch->keep, Fetch::Keep::never);
    }
}

struct AnswerCase {
    const char* name;
    FetchedDocument document;
    const char* verdict;
    const char* events;
};

const AnswerCase kAnswerCases[] = {
    {"a paid payment",
     {200, R"({"id":"tr_1","status":"paid","amount":{"value":"10.00","currency":"EUR"}})"},
     "key 0",
     "tr_1:paid payment.paid -> payment.succeeded payment=tr_1 amount=10.00 EUR"},
    {"an expired payment",
     {200, R"({"id":"tr_1","status":"expired"})"},
     "key 0",
     "tr_1:expired payment.expired -> payment.canceled payment=tr_1"},
    {"an open payment",
     {200, R"({"id":"tr_1","status":"open"})"},
     "key 0",
     "tr_1:open payment.open -> nothing"},
    {"a payment that is only authorised",
     {200, R"({"id":"tr_1","status":"authorized"})"},
     "key 0",
     "tr_1:authorized payment.authorized -> nothing"},
    {"a payment that was refunded and charged back in part",
     {200,
      R"({"id":"tr_1","status":"paid","amountRefunded":{"value":"2.50","currency":"EUR"},
          "amountChargedBack":{"value":"1.00","currency":"EUR"}})"},
     "key 0",
     "tr_1:paid payment.paid -> payment.succeeded payment=tr_1\n"
     "tr_1:amountRefunded:2.50 payment.refunded -> nothing\n"
     "tr_1:amountChargedBack:1.00 payment.charged_back -> nothing"},
    {"a payment of which nothing was refunded",
     {200, R"({"id":"tr_1","status":"failed","amountRefunded":{"value":"0.00"}})"},
     "key 0",
     "tr_1:failed payment.failed -> payment.failed payment=tr_1"},
    {"an id that Mollie does not know", {404, "{}"}, "key 0", ""},
    {"another payment's document", {200, R"({"id":"tr_2","status":"paid"})"}, "malformed", nullptr},
    {"a page that is no JSON", {200, "<html>"}, "malformed", nullptr},
    {"an API key that Mollie does not take", {401, "{}"}, "unknown_key", nullptr},
    {"an error at Mollie", {503, "{}"}, "bad_signature", nullptr},
    {"too many questions", {429, "{}"}, "bad_signature", nullptr},
};

TEST(MollieProvider, BelievesOnlyMolliesAnswer) {
    const auto provider = make_mollie(classic());
    ASSERT_TRUE(provider.has_value());
    for (const AnswerCase& test_case : kAnswerCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{.body = "id=tr_1&status=paid", .fetched = test_case.document};
        EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
        if (test_case.events != nullptr) {
            EXPECT_EQ(events_of(**provider, posted), test_case.events);
        }
    }
    EXPECT_EQ(verdict_of(**provider, {.body = "id=tr_1"}), "bad_signature");
}

struct SettingsCase {
    const char* name;
    SettingTable settings;
    const char* complaint;
};

const SettingsCase kSettingsCases[] = {
    {"needs something", {}, "api_key is required, or signing_secrets"},
    {"needs a secret for next-gen",
     {{"mode", text_setting("next-gen")}, {"api_key", text_setting("test_abc")}},
     "signing_secrets is required"},
    {"needs an API key for classic",
     {{"mode", text_setting("classic")}, {"signing_secrets", text_setting(kSecret)}},
     "api_key is required"},
    {"takes the gateway's own mode",
     {{"mode", text_setting("sandbox")}, {"signing_secrets", text_setting(kSecret)}},
     "none"},
    {"is classic without secrets",
     {{"mode", text_setting("live")}, {"api_key", text_setting("live_abc")}},
     "none"},
    {"knows no other mode",
     {{"mode", text_setting("nextgen")}, {"signing_secrets", text_setting(kSecret)}},
     "must be one of classic next-gen sandbox live"},
    {"refuses a key of no kind", {{"api_key", text_setting("abc")}}, "must begin with test_"},
    {"refuses a key that breaks the header",
     {{"api_key", text_setting("test_abc\r\nX: y")}},
     "must begin with test_"},
    {"refuses a short secret", {{"signing_secrets", text_setting("short")}}, "at least 8"},
};

TEST(MollieProvider, RefusesSettingsThatCannotWork) {
    for (const SettingsCase& test_case : kSettingsCases) {
        SCOPED_TRACE(test_case.name);
        const std::string complaint = complaint_of(make_mollie, test_case.settings);
        EXPECT_NE(complaint.find(test_case.complaint), std::string::npos) << complaint;
    }
}

}  // namespace
}  // namespace postern::verifiers
