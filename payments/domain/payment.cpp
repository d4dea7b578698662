#include "payments/domain/payment.hpp"

#include "core/assert.hpp"

#include <array>
#include <utility>

namespace postern::payments {
namespace {

// Facts are told by answers, pages and webhooks, and may come twice, late, or in any order. Each
// overload says where the payment can still go by its fact; what falls through is stale.
class Mover {
 public:
    Mover(Payment& payment, TimePoint now) : payment_{payment}, now_{now} {}

    Effect operator()(const Authorized& fact);
    Effect operator()(const Captured& fact);
    Effect operator()(const Processing& fact);
    Effect operator()(const ActionRequired& fact);
    Effect operator()(const ActionPassed& fact);
    Effect operator()(const Declined& fact);
    Effect operator()(const Canceled& fact);

 private:
    Effect move_to(PaymentStatus status);
    // The money is neither held nor taken, and the payment has not ended.
    bool is_undecided() const;
    // The last try failed and nothing was chosen for another: a step of a try is one of the past.
    bool has_no_try() const { return has_failed(payment_) && !payment_.method; }

    Payment& payment_;
    TimePoint now_;
};

bool Mover::is_undecided() const {
    switch (payment_.status) {
        case PaymentStatus::requires_payment_method:
        case PaymentStatus::requires_confirmation:
        case PaymentStatus::requires_action:
        case PaymentStatus::processing: return true;
        case PaymentStatus::requires_capture:
        case PaymentStatus::succeeded:
        case PaymentStatus::canceled: return false;
    }
    return false;
}

Effect Mover::move_to(PaymentStatus status) {
    payment_.status = status;
    payment_.next_action.reset();
    payment_.last_error.reset();
    payment_.capturable_minor = 0;
    payment_.updated_at = now_;
    return Effect::moved;
}

Effect Mover::operator()(const Authorized&) {
    if (payment_.status == PaymentStatus::requires_capture) return Effect::already;
    if (!is_undecided()) return Effect::stale;
    move_to(PaymentStatus::requires_capture);
    payment_.capturable_minor = payment_.amount.minor;
    return Effect::moved;
}

// Money that was taken after the payment was canceled, or in a sum that this payment cannot have:
// the payment does not move, and the stale effect tells that somebody has to look at it.
Effect Mover::operator()(const Captured& fact) {
    const bool same = payment_.received_minor == fact.minor;
    if (payment_.status == PaymentStatus::succeeded && same) return Effect::already;
    if (is_ended(payment_.status)) return Effect::stale;
    if (fact.minor <= 0 || fact.minor > payment_.amount.minor) return Effect::stale;
    move_to(PaymentStatus::succeeded);
    payment_.received_minor = fact.minor;
    payment_.captured_at = now_;
    return Effect::moved;
}

Effect Mover::operator()(const Processing&) {
    if (payment_.status == PaymentStatus::processing) return Effect::already;
    if (!is_undecided() || has_no_try()) return Effect::stale;
    return move_to(PaymentStatus::processing);
}

bool has_page(const NextAction& action) {
    return !action.url.empty() || !action.qr_text.empty();
}

// The page's own number is given to it when it is stored, so a gateway that repeats itself may not
// know it.
bool is_same_page(const NextAction& a, const NextAction& b) {
    const bool same_id = a.id == b.id || a.id == ActionId{} || b.id == ActionId{};
    return same_id && a.kind == b.kind && a.url == b.url && a.qr_text == b.qr_text;
}

// Where no answer of the gateway can have told of an action with its page.
bool is_untried(const Payment& payment) {
    if (payment.latest_charge) return false;
    if (payment.status == PaymentStatus::requires_payment_method) return true;
    // Confirmed by hand, a payment comes back here after its action.
    return payment.status == PaymentStatus::requires_confirmation
           && payment.confirmation_method == ConfirmationMethod::automatic;
}

// An action without a page is hearsay of one. It never takes a page away, and moves only a payment
// that was not tried here: elsewhere it is news of a step that was told with its page.
Effect Mover::operator()(const ActionRequired& fact) {
    const bool waits = payment_.status == PaymentStatus::requires_action;
    if (waits && !has_page(fact.action)) return Effect::already;
    if (waits && is_same_page(*payment_.next_action, fact.action)) return Effect::already;
    if (!is_undecided() || has_no_try()) return Effect::stale;
    if (!has_page(fact.action) && !is_untried(payment_)) return Effect::stale;
    move_to(PaymentStatus::requires_action);
    payment_.next_action = fact.action;
    return Effect::moved;
}

// Where a payment stands once its customer has done what was asked. One that was confirmed
// elsewhere may have no method here, and then has to be given one.
PaymentStatus status_after_action(const Payment& payment) {
    if (payment.confirmation_method == ConfirmationMethod::automatic) {
        return PaymentStatus::processing;
    }
    return payment.method ? PaymentStatus::requires_confirmation
                          : PaymentStatus::requires_payment_method;
}

Effect Mover::operator()(const ActionPassed&) {
    const PaymentStatus after = status_after_action(payment_);
    if (payment_.status == after) return Effect::already;
    if (payment_.status != PaymentStatus::requires_action) return Effect::stale;
    return move_to(after);
}

// The provider's webhook may say less of the same error than its answer did.
bool is_same_error(const PaymentError& a, const PaymentError& b) {
    if (a.code != b.code) return false;
    return a.decline_code == b.decline_code || a.decline_code.empty() || b.decline_code.empty();
}

Effect Mover::operator()(const Declined& fact) {
    if (!is_undecided()) return Effect::stale;
    if (has_no_try() && is_same_error(*payment_.last_error, fact.error)) return Effect::already;
    // What failed is not tried again unless it is chosen again.
    std::optional<PaymentMethodId> failed = std::exchange(payment_.method, {});
    if (!failed && payment_.last_error) failed = payment_.last_error->method;
    move_to(PaymentStatus::requires_payment_method);
    payment_.last_error = fact.error;
    payment_.last_error->method = failed;
    return Effect::moved;
}

Effect Mover::operator()(const Canceled& fact) {
    if (payment_.status == PaymentStatus::canceled) return Effect::already;
    if (payment_.status == PaymentStatus::succeeded) return Effect::stale;
    auto last_error = std::move(payment_.last_error);
    move_to(PaymentStatus::canceled);
    payment_.last_error = std::move(last_error);
    payment_.cancellation_reason = fact.reason;
    payment_.canceled_at = now_;
    return Effect::moved;
}

constexpr std::array kStatuses = {
    PaymentStatus::requires_payment_method,
    PaymentStatus::requires_confirmation,
    PaymentStatus::requires_action,
    PaymentStatus::processing,
    PaymentStatus::requires_capture,
    PaymentStatus::succeeded,
    PaymentStatus::canceled,
};

bool waits_for_confirmation(const Payment& payment) {
    return payment.status == PaymentStatus::requires_payment_method
           || payment.status == PaymentStatus::requires_confirmation;
}

}  // namespace

std::string_view to_text(PaymentStatus status) {
    switch (status) {
        case PaymentStatus::requires_payment_method: return "requires_payment_method";
        case PaymentStatus::requires_confirmation: return "requires_confirmation";
        case PaymentStatus::requires_action: return "requires_action";
        case PaymentStatus::processing: return "processing";
        case PaymentStatus::requires_capture: return "requires_capture";
        case PaymentStatus::succeeded: return "succeeded";
        case PaymentStatus::canceled: return "canceled";
    }
    return "";
}

std::optional<PaymentStatus> payment_status_from_text(std::string_view text) {
    for (const PaymentStatus status : kStatuses) {
        if (to_text(status) == text) return status;
    }
    return std::nullopt;
}

Effect apply(Payment& payment, const PaymentFact& fact, TimePoint now) {
    return std::visit(Mover{payment, now}, fact);
}

void choose_method(Payment& payment, PaymentMethodId method, TimePoint now) {
    POSTERN_ASSERT(waits_for_confirmation(payment));
    payment.status = PaymentStatus::requires_confirmation;
    payment.method = method;
    payment.last_error.reset();
    payment.updated_at = now;
}

void drop_method(Payment& payment) {
    POSTERN_ASSERT(waits_for_confirmation(payment));
    payment.status = PaymentStatus::requires_payment_method;
    payment.method.reset();
    payment.authenticated_method.reset();
}

std::optional<PaymentFault> why_not_choose_method(const Payment& payment) {
    if (!waits_for_confirmation(payment)) return PaymentFault::unexpected_status;
    return std::nullopt;
}

std::optional<PaymentFault> why_not_confirm(const Payment& payment) {
    if (!waits_for_confirmation(payment)) return PaymentFault::unexpected_status;
    if (!payment.method) return PaymentFault::method_missing;
    return std::nullopt;
}

std::optional<PaymentFault> why_not_capture(const Payment& payment, std::int64_t minor) {
    if (payment.status == PaymentStatus::succeeded) return PaymentFault::already_captured;
    if (payment.status == PaymentStatus::canceled) return PaymentFault::already_canceled;
    if (payment.status != PaymentStatus::requires_capture) return PaymentFault::unexpected_status;
    if (minor <= 0) return PaymentFault::amount_invalid;
    if (minor > payment.capturable_minor) return PaymentFault::amount_over_capturable;
    return std::nullopt;
}

std::optional<PaymentFault> why_not_cancel(const Payment& payment) {
    if (payment.status == PaymentStatus::succeeded) return PaymentFault::already_captured;
    if (payment.status == PaymentStatus::canceled) return PaymentFault::already_canceled;
    return std::nullopt;
}

// While a challenge is open the sum is the one that the customer was shown.
std::optional<PaymentFault> why_not_change_amount(const Payment& payment, std::int64_t minor) {
    if (!waits_for_confirmation(payment)) return PaymentFault::unexpected_status;
    return why_not_amount(minor);
}

std::optional<PaymentFault> why_not_amount(std::int64_t minor) {
    if (minor <= 0) return PaymentFault::amount_invalid;
    if (minor < kAmountMinorMin) return PaymentFault::amount_too_small;
    if (minor > kAmountMinorMax) return PaymentFault::amount_too_large;
    return std::nullopt;
}

bool is_ended(PaymentStatus status) {
    return status == PaymentStatus::succeeded || status == PaymentStatus::canceled;
}

bool has_failed(const Payment& payment) {
    return payment.status == PaymentStatus::requires_payment_method && payment.last_error;
}

}  // namespace postern::payments
