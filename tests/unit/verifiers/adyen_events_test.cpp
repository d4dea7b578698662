#include "verifiers/adyen_events.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct ItemCase {
    const char* code;
    const char* success;
    const char* line;
};

// All items have reference PSP, original ORIG, merchant reference REF, 12.34 EUR and reason WHY.
const ItemCase kItemCases[] = {
    {"AUTHORISATION", "true", "payment.succeeded payment=PSP reference=REF amount=12.34 EUR"},
    {"AUTHORISATION",
     "false",
     "payment.failed payment=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"CAPTURE", "true", "payment.captured payment=ORIG reference=REF amount=12.34 EUR"},
    {"CAPTURE", "false", "payment.failed payment=ORIG reference=REF amount=12.34 EUR reason=WHY"},
    {"CAPTURE_FAILED",
     "true",
     "payment.failed payment=ORIG reference=REF amount=12.34 EUR reason=WHY"},
    {"CANCELLATION", "true", "payment.canceled payment=ORIG reference=REF amount=12.34 EUR"},
    {"CANCELLATION", "false", "nothing"},
    {"TECHNICAL_CANCEL", "true", "payment.canceled payment=ORIG reference=REF amount=12.34 EUR"},
    {"TECHNICAL_CANCEL", "false", "nothing"},
    {"EXPIRE", "true", "payment.canceled payment=ORIG reference=REF amount=12.34 EUR"},
    {"OFFER_CLOSED", "true", "payment.canceled payment=ORIG reference=REF amount=12.34 EUR"},
    {"REFUND", "true", "refund.succeeded payment=ORIG refund=PSP reference=REF amount=12.34 EUR"},
    {"REFUND",
     "false",
     "refund.failed payment=ORIG refund=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"REFUND_FAILED",
     "true",
     "refund.failed payment=ORIG refund=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"REFUNDED_REVERSED",
     "true",
     "refund.failed payment=ORIG refund=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"NOTIFICATION_OF_CHARGEBACK",
     "true",
     "dispute.created payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"REQUEST_FOR_INFORMATION",
     "true",
     "dispute.created payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"CHARGEBACK",
     "true",
     "dispute.created payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"INFORMATION_SUPPLIED",
     "true",
     "dispute.updated payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"CHARGEBACK_REVERSED",
     "true",
     "dispute.closed payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY "
     "outcome=won"},
    {"PREARBITRATION_WON",
     "true",
     "dispute.closed payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY "
     "outcome=won"},
    {"ISSUER_RESPONSE_TIMEFRAME_EXPIRED",
     "true",
     "dispute.closed payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY "
     "outcome=won"},
    {"SECOND_CHARGEBACK",
     "true",
     "dispute.closed payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY "
     "outcome=lost"},
    {"PREARBITRATION_LOST",
     "true",
     "dispute.closed payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY "
     "outcome=lost"},
    {"DISPUTE_DEFENSE_PERIOD_ENDED",
     "true",
     "dispute.closed payment=ORIG dispute=PSP reference=REF amount=12.34 EUR reason=WHY "
     "outcome=lost"},
    {"PAYOUT_THIRDPARTY", "true", "payout.paid payout=PSP reference=REF amount=12.34 EUR"},
    {"PAYOUT_THIRDPARTY",
     "false",
     "payout.failed payout=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"PAYOUT_DECLINE",
     "true",
     "payout.failed payout=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"PAYOUT_EXPIRE", "true", "payout.failed payout=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"PAIDOUT_REVERSED",
     "true",
     "payout.failed payout=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"AUTHORISATION_ADJUSTMENT", "true", "nothing"},
    {"RECURRING_CONTRACT", "true", "nothing"},
    {"REPORT_AVAILABLE", "true", "nothing"},
    {"PENDING", "true", "nothing"},
    {"NOTIFICATION_OF_FRAUD", "true", "nothing"},
    {"CANCEL_OR_REFUND", "true", "nothing"},
};

std::string item(std::string_view code, std::string_view success, std::string_view additional) {
    std::string json = R"({"NotificationRequestItem":{"pspReference":"PSP",
        "originalReference":"ORIG","merchantReference":"REF","reason":"WHY",
        "merchantAccountCode":"Shop","eventDate":"2025-06-16T04:59:54+02:00",
        "amount":{"currency":"EUR","value":1234},"eventCode":")";
    json += code;
    json += R"(","success":")";
    json += success;
    json += R"(","additionalData":{)";
    json += additional;
    json += "}}}";
    return json;
}

Normalised normalised_items(const std::string& items) {
    const auto document =
        JsonDocument::parse(R"({"live":"true","notificationItems":[)" + items + "]}");
    return document ? normalise_adyen_items(document->root()) : Normalised{};
}

TEST(AdyenEvents, MapEveryEventCode) {
    for (const ItemCase& test_case : kItemCases) {
        SCOPED_TRACE(test_case.code);
        const std::string expected = std::string{"PSP:"} + test_case.code + ":" + test_case.success
                                     + " " + test_case.code + " -> " + test_case.line;
        EXPECT_EQ(
            lines_of(normalised_items(item(test_case.code, test_case.success, ""))), expected
        );
    }
}

struct ActionCase {
    const char* action;
    const char* success;
    const char* line;
};

const ActionCase kActionCases[] = {
    {"cancel", "true", "payment.canceled payment=ORIG reference=REF amount=12.34 EUR"},
    {"cancel", "false", "nothing"},
    {"refund", "true", "refund.succeeded payment=ORIG refund=PSP reference=REF amount=12.34 EUR"},
    {"refund",
     "false",
     "refund.failed payment=ORIG refund=PSP reference=REF amount=12.34 EUR reason=WHY"},
    {"something new", "true", "nothing"},
};

TEST(AdyenEvents, TellCancelFromRefundByTheAction) {
    for (const ActionCase& test_case : kActionCases) {
        SCOPED_TRACE(test_case.action);
        const std::string additional =
            R"("modification.action":")" + std::string{test_case.action} + R"(")";
        const std::string expected = std::string{"PSP:CANCEL_OR_REFUND:"} + test_case.success
                                     + " CANCEL_OR_REFUND -> " + test_case.line;
        EXPECT_EQ(
            lines_of(normalised_items(item("CANCEL_OR_REFUND", test_case.success, additional))),
            expected
        );
    }
}

TEST(AdyenEvents, CountAnIdOnceInABatch) {
    const std::string twice = item("CAPTURE", "true", "") + "," + item("REFUND", "true", "") + ","
                              + item("CAPTURE", "true", "");
    const Normalised normalised = normalised_items(twice);
    ASSERT_EQ(normalised.events.size(), 2U);
    EXPECT_EQ(normalised.events[0].id, "PSP:CAPTURE:true");
    EXPECT_EQ(normalised.events[1].id, "PSP:REFUND:true");
    EXPECT_EQ(normalised.account, "Shop");
    EXPECT_EQ(normalised.events[0].unified->gateway_livemode, true);
    EXPECT_EQ(normalised.events[0].unified->occurred_at, "2025-06-16T02:59:54.000Z");
}

struct TransferCase {
    const char* name;
    const char* type;
    const char* data;
    const char* line;
};

const TransferCase kTransferCases[] = {
    {"received",
     "balancePlatform.transfer.created",
     R"("category":"bank","direction":"outgoing","status":"received")",
     "payout.created payout=TR reference=REF amount=12.34 EUR"},
    {"booked",
     "balancePlatform.transfer.updated",
     R"("category":"bank","direction":"outgoing","status":"booked")",
     "payout.paid payout=TR reference=REF amount=12.34 EUR"},
    {"failed",
     "balancePlatform.transfer.updated",
     R"("category":"bank","direction":"outgoing","status":"failed")",
     "payout.failed payout=TR reference=REF amount=12.34 EUR reason=WHY"},
    {"returned",
     "balancePlatform.transfer.updated",
     R"("category":"bank","direction":"outgoing","status":"returned")",
     "payout.failed payout=TR reference=REF amount=12.34 EUR reason=WHY"},
    {"refused",
     "balancePlatform.transfer.updated",
     R"("category":"bank","direction":"outgoing","status":"refused")",
     "payout.failed payout=TR reference=REF amount=12.34 EUR reason=WHY"},
    {"on its way",
     "balancePlatform.transfer.updated",
     R"("category":"bank","direction":"outgoing","status":"authorised")",
     "nothing"},
    {"money coming in",
     "balancePlatform.transfer.updated",
     R"("category":"bank","direction":"incoming","status":"booked")",
     "nothing"},
    {"a card",
     "balancePlatform.transfer.updated",
     R"("category":"issuedCard","direction":"outgoing","status":"booked")",
     "nothing"},
    {"another object",
     "balancePlatform.balanceAccount.updated",
     R"("category":"bank","direction":"outgoing","status":"booked")",
     "nothing"},
};

TEST(AdyenEvents, MapTransfersToBankAccounts) {
    for (const TransferCase& test_case : kTransferCases) {
        SCOPED_TRACE(test_case.name);
        std::string body = R"({"environment":"test","type":")";
        body += test_case.type;
        body += R"(","data":{"id":"TR","sequenceNumber":3,"reference":"REF","reason":"WHY",
            "amount":{"currency":"EUR","value":1234},)";
        body += test_case.data;
        body += "}}";
        const auto document = JsonDocument::parse(body);
        ASSERT_TRUE(document.has_value());
        const Normalised normalised = normalise_adyen_platform(document->root(), body);
        const std::string line = lines_of(normalised);
        EXPECT_EQ(
            line.substr(line.find(' ') + 1), std::string{test_case.type} + " -> " + test_case.line
        );
        EXPECT_TRUE(normalised.events[0].id.starts_with(std::string{"TR:"} + test_case.type + ":"));
        EXPECT_TRUE(normalised.events[0].id.ends_with(":3"));
    }
}

TEST(AdyenEvents, NameAnUnnumberedPlatformEventByItsDigest) {
    const std::string body = R"({"type":"balancePlatform.accountHolder.updated","data":{}})";
    const auto document = JsonDocument::parse(body);
    ASSERT_TRUE(document.has_value());
    EXPECT_TRUE(normalise_adyen_platform(document->root(), body).events[0].id.starts_with("sha256-")
    );
}

struct ExponentCase {
    const char* currency;
    int exponent;
};

const ExponentCase kExponentCases[] = {
    {"EUR", 2},
    {"JPY", 0},
    {"IDR", 0},
    {"CVE", 0},
    {"CLP", 2},
    {"ISK", 2},
    {"KWD", 3},
};

TEST(AdyenEvents, CountDecimalsAdyensWay) {
    for (const ExponentCase& test_case : kExponentCases) {
        EXPECT_EQ(adyen_exponent(test_case.currency), test_case.exponent) << test_case.currency;
    }
}

}  // namespace
}  // namespace postern::verifiers
