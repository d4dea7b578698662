#pragma once

#include "payments/domain/card.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace postern::payments {

// The cards of API.md 2.5 and those that Stripe's users know besides, with these of our own:
//   4000 0099 9999 0008  "pm_card_gatewaySilent": the gateway's answer is lost, the payment stays
//                        processing until a webhook tells that it succeeded.
struct TestCard {
    std::string_view number;  // digits only
    CardBrand brand = CardBrand::visa;
    CardScenario scenario = CardScenario::succeeds;
    std::string_view ready_made;  // "pm_card_visa"; empty: it has no such name
    std::string_view funding = "credit";
};
// A number is there once for each of its ready-made names.
std::span<const TestCard> test_cards();
const TestCard* find_test_card(std::string_view digits);
const TestCard* find_ready_made(std::string_view name);
// A number as people type it.
bool is_test_number(std::string_view typed);
// What the sandbox does with a card of this number; any number that is not listed succeeds.
CardScenario scenario_of(std::string_view digits);

}  // namespace postern::payments
