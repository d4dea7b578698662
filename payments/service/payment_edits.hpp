#pragma once

#include "payments/service/payment_service.hpp"

// Inside the payment service: changes that a merchant asks for, looked at first and written then.
namespace postern::payments {

struct EditPlan {
    Payment payment;  // as it will be, but for a new method's number
    std::optional<Customer> customer;
    std::optional<PaymentMethod> method;
    std::optional<NewMethod> new_method;
};
[[nodiscard]] Done<EditPlan>
plan_edit(const Books& books, const FullPayment& full, const PaymentEdit& edit);

// The method that the plan would pay with; none: nullptr.
const PaymentMethod* method_of(const EditPlan& plan);

// Writes nothing where nothing changes.
[[nodiscard]] Done<void> carry_out(Work& work, FullPayment& full, EditPlan plan);

}  // namespace postern::payments
