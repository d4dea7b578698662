#include "payments/service/payment_news.hpp"

#include "core/money.hpp"
#include "core/time.hpp"
#include "payments/records/lookups.hpp"
#include "payments/service/settlement.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::payments {
namespace {

constexpr std::string_view kDeclined = "card_declined";
constexpr std::string_view kDeclinedMessage = "The payment was declined.";

struct KnownError {
    std::string_view code;
    std::string_view message;
};
// Words that are codes of their own; all others are reasons of a decline.
constexpr std::array kKnownErrors = {
    KnownError{"expired_card", "Your card has expired."},
    KnownError{"incorrect_cvc", "Your card's security code is incorrect."},
    KnownError{
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit."},
    KnownError{
        "payment_intent_authentication_failure",
        "The provided PaymentMethod has failed authentication. You can provide"
        " payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent"
        " again."},
};

PaymentError error_of(const std::string& reason) {
    for (const auto& [code, message] : kKnownErrors) {
        if (reason == code) return {std::string{code}, "", std::string{message}};
    }
    return {
        std::string{kDeclined},
        reason == kDeclined ? std::string{} : reason,
        std::string{kDeclinedMessage}};
}

std::optional<PaymentFact> captured_fact(const UnifiedEvent& event, const Payment& payment) {
    if (event.amount.empty()) {
        const bool held = payment.status == PaymentStatus::requires_capture;
        return Captured{held ? payment.capturable_minor : payment.amount.minor};
    }
    const auto minor = told_minor(event, payment.amount.currency);
    if (!minor) return std::nullopt;
    // Less than was asked for can be taken of a hold only.
    const bool held = payment.status == PaymentStatus::requires_capture
                      || payment.capture_method == CaptureMethod::manual;
    if (*minor < payment.amount.minor && !held) return std::nullopt;
    return Captured{*minor};
}

// nullopt: nothing that could move a payment.
std::optional<PaymentFact> fact_of(const UnifiedEvent& event, const Payment& payment) {
    const EventType type = event.type;
    if (type == EventType::payment_succeeded || type == EventType::payment_captured) {
        return captured_fact(event, payment);
    }
    if (type == EventType::payment_failed) return Declined{error_of(event.reason)};
    if (type == EventType::payment_canceled) return Canceled{event.reason};
    if (type == EventType::payment_requires_action) return ActionRequired{};
    if (type == EventType::payment_action_completed) return ActionPassed{};
    return std::nullopt;
}

// Absent: no try is under way.
Result<std::optional<TimePoint>, StoreError> try_began_at(Work& work, const FullPayment& full) {
    const Payment& payment = full.payment;
    if (payment.next_action) return std::optional{time_of_id(payment.next_action->id.value)};
    if (payment.status != PaymentStatus::processing) return std::optional<TimePoint>{};
    if (full.charge && full.charge->status == Charge::Status::pending) {
        return std::optional{full.charge->created_at};
    }
    const auto orders = open_orders_of(work.transaction.connection(), payment.id);
    if (!orders) return orders.error();
    if (!orders->empty()) return std::optional{orders->back().created_at};
    return std::optional{payment.updated_at};
}

// Tries follow one another while webhooks may be late: one about a try that failed, and was told to
// have failed, must not end the next one.
Result<bool, StoreError>
is_about_earlier_try(Work& work, const FullPayment& full, const UnifiedEvent& event) {
    if (event.type != EventType::payment_failed) return false;
    const auto told = events_telling(
        work.transaction.connection(), {.subject = full.payment.id.value, .type = event.type}
    );
    if (!told) return told.error();
    const auto began_at = try_began_at(work, full);
    if (!began_at) return began_at.error();
    if (!*began_at) return !told->empty();
    const auto occurred_at = from_iso8601(event.occurred_at);
    if (!occurred_at || *occurred_at > **began_at) return false;
    return std::any_of(told->begin(), told->end(), [&](const ToldEvent& failure) {
        return failure.created_at <= **began_at
               && *occurred_at <= failure.created_at + kClocksDiffer;
    });
}

bool answers(const AnsweredOrders& answered, const OrderRow& order) {
    if (answered.kind) return order.kind == *answered.kind && order.object == answered.object;
    return is_about_payment_itself(order.kind);
}

}  // namespace

std::optional<std::int64_t> told_minor(const UnifiedEvent& event, const Currency& currency) {
    if (event.currency != currency.upper()) return std::nullopt;
    return minor_units(event.amount, event.currency);
}

Result<Effect, StoreError> settle_news(Work& work, FullPayment& full, const UnifiedEvent& event) {
    if (event.type == EventType::payment_created) return Effect::already;
    const auto fact = fact_of(event, full.payment);
    if (!fact) return Effect::stale;
    const auto earlier = is_about_earlier_try(work, full, event);
    if (!earlier) return earlier.error();
    if (*earlier) return Effect::already;
    AnswerTerms terms;
    if (full.payment.gateway_payment_id.empty()) {
        terms.gateway_payment_id = event.gateway_payment_id;
    }
    const auto effect = settle_fact(work, full, *fact, terms);
    if (!effect || *effect == Effect::stale) return effect;
    const auto closed = close_orders_about(work, {.payment = full.payment.id});
    if (!closed) return closed.error();
    return effect;
}

Result<void, StoreError> close_orders_about(Work& work, const AnsweredOrders& answered) {
    const auto orders = open_orders_of(work.transaction.connection(), answered.payment);
    if (!orders) return orders.error();
    for (const OrderRow& order : *orders) {
        if (!answers(answered, order)) continue;
        const auto closed = delete_order(work.transaction, order.id);
        if (!closed) return closed.error();
    }
    return {};
}

}  // namespace postern::payments
