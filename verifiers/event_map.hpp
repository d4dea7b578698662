#pragma once

#include "core/json_document.hpp"
#include "core/settings.hpp"
#include "core/unified_event.hpp"
#include "verifiers/json_path.hpp"

#include <array>
#include <map>
#include <string>
#include <string_view>

// The `event` table of gateways whose bodies only the operator knows: which path holds what. With
// no table at all, bodies are read in the shape that Standard Webhooks recommends,
//   {"type": "payment.succeeded", "timestamp": …, "data": {"payment_id": …, "amount": "1.99", …}}
// and our own names of types map to themselves.
namespace postern::verifiers {

// The fields of a unified event that are one text in the body, and nothing more.
struct EventTextField {
    std::string_view key;             // in the `event` table
    std::string_view path_otherwise;  // where there is no table
    std::string UnifiedEvent::*member;
};
inline constexpr std::array kEventTextFields = {
    EventTextField{"payment_id", "$.data.payment_id", &UnifiedEvent::gateway_payment_id},
    EventTextField{"refund_id", "$.data.refund_id", &UnifiedEvent::gateway_refund_id},
    EventTextField{"dispute_id", "$.data.dispute_id", &UnifiedEvent::gateway_dispute_id},
    EventTextField{"payout_id", "$.data.payout_id", &UnifiedEvent::gateway_payout_id},
    EventTextField{"merchant_reference", "$.data.reference", &UnifiedEvent::merchant_reference},
    EventTextField{"reason", "$.data.reason", &UnifiedEvent::reason},
    EventTextField{"outcome", "$.data.outcome", &UnifiedEvent::outcome},
};

enum class AmountUnit {
    minor,    // an integer, of which the currency's ISO number of digits are decimals
    major,    // a number or text with a decimal point
    decimal,  // the same: two names that operators look for
};

struct EventMap {
    JsonPath id;
    JsonPath type;
    // The sender's word to ours; empty: our own names map to themselves.
    std::map<std::string, EventType, std::less<>> type_map;
    std::array<JsonPath, kEventTextFields.size()> texts;
    JsonPath amount;
    AmountUnit amount_unit = AmountUnit::major;
    JsonPath currency;
    JsonPath occurred_at;
    JsonPath livemode;

    // The id is empty when the body has none.
    ProviderEvent read(JsonValue root) const;

    std::optional<EventType> type_of(std::string_view sent) const;
    // How the sender spells a type, if it can say it at all.
    std::optional<std::string> spelling_of(EventType wanted) const;
};

// Reads the setting `event`. `id_path` is the id's where the table does not say; empty for none.
EventMap read_event_map(SettingsReader& reader, std::string_view id_path);

}  // namespace postern::verifiers
