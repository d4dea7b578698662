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

bool is_unified_family(std::string_view pattern) {
    const auto is_in_it = [pattern](EventType type) {
        return type_matches(pattern, to_text(type));
    };
    const auto& types = all_event_types();
    return std::any_of(types.begin(), types.end(), is_in_it);
}

// "payout.*" is a family of the unified vocabulary: who reads that gets no "payout.updated" by it,
// which only Stripe's users know. "charge.*" can only mean theirs.
bool names_stripes_own(
    const EndpointSettings& settings,
    std::string_view pattern,
    std::string_view type
) {
    if (settings.format == PayloadFormat::stripe) return type_matches(pattern, type);
    if (pattern == type) return true;
    return pattern != kEveryType && type_matches(pattern, type) && !is_unified_family(pattern);
}

// One that names its own Stripe type stands for no other: the payment API tells the charge's part
// of a payment in events of their own.
bool is_alias_of(std::string_view pattern, const EventContent& event) {
    if (event.has_own_stripe_form()) return type_matches(pattern, event.stripe_type);
    if (is_unified_name(pattern)) return false;
    const auto types = unified_types_of(pattern);
    return std::find(types.begin(), types.end(), event.type) != types.end();
}

bool pattern_selects(
    const EndpointSettings& settings,
    std::string_view pattern,
    const EventContent& event
) {
    if (event.kind == EventKind::stripe) return names_stripes_own(settings, pattern, event.type);
    if (pattern == kEveryType) return event.kind != EventKind::operational;
    if (type_matches(pattern, event.type)) return true;
    return event.kind == EventKind::unified && is_alias_of(pattern, event);
}

bool type_is_wanted(const EndpointSettings& settings, const EventContent& event) {
    if (settings.format == PayloadFormat::stripe && event.object.starts_with(kStaleMark)) {
        return false;
    }
    return std::any_of(
        settings.event_types.begin(),
        settings.event_types.end(),
        [&settings, &event](const std::string& pattern) {
            return pattern_selects(settings, pattern, event);
        }
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

std::int64_t key_of_payment(std::string_view gateway, std::string_view payment) {
    if (payment.empty()) return 0;
    // The zero byte, which no gateway's name holds, keeps "a"+"bc" and "ab"+"c" apart.
    constexpr std::string_view kSeparator{"\0", 1};
    const std::string digest = hash(HashAlgorithm::sha256, {gateway, kSeparator, payment});
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < sizeof key; ++i) {
        key = key << 8 | static_cast<unsigned char>(digest[i]);
    }
    const auto positive = static_cast<std::int64_t>(key >> 1);
    return positive == 0 ? 1 : positive;
}

// By our own id of the payment, which the Stripe form of all its objects names.
std::int64_t key_of_own(std::string_view stripe_object) {
    const auto object = JsonDocument::parse(stripe_object);
    if (!object) return 0;
    const JsonValue root = object->root();
    const bool is_payment = root["object"].string() == "payment_intent";
    return key_of_payment({}, root[is_payment ? "id" : "payment_intent"].string());
}

}  // namespace

std::int64_t order_key_of(const EventContent& event) {
    if (event.has_own_stripe_form()) return key_of_own(event.stripe_object);
    if (event.kind != EventKind::unified) return 0;
    const auto object = JsonDocument::parse(event.object);
    if (!object) return 0;
    const std::string_view payment = object->root()["gateway_payment_id"].string();
    return key_of_payment(event.gateway, payment);
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
