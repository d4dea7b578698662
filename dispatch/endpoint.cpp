#include "dispatch/endpoint.hpp"

#include "core/crypto.hpp"
#include "core/unified_event.hpp"
#include "dispatch/event_body.hpp"

#include <algorithm>
#include <cstddef>

namespace postern::dispatch {
namespace {

constexpr std::string_view kEveryType = "*";

// Names of our own need no look into the table of Stripe's.
bool is_unified_name(std::string_view pattern) {
    return pattern.ends_with(".*") || event_type_from_text(pattern).has_value();
}

bool pattern_selects(std::string_view pattern, const EventContent& event) {
    if (pattern == kEveryType) return event.kind != EventKind::operational;
    if (type_matches(pattern, event.type)) return true;
    if (event.kind != EventKind::unified || is_unified_name(pattern)) return false;
    const auto types = unified_types_of(pattern);
    return std::find(types.begin(), types.end(), event.type) != types.end();
}

bool type_is_wanted(const EndpointSettings& settings, const EventContent& event) {
    return std::any_of(
        settings.event_types.begin(),
        settings.event_types.end(),
        [&event](const std::string& pattern) { return pattern_selects(pattern, event); }
    );
}

bool channel_is_wanted(const EndpointSettings& settings, const EventContent& event) {
    if (event.kind != EventKind::message || settings.channels.empty()) return true;
    return std::find_first_of(
               settings.channels.begin(),
               settings.channels.end(),
               event.channels.begin(),
               event.channels.end()
           )
           != settings.channels.end();
}

bool is_wanted(const EndpointSettings& settings, const EventContent& event) {
    return type_is_wanted(settings, event) && channel_is_wanted(settings, event);
}

FilterView view_of(const EventContent& event, const JsonValue& object) {
    return {
        .type = event.type,
        .gateway = event.gateway,
        .gateway_event_id = event.gateway_event_id,
        .gateway_event_type = event.gateway_event_type,
        .livemode = event.livemode,
        .object = object};
}

}  // namespace

std::int64_t order_key_of(const EventContent& event) {
    if (event.kind != EventKind::unified) return 0;
    const auto object = JsonDocument::parse(event.object);
    if (!object) return 0;
    const std::string_view payment = object->root()["gateway_payment_id"].string();
    if (payment.empty()) return 0;
    // The zero byte, which no gateway's name holds, keeps "a"+"bc" and "ab"+"c" apart.
    constexpr std::string_view kSeparator{"\0", 1};
    const std::string digest = hash(HashAlgorithm::sha256, {event.gateway, kSeparator, payment});
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < sizeof key; ++i) {
        key = key << 8 | static_cast<unsigned char>(digest[i]);
    }
    const auto positive = static_cast<std::int64_t>(key >> 1);
    return positive == 0 ? 1 : positive;
}

bool is_subscribed(const EndpointSettings& settings, const EventContent& event) {
    if (!is_wanted(settings, event)) return false;
    if (!settings.filter) return true;
    const auto object = JsonDocument::parse(event.object);
    const JsonValue root = object ? object->root() : JsonValue{};
    return settings.filter->matches(view_of(event, root));
}

bool is_subscribed(
    const EndpointSettings& settings,
    const EventContent& event,
    const JsonValue& object
) {
    if (!is_wanted(settings, event)) return false;
    return !settings.filter || settings.filter->matches(view_of(event, object));
}

bool type_matches(std::string_view pattern, std::string_view type) {
    if (pattern == kEveryType) return true;
    if (!pattern.ends_with(".*")) return pattern == type;
    pattern.remove_suffix(1);
    return type.size() > pattern.size() && type.starts_with(pattern);
}

const RetryPolicy& retry_policy_of(const EndpointSettings& settings, std::string_view event_type) {
    const auto found = settings.retry_by_type.find(event_type);
    return found == settings.retry_by_type.end() ? settings.retry : found->second;
}

}  // namespace postern::dispatch
