#include "verifiers/samples/event_map_sample.hpp"

#include "core/assert.hpp"
#include "core/money.hpp"
#include "core/time.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

// The value at a path, made on the way where it is not there yet.
SettingValue& place(SettingTable& root, const JsonPath& path) {
    POSTERN_ASSERT(!path.steps().empty());
    POSTERN_ASSERT(std::holds_alternative<std::string>(path.steps().front()));
    SettingValue* at = &root[std::get<std::string>(path.steps().front())];
    for (const JsonPath::Step& step : path.steps().subspan(1)) {
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            if (!std::holds_alternative<SettingList>(at->value)) at->value = SettingList{};
            auto& list = std::get<SettingList>(at->value);
            while (list.size() <= *index) list.push_back(SettingValue{SettingTable{}});
            at = &list[*index];
        } else {
            if (!std::holds_alternative<SettingTable>(at->value)) at->value = SettingTable{};
            at = &std::get<SettingTable>(at->value)[std::get<std::string>(step)];
        }
    }
    return *at;
}

// A body whose root is a list is nothing that this daemon reads.
bool can_hold(const JsonPath& path) {
    return !path.steps().empty() && std::holds_alternative<std::string>(path.steps().front());
}

void put(SettingTable& root, const JsonPath& path, std::string text) {
    if (can_hold(path) && !text.empty()) place(root, path).value = std::move(text);
}

UnifiedEvent wished_event(const SampleWish& wish) {
    UnifiedEvent event{.type = wish.type};
    event.merchant_reference = "1001";
    const EventSubject subject = subject_of(wish.type);
    if (subject != EventSubject::payout) event.gateway_payment_id = sample_id("pay_", wish);
    if (subject == EventSubject::refund) event.gateway_refund_id = sample_id("re_", wish);
    if (subject == EventSubject::dispute) event.gateway_dispute_id = sample_id("dp_", wish);
    if (subject == EventSubject::payout) event.gateway_payout_id = sample_id("po_", wish);
    if (wish.type == EventType::payment_failed) event.reason = "card_declined";
    if (subject == EventSubject::dispute) event.reason = "fraudulent";
    if (wish.type == EventType::dispute_closed) event.outcome = "won";
    return event;
}

void put_amount(SettingTable& root, const EventMap& map, const SampleWish& wish) {
    put(root, map.currency, wish.currency);
    if (!can_hold(map.amount)) return;
    if (map.amount_unit == AmountUnit::minor) {
        place(root, map.amount).value = sample_minor_units(wish, iso_exponent(wish.currency));
    } else {
        place(root, map.amount).value = wish.amount;
    }
}

}  // namespace

std::optional<std::string> sample_body(const EventMap& map, const SampleWish& wish) {
    const auto spelling = map.spelling_of(wish.type);
    if (!spelling || !can_hold(map.type)) return std::nullopt;
    SettingTable root;
    put(root, map.id, sample_id("evt_", wish));
    const UnifiedEvent event = wished_event(wish);
    for (std::size_t i = 0; i < kEventTextFields.size(); ++i) {
        put(root, map.texts[i], event.*kEventTextFields[i].member);
    }
    put_amount(root, map, wish);
    put(root, map.occurred_at, to_iso8601(wish.now));
    if (can_hold(map.livemode)) place(root, map.livemode).value = false;
    put(root, map.type, *spelling);
    return settings_to_json(root);
}

}  // namespace postern::verifiers
