#include "verifiers/square.hpp"

#include "core/bytes.hpp"
#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr const char* kKey = "square signature key";
constexpr const char* kOldKey = "square former key";
constexpr const char* kUrl = "https://pay.example.com/hooks/square?shop=1";
const std::string kBody = R"({"event_id":"e1","type":"payment.updated"})";

SettingTable settings() {
    return {
        {"signature_keys", list_setting({kKey, kOldKey})},
        {"notification_url", text_setting(kUrl)},
    };
}

std::string signature(std::string_view key, std::string_view url, std::string_view body) {
    return to_base64(hmac(HashAlgorithm::sha256, key, {url, body}));
}

struct Case {
    const char* name;
    std::string header;
    std::string body;
    const char* verdict;
};

const Case kCases[] = {
    {"accepts a right signature", signature(kKey, kUrl, kBody), kBody, "key 0"},
    {"accepts the former key", signature(kOldKey, kUrl, kBody), kBody, "key 1"},
    {"rejects no header", "", kBody, "missing_header"},
    {"rejects no header and no body", "", "", "missing_header"},
    {"rejects an empty body", signature(kKey, kUrl, ""), "", "malformed"},
    {"rejects another key", signature("other key", kUrl, kBody), kBody, "bad_signature"},
    {"rejects another body", signature(kKey, kUrl, kBody), kBody + " ", "bad_signature"},
    {"rejects the body alone", signature(kKey, "", kBody), kBody, "bad_signature"},
    {"rejects the URL without its query",
     signature(kKey, "https://pay.example.com/hooks/square", kBody),
     kBody,
     "bad_signature"},
    {"rejects what is no base64", "****", kBody, "bad_signature"},
};

TEST(SquareProvider, DecidesEveryHeaderShape) {
    const auto provider = make_square(settings());
    ASSERT_TRUE(provider.has_value());
    for (const Case& test_case : kCases) {
        SCOPED_TRACE(test_case.name);
        const Posted posted{
            .headers = {{"X-Square-HmacSha256-Signature", test_case.header}},
            .body = test_case.body};
        EXPECT_EQ(verdict_of(**provider, posted), test_case.verdict);
    }
}

struct EventCase {
    const char* type;
    const char* object;
    const char* line;
};

const EventCase kEventCases[] = {
    {"payment.created",
     R"("payment":{"id":"P","status":"PENDING","amount_money":{"amount":1,"currency":"USD"}})",
     "payment.created payment=P amount=0.01 USD"},
    {"payment.updated",
     R"("payment":{"id":"P","status":"COMPLETED","reference_id":"R",
        "amount_money":{"amount":1099,"currency":"JPY"}})",
     "payment.succeeded payment=P reference=R amount=1099 JPY"},
    {"payment.created",
     R"("payment":{"id":"P","status":"COMPLETED","amount_money":{"amount":5120,"currency":"KWD"}})",
     "payment.succeeded payment=P amount=5.120 KWD"},
    {"payment.updated",
     R"("payment":{"id":"P","status":"FAILED","card_details":{"errors":[{"code":"CVV_FAILURE"}]}})",
     "payment.failed payment=P reason=CVV_FAILURE"},
    {"payment.updated",
     R"("payment":{"id":"P","status":"CANCELED"})",
     "payment.canceled payment=P"},
    {"payment.updated", R"("payment":{"id":"P","status":"APPROVED"})", "nothing"},
    {"payment.updated", R"("payment":{"id":"P"})", "nothing"},
    {"refund.created",
     R"("refund":{"id":"F","payment_id":"P","status":"PENDING","reason":"late",
        "amount_money":{"amount":250,"currency":"EUR"}})",
     "refund.created payment=P refund=F amount=2.50 EUR"},
    {"refund.updated", R"("refund":{"id":"F","status":"COMPLETED"})", "refund.succeeded refund=F"},
    {"refund.updated",
     R"("refund":{"id":"F","status":"REJECTED","reason":"late"})",
     "refund.failed refund=F reason=REJECTED"},
    {"refund.updated",
     R"("refund":{"id":"F","status":"FAILED"})",
     "refund.failed refund=F reason=FAILED"},
    {"dispute.created",
     R"("dispute":{"id":"D","state":"WON","disputed_payment":{"payment_id":"P"},"reason":"X"})",
     "dispute.created payment=P dispute=D reason=X"},
    {"dispute.state.updated",
     R"("dispute":{"dispute_id":"D","state":"PROCESSING"})",
     "dispute.updated dispute=D"},
    {"dispute.state.updated",
     R"("dispute":{"id":"D","state":"WON"})",
     "dispute.closed dispute=D outcome=won"},
    {"dispute.state.changed",
     R"("dispute":{"id":"D","state":"ACCEPTED"})",
     "dispute.closed dispute=D outcome=lost"},
    {"payout.sent",
     R"("payout":{"id":"O","amount_money":{"amount":6259,"currency":"USD"}})",
     "payout.created payout=O amount=62.59 USD"},
    {"payout.paid", R"("payout":{"id":"O"})", "payout.paid payout=O"},
    {"payout.failed", R"("payout":{"id":"O"})", "payout.failed payout=O"},
    {"inventory.count.updated", R"("x":{})", "nothing"},
};

TEST(SquareProvider, SpeaksOurWords) {
    const auto provider = make_square(settings());
    ASSERT_TRUE(provider.has_value());
    for (const EventCase& test_case : kEventCases) {
        SCOPED_TRACE(test_case.line);
        std::string body = R"({"event_id":"e","type":")";
        body += test_case.type;
        body += R"(","data":{"object":{)";
        body += test_case.object;
        body += "}}}";
        const std::string expected = std::string{"e "} + test_case.type + " -> " + test_case.line;
        EXPECT_EQ(events_of(**provider, {.body = body}), expected);
    }
    EXPECT_EQ(events_of(**provider, {.body = "[]"}), "malformed");
    EXPECT_EQ(events_of(**provider, {.body = R"({"type":"x"})"}).substr(0, 7), "sha256-");
}

TEST(SquareProvider, TakesTheEnvironmentAndTheTimeFromWhereSquareSaysThem) {
    const auto provider = make_square(settings());
    ASSERT_TRUE(provider.has_value());
    const Posted posted{
        .headers = {{"square-environment", "Production"}},
        .body = R"({"event_id":"e","type":"payout.paid","merchant_id":"M",
                    "created_at":"2025-06-15T21:59:58+02:00"})"};
    asked(posted, [&provider](const SignedRequest& request) {
        const auto normalised = (*provider)->normalise(request);
        ASSERT_TRUE(normalised.has_value());
        EXPECT_EQ(normalised->account, "M");
        EXPECT_EQ(normalised->events[0].unified->gateway_livemode, true);
        EXPECT_EQ(normalised->events[0].unified->occurred_at, "2025-06-15T19:59:58.000Z");
    });
}

TEST(SquareProvider, RefusesSettingsThatCannotWork) {
    SettingTable table = settings();
    table.erase("notification_url");
    EXPECT_NE(
        complaint_of(make_square, table).find("notification_url is required"), std::string::npos
    );
    table = settings();
    table["notification_url"] = text_setting("pay.example.com/hooks");
    EXPECT_NE(complaint_of(make_square, table).find("whole URL"), std::string::npos);
    table = settings();
    table["signature_keys"] = list_setting({"short"});
    EXPECT_NE(complaint_of(make_square, table).find("at least 8"), std::string::npos);
    table = settings();
    table["signature_key"] = text_setting(kKey);
    EXPECT_NE(
        complaint_of(make_square, table).find("did you mean signature_keys"), std::string::npos
    );
}

}  // namespace
}  // namespace postern::verifiers
