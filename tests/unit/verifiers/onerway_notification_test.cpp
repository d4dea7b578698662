#include "verifiers/onerway_notification.hpp"

#include "tests/unit/verifiers/posted.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

struct TextCase {
    const char* name;
    const char* json;
    std::optional<std::string> text;
};

TEST(OnerwayNotification, JoinsWhatIsSigned) {
    const TextCase cases[] = {
        {"sorts names by their bytes", R"({"b":"2","a":"1","Z":"0","_":"x"})", "0x12"},
        {"drops null and empty values", R"({"a":null,"b":"","c":"3"})", "3"},
        {"drops what is not signed",
         R"({"sign":"s","originTransactionId":"o","paymentMethod":"p","a":"1"})",
         "1"},
        {"takes names it does not know", R"({"zNew":"z","aNew":"a"})", "az"},
        {"keeps numbers as spelled", R"({"a":1.50,"b":true})", "1.50true"},
        {"decodes escapes", R"({"a":"\u652f\/"})", "支/"},
        {"refuses a name twice", R"({"a":"1","a":"2"})", std::nullopt},
        {"refuses an unsigned name twice", R"({"sign":"1","sign":"2"})", std::nullopt},
        {"refuses what is no text", R"({"a":{"b":"1"}})", std::nullopt},
    };
    for (const TextCase& test_case : cases) {
        SCOPED_TRACE(test_case.name);
        const auto document = JsonDocument::parse(test_case.json);
        ASSERT_TRUE(document.has_value());
        EXPECT_EQ(onerway_signed_text(document->root()), test_case.text);
    }
}

struct EventCase {
    const char* json;
    const char* id;
    const char* type;
    const char* summary;
};

#define ONERWAY_TRANSACTION(type, status)                                                   \
    R"({"notifyType":"TXN","transactionId":"t","originTransactionId":"o","txnType":")" type \
    R"(","status":")" status                                                                \
    R"(","reason":"{\"respCode\":\"50005\"}","orderAmount":"29.0","orderCurrency":"USD"})"

const EventCase kTransactions[] = {
    {ONERWAY_TRANSACTION("SALE", "S"),
     "TXN:SALE:t:S",
     "TXN.SALE.S",
     "payment.succeeded payment=t amount=29.00 USD"},
    {ONERWAY_TRANSACTION("SALE", "F"),
     "TXN:SALE:t:F",
     "TXN.SALE.F",
     "payment.failed payment=t amount=29.00 USD reason=50005"},
    {ONERWAY_TRANSACTION("SALE", "R"),
     "TXN:SALE:t:R",
     "TXN.SALE.R",
     "payment.requires_action payment=t amount=29.00 USD"},
    {ONERWAY_TRANSACTION("SALE", "N"),
     "TXN:SALE:t:N",
     "TXN.SALE.N",
     "payment.canceled payment=t amount=29.00 USD"},
    {ONERWAY_TRANSACTION("SALE", "P"), "TXN:SALE:t:P", "TXN.SALE.P", "nothing"},
    {ONERWAY_TRANSACTION("CAPTURE", "F"),
     "TXN:CAPTURE:t:F",
     "TXN.CAPTURE.F",
     "payment.failed payment=o amount=29.00 USD reason=50005"},
    {ONERWAY_TRANSACTION("VOID", "S"),
     "TXN:VOID:t:S",
     "TXN.VOID.S",
     "payment.canceled payment=o amount=29.00 USD"},
    {ONERWAY_TRANSACTION("AUTH", "S"), "TXN:AUTH:t:S", "TXN.AUTH.S", "nothing"},
    {ONERWAY_TRANSACTION("PRE_AUTH", "F"),
     "TXN:PRE_AUTH:t:F",
     "TXN.PRE_AUTH.F",
     "payment.failed payment=t amount=29.00 USD reason=50005"},
    {ONERWAY_TRANSACTION("REFUND", "I"),
     "TXN:REFUND:t:I",
     "TXN.REFUND.I",
     "refund.created payment=o refund=t amount=29.00 USD"},
    {ONERWAY_TRANSACTION("REFUND", "F"),
     "TXN:REFUND:t:F",
     "TXN.REFUND.F",
     "refund.failed payment=o refund=t amount=29.00 USD reason=50005"},
    {ONERWAY_TRANSACTION("BIND_CARD", "S"), "TXN:BIND_CARD:t:S", "TXN.BIND_CARD.S", "nothing"},
};

#undef ONERWAY_TRANSACTION

const EventCase kOthers[] = {
    {R"({"notifyType":"TXN","txnType":"SALE","status":"F","paymentStatus":"N",
        "transactionId":"t"})",
     "TXN:SALE:t:F",
     "TXN.SALE.F",
     "payment.canceled payment=t"},
    {R"({"notifyType":"TXN","txnType":"SALE","status":"F","paymentStatus":"O",
        "transactionId":"t"})",
     "TXN:SALE:t:F",
     "TXN.SALE.F",
     "payment.failed payment=t"},
    {R"({"notifyType":"CANCEL","txnType":"SALE","status":"S","transactionId":"t"})",
     "CANCEL:SALE:t:S",
     "CANCEL.S",
     "payment.canceled payment=t"},
    {R"({"notifyType":"REFUND_AUDIT","txnType":null,"status":"F","transactionId":"t"})",
     "REFUND_AUDIT::t:F",
     "REFUND_AUDIT.F",
     "refund.failed refund=t"},
    {R"({"notifyType":"CHARGEBACK","chargebackStatus":"SAT","transactionId":"t",
        "originTransactionId":"o","chargebackAmount":"2","chargebackCurrency":"JPY",
        "chargebackCode":"10.4"})",
     "CHARGEBACK:t:SAT",
     "CHARGEBACK.SAT",
     "dispute.closed payment=o dispute=t amount=2 JPY reason=10.4 outcome=lost"},
    {R"({"notifyType":"CHARGEBACK","chargebackStatus":"REVOKE","transactionId":"t"})",
     "CHARGEBACK:t:REVOKE",
     "CHARGEBACK.REVOKE",
     "dispute.closed dispute=t outcome=won"},
    {R"({"notifyType":"CHARGEBACK","chargebackStatus":"SA","transactionId":"t"})",
     "CHARGEBACK:t:SA",
     "CHARGEBACK.SA",
     "dispute.updated dispute=t"},
    {R"({"notifyType":"CHARGEBACK","chargebackStatus":"NEWER","transactionId":"t"})",
     "CHARGEBACK:t:NEWER",
     "CHARGEBACK.NEWER",
     "nothing"},
    {R"({"notifyType":"PRE_DISPUTE","status":"S","transactionId":"t"})",
     "PRE_DISPUTE::t:S",
     "PRE_DISPUTE.S",
     "nothing"},
};

void expect_event(const EventCase& test_case) {
    SCOPED_TRACE(test_case.json);
    const auto document = JsonDocument::parse(test_case.json);
    ASSERT_TRUE(document.has_value());
    const ProviderEvent event = onerway_event(document->root());
    EXPECT_EQ(event.id, test_case.id);
    EXPECT_EQ(event.type, test_case.type);
    EXPECT_EQ(summary_of(event), test_case.summary);
}

TEST(OnerwayNotification, IsPutIntoOurWords) {
    for (const EventCase& test_case : kTransactions) expect_event(test_case);
    for (const EventCase& test_case : kOthers) expect_event(test_case);
}

}  // namespace
}  // namespace postern::verifiers
