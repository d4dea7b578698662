#include "verifiers/onerway_notification.hpp"

#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/type_mapping.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace postern::verifiers {
namespace {

// Documented as outside the signature. That makes them forgeable: originTransactionId, the only
// word for the payment of a refund, is one of them.
constexpr std::array<std::string_view, 9> kUnsignedNames = {
    "originTransactionId",
    "originMerchantTxnId",
    "customsDeclarationAmount",
    "customsDeclarationCurrency",
    "paymentMethod",
    "walletTypeName",
    "periodValue",
    "tokenExpireTime",
    "sign"};

bool is_signed(std::string_view name) {
    return std::find(kUnsignedNames.begin(), kUnsignedNames.end(), name) == kUnsignedNames.end();
}

struct Notification {
    std::string_view kind;         // TXN, CANCEL, REFUND_AUDIT, CHARGEBACK, …
    std::string_view transaction;  // SALE, CAPTURE, … of a TXN
    std::string_view status;
    std::string_view id;
    JsonValue root;
};

Notification read_notification(JsonValue root) {
    const std::string_view kind = root["notifyType"].text();
    const bool chargeback = kind == "CHARGEBACK";
    return {
        .kind = kind,
        .transaction = chargeback ? std::string_view{} : root["txnType"].text(),
        .status = root[chargeback ? "chargebackStatus" : "status"].text(),
        .id = root["transactionId"].text(),
        .root = root};
}

std::string event_id_of(const Notification& notification) {
    std::string id{notification.kind};
    if (notification.kind != "CHARGEBACK") {
        id += ':';
        id += notification.transaction;
    }
    id += ':';
    id += notification.id;
    id += ':';
    id += notification.status;
    return id;
}

std::string event_type_of(const Notification& notification) {
    std::string type{notification.kind};
    if (notification.kind == "TXN") {
        type += '.';
        type += notification.transaction;
    }
    type += '.';
    type += notification.status;
    return type;
}

std::optional<EventType> sale_type(const Notification& notification) {
    const std::string_view status = notification.status;
    if (status == "S") return EventType::payment_succeeded;
    // N: the payment intent ran out of time, whatever became of its last attempt.
    if (status == "N" || notification.root["paymentStatus"].text() == "N") {
        return EventType::payment_canceled;
    }
    if (status == "F") return EventType::payment_failed;
    if (status == "R") return EventType::payment_requires_action;
    return std::nullopt;
}

std::optional<EventType> refund_type(std::string_view status) {
    if (status == "S") return EventType::refund_succeeded;
    if (status == "F") return EventType::refund_failed;
    if (status == "I" || status == "P") return EventType::refund_created;
    return std::nullopt;
}

std::optional<EventType> transaction_type(const Notification& notification) {
    const std::string_view transaction = notification.transaction;
    const std::string_view status = notification.status;
    if (transaction == "SALE") return sale_type(notification);
    if (transaction == "REFUND") return refund_type(status);
    if (transaction == "CAPTURE") {
        if (status == "S") return EventType::payment_captured;
        if (status == "F") return EventType::payment_failed;
    } else if (transaction == "VOID") {
        if (status == "S") return EventType::payment_canceled;
    } else if (transaction == "AUTH" || transaction == "PRE_AUTH") {
        // An authorisation that holds is not yet a payment.
        if (status == "F") return EventType::payment_failed;
    }
    return std::nullopt;
}

struct DisputeStage {
    std::string_view provider_type;
    EventType type;
    std::string_view outcome = {};
};

constexpr std::array kDisputeStages = {
    DisputeStage{"NEW", EventType::dispute_created},
    DisputeStage{"FA", EventType::dispute_updated},
    DisputeStage{"FAF", EventType::dispute_updated},
    DisputeStage{"FAT", EventType::dispute_updated},
    DisputeStage{"SA", EventType::dispute_updated},
    DisputeStage{"FAS", EventType::dispute_closed, "won"},
    DisputeStage{"SAS", EventType::dispute_closed, "won"},
    DisputeStage{"REVOKE", EventType::dispute_closed, "won"},
    DisputeStage{"DELETE", EventType::dispute_closed, "won"},
    DisputeStage{"SAF", EventType::dispute_closed, "lost"},
    DisputeStage{"SAT", EventType::dispute_closed, "lost"},
    DisputeStage{"ACCEPT", EventType::dispute_closed, "lost"},
};

std::optional<UnifiedEvent> unify_dispute(const Notification& notification) {
    const DisputeStage* stage = find_mapping(kDisputeStages, notification.status);
    if (stage == nullptr) return std::nullopt;
    const JsonValue root = notification.root;
    UnifiedEvent event{.type = stage->type};
    event.gateway_dispute_id = notification.id;
    event.gateway_payment_id = root["originTransactionId"].text();
    event.merchant_reference = root["originMerchantTxnId"].text();
    set_currency(event, root["chargebackCurrency"].text());
    set_decimal_amount(event, root["chargebackAmount"].text());
    event.reason = root["chargebackCode"].text();
    event.outcome = stage->outcome;
    return event;
}

std::optional<EventType> type_of(const Notification& notification) {
    if (notification.kind == "TXN") return transaction_type(notification);
    if (notification.kind == "CANCEL" && notification.status == "S") {
        return EventType::payment_canceled;
    }
    if (notification.kind == "REFUND_AUDIT" && notification.status == "F") {
        return EventType::refund_failed;
    }
    return std::nullopt;
}

// "reason" is a JSON text inside the JSON.
std::string response_code(JsonValue reason) {
    const auto document = JsonDocument::parse(reason.string());
    return document ? std::string{document->root()["respCode"].text()} : std::string{};
}

bool is_failure(EventType type) {
    return type == EventType::payment_failed || type == EventType::refund_failed;
}

std::optional<UnifiedEvent> unify(const Notification& notification) {
    if (notification.kind == "CHARGEBACK") return unify_dispute(notification);
    const auto type = type_of(notification);
    if (!type) return std::nullopt;
    const JsonValue root = notification.root;
    const std::string_view origin = root["originTransactionId"].text();
    UnifiedEvent event{.type = *type};
    if (subject_of(*type) == EventSubject::refund) {
        event.gateway_refund_id = notification.id;
        event.gateway_payment_id = origin;
    } else if (notification.transaction == "CAPTURE" || notification.transaction == "VOID") {
        event.gateway_payment_id = origin;
    } else {
        event.gateway_payment_id = notification.id;
    }
    event.merchant_reference = root["merchantTxnId"].text();
    set_currency(event, root["orderCurrency"].text());
    set_decimal_amount(event, root["orderAmount"].text());
    if (is_failure(*type)) event.reason = response_code(root["reason"]);
    event.occurred_at =
        event_time({.text = root["txnTime"].text(), .zone = root["txnTimeZone"].text()});
    return event;
}

}  // namespace

std::optional<std::string> onerway_signed_text(JsonValue notification) {
    std::vector<JsonMember> members = notification.members();
    std::sort(members.begin(), members.end(), [](const JsonMember& a, const JsonMember& b) {
        return a.key < b.key;
    });
    std::string text;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const JsonMember& member = members[i];
        // Readers disagree about which of two equal names counts, and the signature covers both.
        if (i > 0 && members[i - 1].key == member.key) return std::nullopt;
        if (!is_signed(member.key)) continue;
        if (member.value.is_object() || member.value.is_array()) return std::nullopt;
        if (const auto flag = member.value.boolean()) {
            text += *flag ? "true" : "false";
        } else {
            text += member.value.text();
        }
    }
    return text;
}

ProviderEvent onerway_event(JsonValue notification) {
    const Notification read = read_notification(notification);
    return {.id = event_id_of(read), .type = event_type_of(read), .unified = unify(read)};
}

}  // namespace postern::verifiers
