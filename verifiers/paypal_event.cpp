#include "verifiers/paypal_event.hpp"

#include "verifiers/event_fields.hpp"
#include "verifiers/event_times.hpp"
#include "verifiers/type_mapping.hpp"

#include <array>
#include <string_view>

namespace postern::verifiers {
namespace {

// Which object an event speaks of, and so where its ids and amounts lie.
enum class Shape { payment, order, refund, dispute, payout };

struct Mapping {
    std::string_view provider_type;
    EventType type;
    Shape shape;
};

// Left out on purpose: authorisations (nothing is paid), CHECKOUT.ORDER.COMPLETED (the capture says
// it already), PAYMENT.CAPTURE.REVERSED (neither refund nor dispute of ours) and everything a
// payout passes through before its end.
constexpr std::array kMappings = {
    Mapping{"PAYMENT.CAPTURE.COMPLETED", EventType::payment_succeeded, Shape::payment},
    Mapping{"PAYMENT.SALE.COMPLETED", EventType::payment_succeeded, Shape::payment},
    Mapping{"PAYMENT.CAPTURE.PENDING", EventType::payment_created, Shape::payment},
    Mapping{"PAYMENT.CAPTURE.DENIED", EventType::payment_failed, Shape::payment},
    Mapping{"PAYMENT.CAPTURE.DECLINED", EventType::payment_failed, Shape::payment},
    Mapping{"PAYMENT.SALE.DENIED", EventType::payment_failed, Shape::payment},
    Mapping{"PAYMENT.AUTHORIZATION.VOIDED", EventType::payment_canceled, Shape::payment},
    Mapping{"CHECKOUT.ORDER.DECLINED", EventType::payment_failed, Shape::order},
    Mapping{"CHECKOUT.ORDER.APPROVED", EventType::payment_action_completed, Shape::order},
    Mapping{"CHECKOUT.PAYMENT-APPROVAL.REVERSED", EventType::payment_canceled, Shape::order},
    Mapping{"PAYMENT.CAPTURE.REFUNDED", EventType::refund_succeeded, Shape::refund},
    Mapping{"PAYMENT.SALE.REFUNDED", EventType::refund_succeeded, Shape::refund},
    Mapping{"PAYMENT.REFUND.PENDING", EventType::refund_created, Shape::refund},
    Mapping{"PAYMENT.REFUND.FAILED", EventType::refund_failed, Shape::refund},
    Mapping{"CUSTOMER.DISPUTE.CREATED", EventType::dispute_created, Shape::dispute},
    Mapping{"RISK.DISPUTE.CREATED", EventType::dispute_created, Shape::dispute},
    Mapping{"CUSTOMER.DISPUTE.UPDATED", EventType::dispute_updated, Shape::dispute},
    Mapping{"CUSTOMER.DISPUTE.RESOLVED", EventType::dispute_closed, Shape::dispute},
    Mapping{"PAYMENT.PAYOUTS-ITEM.SUCCEEDED", EventType::payout_paid, Shape::payout},
    Mapping{"PAYMENT.PAYOUTS-ITEM.FAILED", EventType::payout_failed, Shape::payout},
    Mapping{"PAYMENT.PAYOUTS-ITEM.RETURNED", EventType::payout_failed, Shape::payout},
    Mapping{"PAYMENT.PAYOUTS-ITEM.BLOCKED", EventType::payout_failed, Shape::payout},
    Mapping{"PAYMENT.PAYOUTS-ITEM.CANCELED", EventType::payout_failed, Shape::payout},
    Mapping{"PAYMENT.PAYOUTS-ITEM.DENIED", EventType::payout_failed, Shape::payout},
    Mapping{"PAYMENT.PAYOUTS-ITEM.REFUNDED", EventType::payout_failed, Shape::payout},
};

// {currency_code, value} in the newer interfaces, {currency, total or value} in the older ones.
void set_money(UnifiedEvent& event, JsonValue money) {
    set_currency(event, first_text(money["currency_code"], money["currency"]));
    set_decimal_amount(event, first_text(money["value"], money["total"]));
}

std::string_view last_segment(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    return url.substr(url.rfind('/') + 1);
}

// A refund names its capture only by the link to it.
std::string_view refunded_payment(JsonValue resource) {
    const std::string_view sale = resource["sale_id"].text();
    if (!sale.empty()) return sale;
    for (const JsonValue link : resource["links"].items()) {
        if (link["rel"].string() == "up") return last_segment(link["href"].string());
    }
    return {};
}

std::string_view outcome_word(std::string_view code) {
    if (code == "RESOLVED_BUYER_FAVOUR" || code == "ACCEPTED") return "lost";
    if (code == "RESOLVED_SELLER_FAVOUR" || code == "CANCELED_BY_BUYER") return "won";
    return code;
}

void read_payment(JsonValue resource, UnifiedEvent& event) {
    event.gateway_payment_id = resource["id"].text();
    event.merchant_reference = first_text(resource["custom_id"], resource["custom"]);
    set_money(event, resource["amount"]);
    if (event.type != EventType::payment_succeeded) {
        event.reason = first_text(resource["status_details"]["reason"], resource["reason_code"]);
    }
}

void read_order(JsonValue resource, UnifiedEvent& event) {
    const JsonValue unit = resource["purchase_units"][std::size_t{0}];
    event.gateway_payment_id = first_text(resource["id"], resource["order_id"]);
    event.merchant_reference = first_text(unit["custom_id"], resource["custom_id"]);
    const JsonValue amount = unit["amount"];
    set_money(event, amount.exists() ? amount : resource["amount"]);
    event.reason = resource["status_details"]["reason"].string();
}

void read_refund(JsonValue resource, UnifiedEvent& event) {
    event.gateway_refund_id = resource["id"].text();
    event.gateway_payment_id = refunded_payment(resource);
    event.merchant_reference = first_text(resource["custom_id"], resource["custom"]);
    set_money(event, resource["amount"]);
    if (event.type != EventType::refund_succeeded) {
        event.reason = resource["status_details"]["reason"].string();
    }
}

void read_dispute(JsonValue resource, UnifiedEvent& event) {
    const JsonValue transaction = resource["disputed_transactions"][std::size_t{0}];
    event.gateway_dispute_id = resource["dispute_id"].text();
    event.gateway_payment_id = transaction["seller_transaction_id"].text();
    event.merchant_reference = transaction["custom"].text();
    set_money(event, resource["dispute_amount"]);
    event.reason = resource["reason"].string();
    if (event.type == EventType::dispute_closed) {
        event.outcome = outcome_word(resource["dispute_outcome"]["outcome_code"].string());
    }
}

void read_payout(JsonValue resource, UnifiedEvent& event) {
    const JsonValue item = resource["payout_item"];
    event.gateway_payout_id = resource["payout_item_id"].text();
    event.merchant_reference = item["sender_item_id"].text();
    set_money(event, item["amount"]);
    if (event.type == EventType::payout_failed) {
        event.reason = resource["errors"]["name"].string();
    }
}

void read_resource(Shape shape, JsonValue resource, UnifiedEvent& event) {
    switch (shape) {
        case Shape::payment: return read_payment(resource, event);
        case Shape::order: return read_order(resource, event);
        case Shape::refund: return read_refund(resource, event);
        case Shape::dispute: return read_dispute(resource, event);
        case Shape::payout: return read_payout(resource, event);
    }
}

}  // namespace

std::optional<UnifiedEvent> unify_paypal_event(JsonValue event) {
    const Mapping* mapping = find_mapping(kMappings, event["event_type"].string());
    if (mapping == nullptr) return std::nullopt;
    UnifiedEvent unified{.type = mapping->type};
    read_occurred_at(unified, event["create_time"]);
    read_resource(mapping->shape, event["resource"], unified);
    return unified;
}

}  // namespace postern::verifiers
