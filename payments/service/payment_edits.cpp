#include "payments/service/payment_edits.hpp"

#include "payments/service/customer_service.hpp"
#include "payments/service/payment_checks.hpp"
#include "payments/service/settlement.hpp"

#include <utility>

namespace postern::payments {
namespace {

template <class Value>
void put(Value& value, const std::optional<Value>& edited) {
    if (edited) value = *edited;
}

// What a payment pays with, and how, is settled once it is on its way.
bool is_about_paying(const PaymentEdit& edit) {
    return edit.customer || edit.method || edit.new_method || edit.capture_method
           || edit.clear_method == PaymentEdit::ClearMethod::yes || edit.method_types
           || edit.redirects || edit.method_options || edit.setup_future_usage;
}

std::optional<Refusal> why_not_edit(const Payment& payment, const PaymentEdit& edit) {
    if (edit.amount && *edit.amount != payment.amount) {
        const auto fault = why_not_change_amount(payment, edit.amount->minor);
        if (fault) return refusal_of(*fault, payment, "amount");
    }
    if (is_about_paying(edit)) {
        if (const auto fault = why_not_choose_method(payment)) return refusal_of(*fault, payment);
    }
    return std::nullopt;
}

void edit_values(Payment& payment, const PaymentEdit& edit) {
    PaymentDetails& details = payment.details;
    // The customer agreed to another sum, and must be asked again.
    if (edit.amount && *edit.amount != payment.amount) payment.authenticated_method.reset();
    put(payment.amount, edit.amount);
    put(payment.capture_method, edit.capture_method);
    put(details.description, edit.description);
    put(details.receipt_email, edit.receipt_email);
    put(details.statement_descriptor, edit.statement_descriptor);
    put(details.statement_descriptor_suffix, edit.statement_descriptor_suffix);
    put(details.setup_future_usage, edit.setup_future_usage);
    put(details.return_url, edit.return_url);
    put(details.transfer_group, edit.transfer_group);
    put(details.shipping, edit.shipping);
    put(details.method_types, edit.method_types);
    put(details.redirects, edit.redirects);
    put(details.method_options, edit.method_options);
    merge(details.metadata, edit.metadata, edit.clear_metadata);
}

const PaymentGateway&
gateway_for(const Books& books, const EditPlan& plan, const PaymentGateway& present) {
    const PaymentMethod* method = method_of(plan);
    if (method == nullptr) return present;
    return gateway_taking(books, plan.payment, *method, present);
}

std::optional<Refusal> why_not_pay_as_planned(const EditPlan& plan, const PaymentGateway& gateway) {
    const PaymentMethod* method = method_of(plan);
    if (method == nullptr) return std::nullopt;
    return why_not_pay_with(
        {.method = *method,
         .payment = plan.payment,
         .customer = plan.customer ? &*plan.customer : nullptr,
         .gateway = gateway}
    );
}

Done<void> plan_parties(const Books& books, EditPlan& plan, const PaymentEdit& edit) {
    if (edit.customer) {
        auto customer = usable_customer(books, *edit.customer);
        if (!customer) return customer.error();
        plan.payment.customer = customer->id;
        plan.customer = std::move(*customer);
    }
    if (edit.method && !edit.new_method) {
        auto method = usable_method(books, *edit.method);
        if (!method) return method.error();
        plan.method = std::move(*method);
    }
    plan.new_method = edit.new_method;
    return {};
}

}  // namespace

const PaymentMethod* method_of(const EditPlan& plan) {
    if (plan.new_method) return &plan.new_method->method;
    return plan.method ? &*plan.method : nullptr;
}

Done<EditPlan> plan_edit(const Books& books, const FullPayment& full, const PaymentEdit& edit) {
    if (auto refusal = why_not_edit(full.payment, edit)) return std::move(*refusal);
    const auto gateway = gateway_of(books, full.payment);
    EditPlan plan{
        .payment = full.payment,
        .customer = full.customer,
        .method = full.method,
        .new_method = {}};
    edit_values(plan.payment, edit);
    if (edit.clear_method == PaymentEdit::ClearMethod::yes) {
        drop_method(plan.payment);
        plan.method.reset();
    }
    if (const auto parties = plan_parties(books, plan, edit); !parties) return parties.error();
    if (is_about_paying(edit) || edit.amount) {
        if (!gateway) return gateway.error();
        const PaymentGateway& taking = gateway_for(books, plan, **gateway);
        plan.payment.gateway = taking.number;
        if (auto refusal = why_not_pay_as_planned(plan, taking)) return std::move(*refusal);
    }
    return plan;
}

Done<void> carry_out(Work& work, FullPayment& full, EditPlan plan) {
    if (plan.new_method) {
        auto method = create_method(work, std::move(*plan.new_method), std::nullopt);
        if (!method) return method.error();
        plan.method = std::move(*method);
    }
    if (plan.method && plan.payment.method != plan.method->id) {
        choose_method(plan.payment, plan.method->id, work.now());
    }
    if (plan.payment != full.payment) {
        plan.payment.updated_at = work.now();
        const auto saved = save_payment(work, plan.payment, full.payment);
        if (!saved) return saved.error();
    }
    full.payment = std::move(plan.payment);
    full.customer = std::move(plan.customer);
    full.method = std::move(plan.method);
    if (!full.payment.last_error) full.failed_method.reset();
    return {};
}

}  // namespace postern::payments
