#include "payments/gateways/provider_message.hpp"

#include <gtest/gtest.h>

namespace postern::payments {
namespace {

ProviderMessage full_message() {
    ProviderMessage message;
    message.event.type = EventType::dispute_closed;
    message.event.gateway_payment_id = "pi_1";
    message.event.gateway_refund_id = "re_1";
    message.event.gateway_dispute_id = "dp_1";
    message.event.gateway_payout_id = "po_1";
    message.event.merchant_reference = "order \"7\"\n";
    message.event.amount = "12.34";
    message.event.currency = "USD";
    message.event.reason = "fraudulent";
    message.event.outcome = "lost";
    message.event.occurred_at = "2026-01-28T10:00:00.000Z";
    message.event.gateway_livemode = false;
    message.delay = std::chrono::milliseconds{1500};
    message.unique = "0123456789abcdef";
    return message;
}

TEST(ProviderMessage, ComesBackFromTheStoreAsItWas) {
    ProviderMessage bare;
    bare.event.type = EventType::payout_paid;
    for (const ProviderMessage& message : {full_message(), bare}) {
        const auto read = provider_message_from_json(to_json(message));
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ(*read, message) << to_json(message);
    }
}

TEST(ProviderMessage, IsNotMadeOfWhatIsNone) {
    for (const std::string_view json :
         {"", "[]", "{}", R"({"type":"payment.succeeded"})", R"({"type":"x","delay_ms":0})"}) {
        EXPECT_FALSE(provider_message_from_json(json).has_value()) << json;
    }
}

}  // namespace
}  // namespace postern::payments
