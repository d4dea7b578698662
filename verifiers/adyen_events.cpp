#include "verifiers/adyen_events.hpp"

#include "core/money.hpp"
#include "verifiers/event_fields.hpp"
#include "verifiers/event_ids.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/type_mapping.hpp"

#include <algorithm>
#include <iterator>

namespace postern::verifiers {
namespace {

struct Mapping {
    std::string_view provider_type;
    std::optional<EventType> when_true;  // by the item's `success`
    std::optional<EventType> when_false;
    std::string_view outcome;
};

constexpr auto kNothing = std::nullopt;

constexpr Mapping kMappings[] = {
    {"AUTHORISATION", EventType::payment_succeeded, EventType::payment_failed, {}},
    {"CAPTURE", EventType::payment_captured, EventType::payment_failed, {}},
    // Here, as in all notices of something gone wrong, `success` says that the notice is true.
    {"CAPTURE_FAILED", EventType::payment_failed, EventType::payment_failed, {}},
    {"CANCELLATION", EventType::payment_canceled, kNothing, {}},
    {"TECHNICAL_CANCEL", EventType::payment_canceled, kNothing, {}},
    {"EXPIRE", EventType::payment_canceled, kNothing, {}},
    {"OFFER_CLOSED", EventType::payment_canceled, kNothing, {}},
    {"REFUND", EventType::refund_succeeded, EventType::refund_failed, {}},
    {"REFUND_FAILED", EventType::refund_failed, EventType::refund_failed, {}},
    {"REFUNDED_REVERSED", EventType::refund_failed, EventType::refund_failed, {}},
    {"NOTIFICATION_OF_CHARGEBACK", EventType::dispute_created, EventType::dispute_created, {}},
    {"REQUEST_FOR_INFORMATION", EventType::dispute_created, EventType::dispute_created, {}},
    {"CHARGEBACK", EventType::dispute_created, EventType::dispute_created, {}},
    {"INFORMATION_SUPPLIED", EventType::dispute_updated, EventType::dispute_updated, {}},
    {"CHARGEBACK_REVERSED", EventType::dispute_closed, EventType::dispute_closed, "won"},
    {"PREARBITRATION_WON", EventType::dispute_closed, EventType::dispute_closed, "won"},
    {"ISSUER_RESPONSE_TIMEFRAME_EXPIRED",
     EventType::dispute_closed,
     EventType::dispute_closed,
     "won"},
    {"SECOND_CHARGEBACK", EventType::dispute_closed, EventType::dispute_closed, "lost"},
    {"PREARBITRATION_LOST", EventType::dispute_closed, EventType::dispute_closed, "lost"},
    {"DISPUTE_DEFENSE_PERIOD_ENDED", EventType::dispute_closed, EventType::dispute_closed, "lost"},
    {"PAYOUT_THIRDPARTY", EventType::payout_paid, EventType::payout_failed, {}},
    {"PAYOUT_DECLINE", EventType::payout_failed, EventType::payout_failed, {}},
    {"PAYOUT_EXPIRE", EventType::payout_failed, EventType::payout_failed, {}},
    {"PAIDOUT_REVERSED", EventType::payout_failed, EventType::payout_failed, {}},
};

// One code for two things: which it became is said outside the signed fields.
constexpr Mapping kCancelOrRefundCancel{
    "CANCEL_OR_REFUND",
    EventType::payment_canceled,
    kNothing,
    {}};
constexpr Mapping kCancelOrRefundRefund{
    "CANCEL_OR_REFUND",
    EventType::refund_succeeded,
    EventType::refund_failed,
    {}};

const Mapping* mapping_of(JsonValue item) {
    const std::string_view code = item["eventCode"].string();
    if (code == "CANCEL_OR_REFUND") {
        const std::string_view action = item["additionalData"]["modification.action"].string();
        if (action == "cancel") return &kCancelOrRefundCancel;
        return action == "refund" ? &kCancelOrRefundRefund : nullptr;
    }
    return find_mapping(kMappings, code);
}

bool has_reason(EventType type) {
    const bool failed = type == EventType::payment_failed || type == EventType::refund_failed
                        || type == EventType::payout_failed;
    return failed || subject_of(type) == EventSubject::dispute;
}

void read_ids(JsonValue item, UnifiedEvent& event) {
    const std::string_view reference = item["pspReference"].text();
    const std::string_view original = item["originalReference"].text();
    const bool is_authorisation = item["eventCode"].string() == "AUTHORISATION";
    switch (subject_of(event.type)) {
        case EventSubject::payment:
            // A modification names the payment as its original; an authorisation is the payment.
            event.gateway_payment_id = is_authorisation || original.empty() ? reference : original;
            break;
        case EventSubject::refund:
            event.gateway_refund_id = reference;
            event.gateway_payment_id = original;
            break;
        case EventSubject::dispute:
            event.gateway_dispute_id = reference;
            event.gateway_payment_id = original;
            break;
        case EventSubject::payout: event.gateway_payout_id = reference; break;
    }
}

void set_amount(UnifiedEvent& event, JsonValue amount) {
    set_currency(event, amount["currency"].string());
    set_minor_amount(event, amount["value"], adyen_exponent(event.currency));
}

std::optional<bool> is_live(JsonValue word) {
    if (word.string() == "true" || word.string() == "live") return true;
    if (word.string() == "false" || word.string() == "test") return false;
    return word.boolean();
}

std::optional<UnifiedEvent> unify_item(JsonValue item) {
    const Mapping* mapping = mapping_of(item);
    if (mapping == nullptr) return std::nullopt;
    const bool success = adyen_text(item["success"]) == "true";
    const auto type = success ? mapping->when_true : mapping->when_false;
    if (!type) return std::nullopt;
    UnifiedEvent event{.type = *type};
    event.outcome = mapping->outcome;
    event.merchant_reference = item["merchantReference"].text();
    read_ids(item, event);
    set_amount(event, item["amount"]);
    read_occurred_at(event, item["eventDate"]);
    if (has_reason(*type)) event.reason = item["reason"].text();
    return event;
}

std::optional<EventType> transfer_type(std::string_view status) {
    if (status == "received") return EventType::payout_created;
    if (status == "booked") return EventType::payout_paid;
    if (status == "failed" || status == "returned" || status == "refused") {
        return EventType::payout_failed;
    }
    return std::nullopt;
}

// Transfers move money in every direction; a payout is one to a bank account outside.
std::optional<UnifiedEvent> unify_transfer(JsonValue root) {
    const JsonValue data = root["data"];
    if (!root["type"].string().starts_with("balancePlatform.transfer.")) return std::nullopt;
    if (data["category"].string() != "bank") return std::nullopt;
    if (data["direction"].string() != "outgoing") return std::nullopt;
    const auto type = transfer_type(data["status"].string());
    if (!type) return std::nullopt;
    UnifiedEvent event{.type = *type};
    event.gateway_payout_id = data["id"].text();
    event.merchant_reference = data["reference"].text();
    event.gateway_livemode = is_live(root["environment"]);
    set_amount(event, data["amount"]);
    read_occurred_at(event, root["timestamp"]);
    if (has_reason(*type)) event.reason = data["reason"].text();
    return event;
}

std::string platform_id(JsonValue root, std::string_view body) {
    const JsonValue data = root["data"];
    // Only transfers number their states. Of other objects the same id comes again and again.
    if (data["id"].text().empty() || data["status"].text().empty()) {
        return event_id_or_digest({.id = {}, .sent = body});
    }
    std::string id{data["id"].text()};
    for (const JsonValue part : {root["type"], data["status"], data["sequenceNumber"]}) {
        id += ':';
        id += part.text();
    }
    return id;
}

}  // namespace

int adyen_exponent(std::string_view currency) {
    if (currency == "CVE" || currency == "IDR") return 0;
    if (currency == "CLP" || currency == "ISK") return 2;
    return iso_exponent(currency);
}

std::vector<JsonValue> adyen_items(JsonValue root) {
    std::vector<JsonValue> items = root["notificationItems"].items();
    for (JsonValue& item : items) item = item["NotificationRequestItem"];
    return items;
}

std::string_view adyen_text(JsonValue field) {
    if (const auto flag = field.boolean()) return *flag ? "true" : "false";
    return whole_number(field.text());
}

std::string adyen_item_id(JsonValue item) {
    std::string when_unnamed{item["eventDate"].text()};
    when_unnamed += item["reason"].text();
    std::string id = event_id_or_digest({.id = item["pspReference"].text(), .sent = when_unnamed});
    id += ':';
    id += item["eventCode"].text();
    id += ':';
    id += adyen_text(item["success"]);
    return id;
}

Normalised normalise_adyen_items(JsonValue root) {
    Normalised normalised;
    const auto live = is_live(root["live"]);
    for (const JsonValue item : adyen_items(root)) {
        std::string id = adyen_item_id(item);
        const auto same = [&id](const ProviderEvent& event) {
            return event.id == id;
        };
        if (std::any_of(normalised.events.begin(), normalised.events.end(), same)) continue;
        if (normalised.account.empty()) normalised.account = item["merchantAccountCode"].text();
        auto unified = unify_item(item);
        if (unified) unified->gateway_livemode = live;
        normalised.events.push_back(ProviderEvent{
            .id = std::move(id),
            .type = std::string{item["eventCode"].text()},
            .unified = std::move(unified)});
    }
    return normalised;
}

Normalised normalise_adyen_platform(JsonValue root, std::string_view body) {
    Normalised normalised;
    normalised.account = root["data"]["balancePlatform"].text();
    normalised.events.push_back(ProviderEvent{
        .id = platform_id(root, body),
        .type = std::string{root["type"].string()},
        .unified = unify_transfer(root)});
    return normalised;
}

}  // namespace postern::verifiers
