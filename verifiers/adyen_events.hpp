#pragma once

#include "core/json_document.hpp"
#include "verifiers/provider.hpp"

#include <string>
#include <string_view>
#include <vector>

// Adyen's two families of webhooks in our words. Standard ones hold items, platform ones one event.
namespace postern::verifiers {

// How many decimals Adyen's integer amounts have in a currency.
int adyen_exponent(std::string_view currency);

// The NotificationRequestItem of each entry; missing values where an entry holds none.
std::vector<JsonValue> adyen_items(JsonValue root);

// A field as Adyen's own libraries join it to sign: absent and null are the empty text.
std::string_view adyen_text(JsonValue field);

// "pspReference:eventCode:success": Adyen has no event id, and one reference lives through several
// event codes.
std::string adyen_item_id(JsonValue item);

// One event an item; an id that comes twice in a batch counts once.
Normalised normalise_adyen_items(JsonValue root);

Normalised normalise_adyen_platform(JsonValue root, std::string_view body);

}  // namespace postern::verifiers
