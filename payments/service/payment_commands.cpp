#include "core/crypto.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/service/gateway_orders.hpp"
#include "payments/service/payment_checks.hpp"
#include "payments/service/payment_edits.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/service/settlement.hpp"

#include <utility>

// What is done with a payment that is there: confirm, capture, cancel, complete.
namespace postern::payments {
namespace {

constexpr std::string_view kWrongSecret =
    "The client_secret provided does not match the client_secret associated with the"
    " PaymentIntent.";

bool is_secret_of(const Books& books, const Payment& payment, std::string_view offered) {
    std::string expected = stripe_id(books.around.ids, payment.id);
    expected += "_secret_";
    expected += payment.client_secret;
    return equal_in_constant_time(expected, offered);
}

std::optional<Refusal> why_not_confirm_so(const EditPlan& plan, const PaymentGateway& gateway) {
    Payment chosen = plan.payment;
    const PaymentMethod* method = method_of(plan);
    if (method != nullptr) chosen.method = method->id;
    if (const auto fault = why_not_confirm(chosen)) return refusal_of(*fault, plan.payment);
    const MethodChoice choice{
        .method = *method,
        .payment = plan.payment,
        .customer = plan.customer ? &*plan.customer : nullptr,
        .gateway = gateway};
    if (auto refusal = why_not_pay_with(choice)) return refusal;
    return why_not_keep(choice);
}

// A sandbox's bank that is told to stop shall not go on to say that it has paid.
Result<void, StoreError> stop_bank(Work& work, const Payment& payment) {
    if (payment.status != PaymentStatus::processing) return {};
    return withdraw_messages(work.transaction, {payment.gateway, payment.gateway_payment_id});
}

// What an operation needs of a payment that exists: itself, its gateway, and no open question.
struct Subject {
    FullPayment full;
    const PaymentGateway* gateway = nullptr;
};
Done<Subject> load_subject(const Books& books, PaymentId id) {
    auto full = load_payment(books, id);
    if (!full) return full.error();
    const auto gateway = gateway_of(books, full->payment);
    if (!gateway) return gateway.error();
    return Subject{std::move(*full), *gateway};
}

}  // namespace

Done<FullPayment> confirm_payment(Work& work, PaymentId id, const Confirmation& confirmation) {
    auto subject = load_subject(work.books(), id);
    if (!subject) return subject.error();
    FullPayment& full = subject->full;
    const std::string& secret = confirmation.client_secret;
    if (!secret.empty() && !is_secret_of(work.books(), full.payment, secret)) {
        return Refusal{
            .reason = Reason::parameter_invalid,
            .parameter = "client_secret",
            .detail = std::string{kWrongSecret}};
    }
    auto plan = plan_edit(work.books(), full, confirmation.edit);
    if (!plan) return plan.error();
    const auto gateway = gateway_of(work.books(), plan->payment);
    if (!gateway) return gateway.error();
    if (auto refusal = why_not_confirm_so(*plan, **gateway)) return std::move(*refusal);
    const auto edited = carry_out(work, full, std::move(*plan));
    if (!edited) return edited.error();
    const auto asked = ask_about_payment(work, full, {.minor = full.payment.amount.minor});
    if (!asked) return asked.error();
    return std::move(full);
}

Done<FullPayment> capture_payment(Work& work, PaymentId id, std::optional<std::int64_t> minor) {
    auto subject = load_subject(work.books(), id);
    if (!subject) return subject.error();
    FullPayment& full = subject->full;
    const std::int64_t wanted = minor.value_or(full.payment.capturable_minor);
    if (const auto fault = why_not_capture(full.payment, wanted)) {
        return refusal_of(*fault, full.payment, minor ? "amount_to_capture" : "");
    }
    const Money amount{wanted, full.payment.amount.currency};
    if (auto refusal = why_not_in_steps(*subject->gateway, amount, "amount_to_capture")) {
        return std::move(*refusal);
    }
    const auto free = refuse_while_asked(work.books(), full.payment);
    if (!free) return free.error();
    const auto asked = ask_about_payment(work, full, {.kind = OrderKind::capture, .minor = wanted});
    if (!asked) return asked.error();
    return std::move(full);
}

Done<FullPayment> cancel_payment(Work& work, PaymentId id, std::string_view reason) {
    auto subject = load_subject(work.books(), id);
    if (!subject) return subject.error();
    FullPayment& full = subject->full;
    if (const auto fault = why_not_cancel(full.payment)) return refusal_of(*fault, full.payment);
    const auto free = refuse_while_asked(work.books(), full.payment);
    if (!free) return free.error();
    if (full.payment.gateway_payment_id.empty()) {  // no gateway has heard of it
        const auto effect = settle_fact(work, full, Canceled{std::string{reason}}, {});
        if (!effect) return effect.error();
        return std::move(full);
    }
    const auto stopped = stop_bank(work, full.payment);
    if (!stopped) return stopped.error();
    const auto asked = ask_about_payment(work, full, {.kind = OrderKind::cancel, .reason = reason});
    if (!asked) return asked.error();
    return std::move(full);
}

Done<FullPayment> complete_payment_action(Work& work, PaymentId id) {
    auto subject = load_subject(work.books(), id);
    if (!subject) return subject.error();
    FullPayment& full = subject->full;
    if (full.payment.status != PaymentStatus::requires_action) return std::move(full);
    // A sandbox's page settles the payment itself, and nothing else may.
    if (subject->gateway->mode == PaymentGateway::Mode::sandbox) return std::move(full);
    const auto orders = refuse_while_asked(work.books(), full.payment);
    if (!orders) return orders.error();
    const auto asked = ask_about_payment(work, full, {.kind = OrderKind::complete});
    if (!asked) return asked.error();
    return std::move(full);
}

}  // namespace postern::payments
