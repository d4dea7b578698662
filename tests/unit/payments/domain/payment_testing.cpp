#include "tests/unit/payments/domain/payment_testing.hpp"

namespace postern::payments {
namespace {

std::string impossible_amounts(const Payment& payment) {
    if (payment.received_minor < 0 || payment.capturable_minor < 0 || payment.refunded_minor < 0) {
        return "a sum is negative";
    }
    if (payment.received_minor + payment.capturable_minor > payment.amount.minor) {
        return "more is held and taken than was agreed";
    }
    if (payment.refunded_minor > payment.received_minor) return "more is refunded than was taken";
    const bool succeeded = payment.status == PaymentStatus::succeeded;
    if (succeeded != (payment.received_minor > 0)) return "success and money disagree";
    const bool held = payment.status == PaymentStatus::requires_capture;
    if (held != (payment.capturable_minor > 0)) return "the hold and its sum disagree";
    return {};
}

}  // namespace

Payment new_payment() {
    Payment payment;
    payment.id = PaymentId{1};
    payment.amount.minor = kAmount;
    payment.created_at = kNow;
    payment.updated_at = kNow;
    return payment;
}

Payment failed_payment(const PaymentError& error) {
    Payment payment = new_payment();
    payment.last_error = error;
    return payment;
}

Payment payment_at(PaymentStatus status) {
    Payment payment = new_payment();
    payment.status = status;
    if (status != PaymentStatus::requires_payment_method) payment.method = PaymentMethodId{1};
    if (status == PaymentStatus::requires_action) payment.next_action = page(1);
    if (status == PaymentStatus::requires_capture) payment.capturable_minor = kAmount;
    if (status == PaymentStatus::succeeded) {
        payment.received_minor = kAmount;
        payment.captured_at = kNow;
    }
    if (status == PaymentStatus::canceled) {
        payment.canceled_at = kNow;
        payment.cancellation_reason = "abandoned";
    }
    return payment;
}

std::string impossible(const Payment& payment) {
    if (auto complaint = impossible_amounts(payment); !complaint.empty()) return complaint;
    const PaymentStatus status = payment.status;
    if ((status == PaymentStatus::requires_action) != payment.next_action.has_value()) {
        return "an action is asked for and missing, or left behind";
    }
    if ((status == PaymentStatus::requires_payment_method) && payment.method) {
        return "a method is asked for and is there";
    }
    if (status == PaymentStatus::requires_confirmation && !payment.method) {
        return "it is to be confirmed without a method";
    }
    const bool may_have_failed =
        status == PaymentStatus::requires_payment_method || status == PaymentStatus::canceled;
    if (payment.last_error && !may_have_failed) return "an old failure was left behind";
    if ((status == PaymentStatus::succeeded) != payment.captured_at.has_value()) {
        return "success and its moment disagree";
    }
    if ((status == PaymentStatus::canceled) != payment.canceled_at.has_value()) {
        return "the end and its moment disagree";
    }
    if (status != PaymentStatus::canceled && !payment.cancellation_reason.empty()) {
        return "it has a reason for an end that it did not have";
    }
    return {};
}

}  // namespace postern::payments
