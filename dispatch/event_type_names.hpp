#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The names that an endpoint may subscribe to, and that a merchant's message may carry.
namespace postern::dispatch {

inline constexpr std::size_t kEventTypeBytesMax = 128;

// [a-zA-Z0-9_.-]{1,128}
bool is_event_type_text(std::string_view text);

// Events about deliveries themselves.
const std::vector<std::string_view>& operational_event_types();

// What is wrong with an exact type or a pattern, as a sentence; nullopt: nothing. A merchant's own
// types are fine, but not what is likely meant to be one of ours or of Stripe's and is misspelled:
// such a subscription would stay silent for ever.
std::optional<std::string> complaint_about_subscription(std::string_view pattern);

}  // namespace postern::dispatch
