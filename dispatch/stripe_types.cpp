#include "dispatch/stripe_types.hpp"

#include "core/unified_event.hpp"
#include "dispatch/event_body.hpp"

#include <algorithm>
#include <array>

namespace postern::dispatch {
namespace {

struct StripeName {
    std::string_view stripe;
    std::string_view unified;
    StripeObject object;
};

// The first row of a unified type is its own name; the others are what an endpoint may ask for
// instead. A Stripe account tells of one refund or payment in several events: here each is one.
constexpr std::array kNames = std::to_array<StripeName>({
    {"payment_intent.created", "payment.created", StripeObject::payment_intent},
    {"payment_intent.succeeded", "payment.succeeded", StripeObject::payment_intent},
    {"payment_intent.payment_failed", "payment.failed", StripeObject::payment_intent},
    {"charge.captured", "payment.captured", StripeObject::charge},
    {"payment_intent.canceled", "payment.canceled", StripeObject::payment_intent},
    {"payment_intent.requires_action", "payment.requires_action", StripeObject::payment_intent},
    {"refund.created", "refund.created", StripeObject::refund},
    {"refund.updated", "refund.succeeded", StripeObject::refund},
    {"refund.failed", "refund.failed", StripeObject::refund},
    {"charge.dispute.created", "dispute.created", StripeObject::dispute},
    {"charge.dispute.updated", "dispute.updated", StripeObject::dispute},
    {"charge.dispute.closed", "dispute.closed", StripeObject::dispute},
    {"payout.created", "payout.created", StripeObject::payout},
    {"payout.paid", "payout.paid", StripeObject::payout},
    {"payout.failed", "payout.failed", StripeObject::payout},
    {"refund.updated", "refund.failed", StripeObject::refund},
    {"charge.refunded", "refund.succeeded", StripeObject::charge},
    {"charge.refund.updated", "refund.succeeded", StripeObject::refund},
    {"charge.refund.updated", "refund.failed", StripeObject::refund},
    {"charge.succeeded", "payment.succeeded", StripeObject::charge},
    {"charge.failed", "payment.failed", StripeObject::charge},
    {"payment_intent.processing", "payment.action_completed", StripeObject::payment_intent},
});

// Names that users of Stripe's libraries subscribe to and that no gateway's event maps to.
constexpr std::array kOwnNames = std::to_array<std::string_view>({
    "payment_intent.amount_capturable_updated",
    "charge.expired",
    "charge.updated",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "customer.created",
    "customer.deleted",
    "customer.updated",
    "payment_method.attached",
    "payment_method.detached",
    "payment_method.updated",
    "payout.canceled",
    "payout.updated",
    "transfer.created",
    "transfer.reversed",
    "transfer.updated",
    "balance.available",
});

bool is_own_name(std::string_view type) {
    return std::find(kOwnNames.begin(), kOwnNames.end(), type) != kOwnNames.end();
}

bool names_it(const EndpointSettings& settings, std::string_view type) {
    return std::find(settings.event_types.begin(), settings.event_types.end(), type)
           != settings.event_types.end();
}

bool selects_it(const EndpointSettings& settings, std::string_view unified_type) {
    return std::any_of(
        settings.event_types.begin(),
        settings.event_types.end(),
        [unified_type](const std::string& pattern) { return type_matches(pattern, unified_type); }
    );
}

std::vector<std::string_view> make_all_stripe_types() {
    std::vector<std::string_view> types{kOwnNames.begin(), kOwnNames.end()};
    for (const StripeName& name : kNames) types.push_back(name.stripe);
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    return types;
}

}  // namespace

StripeObject stripe_object_of(std::string_view type) {
    for (const StripeName& name : kNames) {
        if (name.stripe == type) return name.object;
    }
    for (const StripeName& name : kNames) {
        if (name.unified == type) return name.object;
    }
    return StripeObject::payment_intent;
}

std::string_view stripe_type_of(std::string_view unified_type) {
    // The one type without a name of its own there; a subscriber may still ask for it by one.
    if (unified_type == to_text(EventType::payment_action_completed)) return unified_type;
    for (const StripeName& name : kNames) {
        if (name.unified == unified_type) return name.stripe;
    }
    return unified_type;
}

std::string_view stripe_type_of(const EventContent& event) {
    if (event.kind != EventKind::unified) return event.type;
    if (!event.stripe_type.empty()) return event.stripe_type;
    return event.has_own_stripe_form() ? event.type : stripe_type_of(event.type);
}

std::string_view stripe_type_for(const EndpointSettings& settings, std::string_view unified_type) {
    const std::string_view own = stripe_type_of(unified_type);
    if (names_it(settings, own) || selects_it(settings, unified_type)) return own;
    for (const StripeName& name : kNames) {
        if (name.unified == unified_type && names_it(settings, name.stripe)) return name.stripe;
    }
    return own;
}

std::vector<std::string> unified_types_of(std::string_view stripe_type) {
    std::vector<std::string> types;
    for (const StripeName& name : kNames) {
        if (name.stripe == stripe_type) types.emplace_back(name.unified);
    }
    if (!types.empty()) return types;
    const bool stands_for_itself = stripe_type == "*" || stripe_type.ends_with(".*")
                                   || event_type_from_text(stripe_type) || is_own_name(stripe_type);
    if (stands_for_itself) types.emplace_back(stripe_type);
    return types;
}

const std::vector<std::string_view>& all_stripe_types() {
    static const std::vector<std::string_view> types = make_all_stripe_types();
    return types;
}

}  // namespace postern::dispatch
