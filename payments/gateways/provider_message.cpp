#include "payments/gateways/provider_message.hpp"

#include "core/json_document.hpp"
#include "core/json_writer.hpp"

#include <array>

namespace postern::payments {
namespace {

struct EventText {
    std::string_view key;
    std::string UnifiedEvent::*member;
};
constexpr std::array kEventTexts = {
    EventText{"payment", &UnifiedEvent::gateway_payment_id},
    EventText{"refund", &UnifiedEvent::gateway_refund_id},
    EventText{"dispute", &UnifiedEvent::gateway_dispute_id},
    EventText{"payout", &UnifiedEvent::gateway_payout_id},
    EventText{"reference", &UnifiedEvent::merchant_reference},
    EventText{"amount", &UnifiedEvent::amount},
    EventText{"currency", &UnifiedEvent::currency},
    EventText{"reason", &UnifiedEvent::reason},
    EventText{"outcome", &UnifiedEvent::outcome},
    EventText{"occurred_at", &UnifiedEvent::occurred_at},
};

}  // namespace

std::string to_json(const ProviderMessage& message) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("type", to_text(message.event.type));
    for (const auto& [key, member] : kEventTexts) {
        const std::string& text = message.event.*member;
        if (!text.empty()) writer.member(key, text);
    }
    if (message.event.gateway_livemode) {
        writer.member_boolean("livemode", *message.event.gateway_livemode);
    }
    writer.member_integer("delay_ms", message.delay.count());
    writer.member("unique", message.unique);
    writer.end_object();
    return json;
}

Result<ProviderMessage, Complaint> provider_message_from_json(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    if (!document) return document.error();
    const JsonValue root = document->root();
    const auto type = event_type_from_text(root["type"].string());
    const auto delay = root["delay_ms"].integer();
    if (!type || !delay) return Complaint{"a message needs a type and a delay"};
    ProviderMessage message;
    message.event.type = *type;
    for (const auto& [key, member] : kEventTexts) message.event.*member = root[key].string();
    message.event.gateway_livemode = root["livemode"].boolean();
    message.delay = std::chrono::milliseconds{*delay};
    message.unique = root["unique"].string();
    return message;
}

}  // namespace postern::payments
