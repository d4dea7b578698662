#pragma once

#include "payments/gateways/sandbox/sandbox_answers.hpp"

#include <initializer_list>
#include <string>
#include <vector>

// Orders as a payment service gives them, for tests of those who answer.
namespace postern::payments {

inline constexpr TimePoint kOrderedAt = from_unix_seconds(1'769'594'400);  // 2026-01-28
inline const IdCodec kTestIds{SipKey{1, 2}};

inline SandboxOptions test_options() {
    return {
        .settles_after = std::chrono::milliseconds{3'000},
        .public_url = "http://127.0.0.1:8080",
        .ids = kTestIds};
}

inline SandboxAnswers answers_of(SandboxKind kind) {
    return {kind, test_options()};
}

inline PaymentMethod method_of(MethodType type) {
    PaymentMethod method;
    method.id = PaymentMethodId{40};
    method.type = type;
    return method;
}

inline PaymentMethod card_of(CardScenario scenario) {
    PaymentMethod method = method_of(MethodType::card);
    method.card = Card{.brand = CardBrand::visa, .last4 = "4242", .scenario = scenario};
    return method;
}

inline PaymentMethod bank_of(std::string last4) {
    PaymentMethod method = method_of(MethodType::us_bank_account);
    method.bank = BankAccount{.last4 = std::move(last4), .routing_number = "110000000"};
    return method;
}

inline GatewayOrder order_of(OrderKind kind, PaymentMethod method) {
    GatewayOrder order;
    order.id = OrderId{77};
    order.kind = kind;
    order.payment.id = PaymentId{1'234'567};
    order.payment.amount = {.minor = 1'999, .currency = *Currency::parse("usd")};
    order.payment.order_id = "order-1";
    order.payment.created_at = kOrderedAt;
    order.method = std::move(method);
    order.minor = 1'999;
    order.now = kOrderedAt;
    return order;
}

// "payment.succeeded+3000 payment.failed": types and delays of what will be posted.
inline std::string told_by(const GatewayAnswer& answer) {
    std::string text;
    for (const ProviderMessage& message : answer.messages) {
        if (!text.empty()) text += ' ';
        text += to_text(message.event.type);
        if (message.delay.count() > 0) text += "+" + std::to_string(message.delay.count());
    }
    return text;
}

inline std::string_view name_of(const PaymentFact& fact) {
    constexpr std::string_view names[] = {
        "authorized",
        "captured",
        "processing",
        "action_required",
        "action_passed",
        "declined",
        "canceled"};
    return names[fact.index()];
}

inline std::string facts_of(const GatewayAnswer& answer) {
    std::string text;
    for (const PaymentFact& fact : answer.facts) {
        if (!text.empty()) text += ' ';
        text += name_of(fact);
    }
    return text;
}

}  // namespace postern::payments
