#include "payments/gateways/sandbox/sandbox_answers.hpp"

#include "core/assert.hpp"
#include "payments/domain/paying_terms.hpp"
#include "payments/gateways/sandbox/sandbox_refusals.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

constexpr std::chrono::milliseconds kDisputeAfter{1'000};
constexpr std::string_view kDisputeReason = "fraudulent";
// Stripe's own conventions for evidence: these words decide a test dispute.
constexpr std::string_view kDecidingEvidence = "uncategorized_text";
constexpr std::string_view kWinningEvidence = "winning_evidence";
constexpr std::string_view kLosingEvidence = "losing_evidence";

CardScenario scenario_of_order(const GatewayOrder& order) {
    const bool has_card = order.method && order.method->card;
    return has_card ? order.method->card->scenario : CardScenario::succeeds;
}

bool is_bank(MethodType type) {
    return type == MethodType::us_bank_account || type == MethodType::bank_transfer;
}

PayingTerms terms_of(const GatewayOrder& order) {
    return paying_terms(order.payment, order.method ? order.method->type : MethodType::card);
}

bool captures_at_once(const GatewayOrder& order) {
    return terms_of(order).capture == PayingTerms::Capture::at_once;
}

// Some cards have to be challenged, and of every card a merchant may ask for it.
bool is_challenged(const GatewayOrder& order) {
    using Challenge = PayingTerms::Challenge;
    const CardScenario scenario = scenario_of_order(order);
    if (scenario == CardScenario::three_d_secure_required) return true;
    if (scenario == CardScenario::three_d_secure_challenge) return true;
    const Challenge wish = terms_of(order).challenge;
    if (scenario == CardScenario::three_d_secure_frictionless) return wish == Challenge::always;
    return wish != Challenge::where_required;
}

// Cards' money may be paid out before it settles, for a fee; nothing else's may.
Bucket bucket_of(const GatewayOrder& order) {
    const CardScenario scenario = scenario_of_order(order);
    if (scenario == CardScenario::available_at_once) return Bucket::available;
    const bool card = order.method && order.method->type == MethodType::card;
    return card ? Bucket::pending_instant : Bucket::pending;
}

void take_money(GatewayAnswer& answer, const GatewayOrder& order, std::int64_t minor) {
    answer.facts.push_back(Captured{minor});
    answer.bucket = bucket_of(order);
    answer.fee_minor = sandbox_fee(minor);
}

NextAction::Kind action_kind_of(MethodType type) {
    switch (type) {
        case MethodType::wechat_pay: return NextAction::Kind::qr_code;
        case MethodType::alipay: return NextAction::Kind::redirect;
        case MethodType::card:
        case MethodType::us_bank_account:
        case MethodType::bank_transfer: return NextAction::Kind::three_d_secure;
    }
    return NextAction::Kind::three_d_secure;
}

std::string_view reason_of(const PaymentError& error) {
    return error.decline_code.empty() ? error.code : error.decline_code;
}

// Cards are refunded at once; banks and WeChat Pay take their time.
bool refund_pends(SandboxKind kind, const GatewayOrder& order) {
    if (kind == SandboxKind::wechatpay) return true;
    if (order.method && is_bank(order.method->type)) return true;
    const CardScenario scenario = scenario_of_order(order);
    return scenario == CardScenario::refund_pends || scenario == CardScenario::refund_fails;
}

}  // namespace

GatewayAnswer SandboxAnswers::answer(const GatewayOrder& order) const {
    switch (order.kind) {
        case OrderKind::authorize: return authorize(order);
        case OrderKind::capture: return capture(order);
        case OrderKind::cancel: return cancel(order);
        case OrderKind::refund: return refund(order);
        case OrderKind::payout: return pay_out(order);
        case OrderKind::evidence: return judge_evidence(order);
        // The page has moved the payment already, when its customer has been there.
        case OrderKind::complete: return about_payment(order);
        case OrderKind::payout_cancel:
            return {.payout = PayoutFact{.status = PayoutStatus::canceled}};
        case OrderKind::dispute_close: return close_dispute(order);
    }
    return {};
}

GatewayAnswer SandboxAnswers::after_action(const GatewayOrder& order, ActionOutcome outcome) const {
    GatewayAnswer answer = about_payment(order);
    if (outcome != ActionOutcome::succeeded) {
        decline(answer, order, authentication_failure());
        return answer;
    }
    if (order.method && order.method->type == MethodType::card) {
        answer.three_d_secure = Charge::ThreeDSecure::challenge;
    }
    answer.facts.push_back(ActionPassed{});
    if (order.payment.confirmation_method == ConfirmationMethod::automatic) approve(answer, order);
    return answer;
}

GatewayAnswer SandboxAnswers::after_expiry(const GatewayOrder& order) const {
    GatewayAnswer answer = about_payment(order);
    decline(answer, order, authentication_failure());
    return answer;
}

GatewayAnswer SandboxAnswers::authorize(const GatewayOrder& order) const {
    POSTERN_ASSERT(order.method.has_value());
    if (is_bank(order.method->type)) return debit_bank(order);
    if (order.method->type == MethodType::card) return authorize_card(order);
    GatewayAnswer answer = about_payment(order);
    if (order.challenge == GatewayOrder::Challenge::passed) {
        approve(answer, order);
    } else {
        require_action(answer, order);
    }
    return answer;
}

GatewayAnswer SandboxAnswers::authorize_card(const GatewayOrder& order) const {
    const CardScenario scenario = scenario_of_order(order);
    GatewayAnswer answer = about_payment(order);
    if (auto error = decline_of(scenario)) {
        decline(answer, order, std::move(*error));
        return answer;
    }
    const bool challenged = is_challenged(order);
    if (challenged) {
        answer.three_d_secure = Charge::ThreeDSecure::challenge;
        if (order.challenge == GatewayOrder::Challenge::open) {
            require_action(answer, order);
            return answer;
        }
    }
    // No provider here announces a hold, so only a payment that is captured at once can be told
    // by webhook alone.
    if (scenario == CardScenario::gateway_silent && captures_at_once(order)) {
        answer.facts.push_back(Processing{});
        tell(answer, order, {.minor = order.payment.amount.minor, .delay = options_.settles_after});
        return answer;
    }
    if (scenario == CardScenario::three_d_secure_frictionless && !challenged) {
        answer.three_d_secure = Charge::ThreeDSecure::frictionless;
    }
    approve(answer, order);
    return answer;
}

GatewayAnswer SandboxAnswers::debit_bank(const GatewayOrder& order) const {
    GatewayAnswer answer = about_payment(order);
    answer.facts.push_back(Processing{});
    answer.bucket = Bucket::pending;
    const std::string_view failure =
        order.method->bank ? bank_failure_of(*order.method->bank) : std::string_view{};
    tell(
        answer,
        order,
        {.type = failure.empty() ? EventType::payment_succeeded : EventType::payment_failed,
         .minor = order.payment.amount.minor,
         .reason = std::string{failure},
         .delay = options_.settles_after}
    );
    return answer;
}

GatewayAnswer SandboxAnswers::capture(const GatewayOrder& order) const {
    GatewayAnswer answer = about_payment(order);
    take_money(answer, order, order.minor);
    tell(answer, order, {.type = EventType::payment_captured, .minor = order.minor});
    // Onerway says CAPTURE and nothing more; the others say that the payment succeeded as well.
    if (teller_.kind() != SandboxKind::onerway) tell(answer, order, {.minor = order.minor});
    open_dispute(answer, order, order.minor);
    return answer;
}

GatewayAnswer SandboxAnswers::cancel(const GatewayOrder& order) const {
    const Payment& payment = order.payment;
    GatewayAnswer answer;
    answer.facts.push_back(Canceled{payment.cancellation_reason});
    // A payment that was never sent to the provider is none that it could tell of.
    if (payment.gateway_payment_id.empty()) return answer;
    tell(
        answer,
        order,
        {.type = EventType::payment_canceled,
         .minor = payment.amount.minor,
         .reason = payment.cancellation_reason}
    );
    return answer;
}

GatewayAnswer SandboxAnswers::refund(const GatewayOrder& order) const {
    POSTERN_ASSERT(order.refund.has_value());
    const Refund& refund = *order.refund;
    GatewayAnswer answer;
    answer.gateway_object_id = teller_.ids().refund(refund);
    // Alipay's notices add up all refunds of a payment.
    const std::int64_t minor = teller_.kind() == SandboxKind::alipay
                                   ? std::max(order.payment.refunded_minor, refund.amount.minor)
                                   : refund.amount.minor;
    if (!refund_pends(teller_.kind(), order)) {
        answer.refund = RefundFact{.status = RefundStatus::succeeded};
        tell(answer, order, {.type = EventType::refund_succeeded, .minor = minor});
        return answer;
    }
    answer.refund = RefundFact{.status = RefundStatus::pending};
    tell(answer, order, {.type = EventType::refund_created, .minor = minor});
    const bool fails = scenario_of_order(order) == CardScenario::refund_fails;
    tell(
        answer,
        order,
        {.type = fails ? EventType::refund_failed : EventType::refund_succeeded,
         .minor = minor,
         .reason = fails ? "expired_or_canceled_card" : "",
         .delay = options_.settles_after}
    );
    return answer;
}

GatewayAnswer SandboxAnswers::pay_out(const GatewayOrder& order) const {
    POSTERN_ASSERT(order.payout.has_value());
    const Payout& payout = *order.payout;
    const std::int64_t minor = payout.amount.minor;
    const std::string_view failure = payout_failure_of(payout.destination);
    GatewayAnswer answer;
    answer.gateway_object_id = teller_.ids().payout(payout);
    if (!can_say(teller_.kind(), EventType::payout_paid)) {
        answer.payout = PayoutFact{
            .status = failure.empty() ? PayoutStatus::paid : PayoutStatus::failed,
            .failure_code = std::string{failure}};
        return answer;
    }
    answer.payout = PayoutFact{.status = PayoutStatus::pending};
    tell(
        answer,
        order,
        {.type = EventType::payout_created, .minor = minor, .delay = options_.settles_after}
    );
    tell(
        answer,
        order,
        {.type = failure.empty() ? EventType::payout_paid : EventType::payout_failed,
         .minor = minor,
         .reason = std::string{failure},
         .delay = 2 * options_.settles_after}
    );
    return answer;
}

GatewayAnswer SandboxAnswers::judge_evidence(const GatewayOrder& order) const {
    POSTERN_ASSERT(order.dispute.has_value());
    const Dispute& dispute = *order.dispute;
    GatewayAnswer answer;
    tell(
        answer,
        order,
        {.type = EventType::dispute_updated,
         .minor = dispute.amount.minor,
         .reason = dispute.reason}
    );
    for (const auto& [name, text] : dispute.evidence) {
        if (name != kDecidingEvidence) continue;
        if (text != kWinningEvidence && text != kLosingEvidence) continue;
        tell(
            answer,
            order,
            {.type = EventType::dispute_closed,
             .minor = dispute.amount.minor,
             .reason = dispute.reason,
             .outcome = text == kWinningEvidence ? "won" : "lost",
             .delay = options_.settles_after}
        );
    }
    return answer;
}

GatewayAnswer SandboxAnswers::close_dispute(const GatewayOrder& order) const {
    POSTERN_ASSERT(order.dispute.has_value());
    Dispute closed = *order.dispute;
    closed.status = status_when_closed(closed.status);
    GatewayAnswer answer;
    if (closed.status == DisputeStatus::lost) {
        tell(
            answer,
            order,
            {.type = EventType::dispute_closed,
             .minor = closed.amount.minor,
             .reason = closed.reason,
             .outcome = "lost"}
        );
    }
    answer.dispute = std::move(closed);
    return answer;
}

GatewayAnswer SandboxAnswers::about_payment(const GatewayOrder& order) const {
    GatewayAnswer answer;
    answer.gateway_payment_id = teller_.ids().payment(order.payment);
    answer.gateway_object_id = teller_.ids().charge(order.payment);
    return answer;
}

void SandboxAnswers::approve(GatewayAnswer& answer, const GatewayOrder& order) const {
    if (!captures_at_once(order)) {
        answer.facts.push_back(Authorized{});
        return;
    }
    const std::int64_t minor = order.payment.amount.minor;
    take_money(answer, order, minor);
    tell(answer, order, {.minor = minor});
    open_dispute(answer, order, minor);
}

void SandboxAnswers::decline(GatewayAnswer& answer, const GatewayOrder& order, PaymentError error)
    const {
    tell(
        answer,
        order,
        {.type = EventType::payment_failed,
         .minor = order.payment.amount.minor,
         .reason = std::string{reason_of(error)}}
    );
    answer.facts.push_back(Declined{std::move(error)});
}

// The order becomes the action: one number names both.
void SandboxAnswers::require_action(GatewayAnswer& answer, const GatewayOrder& order) const {
    NextAction action;
    action.id = ActionId{order.id.value};
    action.kind = action_kind_of(order.method->type);
    action.url = options_.public_url + "/sandbox/actions/" + options_.ids.encode(action.id);
    // Real codes open an app that would not know this payment: ours opens the page.
    if (action.kind == NextAction::Kind::qr_code) action.qr_text = action.url;
    action.return_url = order.payment.details.return_url;
    action.expires_at = order.now + kActionLives;
    answer.facts.push_back(ActionRequired{std::move(action)});
    tell(
        answer,
        order,
        {.type = EventType::payment_requires_action, .minor = order.payment.amount.minor}
    );
}

// At once, so that nobody has to wait to try disputes; the provider says it a little later.
void SandboxAnswers::open_dispute(
    GatewayAnswer& answer,
    const GatewayOrder& order,
    std::int64_t minor
) const {
    if (scenario_of_order(order) != CardScenario::disputed) return;
    Dispute dispute;
    dispute.amount = {.minor = minor, .currency = order.payment.amount.currency};
    dispute.reason = kDisputeReason;
    dispute.gateway_dispute_id = teller_.ids().dispute(order.payment, order.id.value);
    answer.dispute = std::move(dispute);
    tell(
        answer,
        order,
        {.type = EventType::dispute_created,
         .minor = minor,
         .reason = std::string{kDisputeReason},
         .delay = kDisputeAfter}
    );
}

void SandboxAnswers::tell(GatewayAnswer& answer, const GatewayOrder& order, const Telling& telling)
    const {
    std::string dispute_id;
    if (subject_of(telling.type) == EventSubject::dispute) {
        dispute_id = order.dispute ? order.dispute->gateway_dispute_id
                                   : teller_.ids().dispute(order.payment, order.id.value);
    }
    const TellingAbout about{
        .payment = order.payment,
        .refund = order.refund ? &*order.refund : nullptr,
        .payout = order.payout ? &*order.payout : nullptr,
        .gateway_dispute_id = dispute_id,
        .cause = order.id.value};
    if (auto message = teller_.message(about, telling)) {
        answer.messages.push_back(std::move(*message));
    }
}

}  // namespace postern::payments
