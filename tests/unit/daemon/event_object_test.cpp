#include "daemon/event_object.hpp"

#include "core/json_document.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

std::string object_of(const UnifiedEvent& event) {
    std::string out;
    append_event_object(out, event, "stripe-main");
    return out;
}

TEST(EventObject, CarriesEverythingThatAPaymentSaid) {
    const UnifiedEvent event{
        .type = EventType::payment_captured,
        .gateway_payment_id = "pi_1",
        .merchant_reference = "order-7",
        .amount = "99.99",
        .currency = "USD",
        .occurred_at = "2026-01-28T10:00:00.000Z",
        .gateway_livemode = false,
    };
    EXPECT_EQ(
        object_of(event),
        R"({"object":"payment","gateway":"stripe-main","status":"succeeded","captured":true,)"
        R"("amount":"99.99","amount_minor":9999,"currency":"USD","gateway_payment_id":"pi_1",)"
        R"("gateway_refund_id":null,"gateway_dispute_id":null,"gateway_payout_id":null,)"
        R"("merchant_reference":"order-7","order_id":"order-7","reason":null,"outcome":null,)"
        R"("occurred_at":"2026-01-28T10:00:00.000Z","gateway_livemode":false})"
    );
}

TEST(EventObject, LeavesNullWhatTheProviderDidNotSay) {
    EXPECT_EQ(
        object_of({.type = EventType::refund_created}),
        R"({"object":"refund","gateway":"stripe-main","status":"pending","amount":null,)"
        R"("amount_minor":null,"currency":null,"gateway_payment_id":null,)"
        R"("gateway_refund_id":null,"gateway_dispute_id":null,"gateway_payout_id":null,)"
        R"("merchant_reference":null,"reason":null,"outcome":null,"occurred_at":null,)"
        R"("gateway_livemode":null})"
    );
}

struct StatusCase {
    EventType type;
    const char* outcome;
    const char* object;
    const char* status;
    const char* captured;  // as spelled; empty: absent
};

const StatusCase kStatusCases[] = {
    {EventType::payment_created, "", "payment", "pending", "false"},
    {EventType::payment_requires_action, "", "payment", "pending", "false"},
    {EventType::payment_action_completed, "", "payment", "processing", "false"},
    {EventType::payment_succeeded, "", "payment", "succeeded", "null"},
    {EventType::payment_captured, "", "payment", "succeeded", "true"},
    {EventType::payment_failed, "", "payment", "failed", "false"},
    {EventType::payment_canceled, "", "payment", "canceled", "false"},
    {EventType::refund_created, "", "refund", "pending", ""},
    {EventType::refund_succeeded, "", "refund", "succeeded", ""},
    {EventType::refund_failed, "", "refund", "failed", ""},
    {EventType::dispute_created, "", "dispute", "needs_response", ""},
    {EventType::dispute_updated, "", "dispute", "under_review", ""},
    {EventType::dispute_closed, "won", "dispute", "won", ""},
    {EventType::dispute_closed, "lost", "dispute", "lost", ""},
    {EventType::dispute_closed, "withdrawn", "dispute", "closed", ""},
    {EventType::dispute_closed, "", "dispute", "closed", ""},
    {EventType::payout_created, "", "payout", "pending", ""},
    {EventType::payout_paid, "", "payout", "paid", ""},
    {EventType::payout_failed, "", "payout", "failed", ""},
};

TEST(EventObject, GivesEachTypeItsStatus) {
    for (const StatusCase& test_case : kStatusCases) {
        SCOPED_TRACE(std::string{postern::to_text(test_case.type)} + " " + test_case.outcome);
        const std::string text = object_of({.type = test_case.type, .outcome = test_case.outcome});
        const auto document = JsonDocument::parse(text);
        ASSERT_TRUE(document);
        const JsonValue object = document->root();
        EXPECT_EQ(object["object"].string(), test_case.object);
        EXPECT_EQ(object["status"].string(), test_case.status);
        const std::string captured = std::string{"\"captured\":"} + test_case.captured + ",";
        EXPECT_EQ(object["captured"].exists(), *test_case.captured != '\0');
        EXPECT_EQ(text.find(captured) != std::string::npos, *test_case.captured != '\0');
    }
}

struct AmountCase {
    const char* name;
    const char* amount;
    const char* currency;
    std::optional<std::int64_t> minor;
};

const AmountCase kAmountCases[] = {
    {"cents", "12.30", "EUR", 1230},
    {"no decimals", "500", "JPY", 500},
    {"three decimals", "1.234", "KWD", 1234},
    {"a refund's minus", "-5.00", "EUR", -500},
    {"finer than the currency", "0.005", "EUR", std::nullopt},
    {"an amount without a currency has no minor units", "5.00", "", std::nullopt},
};

TEST(EventObject, GivesMinorUnitsWhereTheyAreExact) {
    for (const AmountCase& test_case : kAmountCases) {
        SCOPED_TRACE(test_case.name);
        const std::string text = object_of(
            {.type = EventType::payment_failed,
             .amount = test_case.amount,
             .currency = test_case.currency}
        );
        const auto document = JsonDocument::parse(text);
        ASSERT_TRUE(document);
        EXPECT_EQ(document->root()["amount"].string(), test_case.amount);
        EXPECT_EQ(document->root()["amount_minor"].integer(), test_case.minor);
    }
}

TEST(EventObject, EscapesWhatProvidersSend) {
    const std::string text =
        object_of({.type = EventType::payment_failed, .reason = "say \"no\"\n\xff"});
    const auto document = JsonDocument::parse(text);
    ASSERT_TRUE(document);
    EXPECT_EQ(document->root()["reason"].string(), "say \"no\"\n\xef\xbf\xbd");
}

}  // namespace
}  // namespace postern::daemon
