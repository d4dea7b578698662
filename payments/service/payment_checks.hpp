#pragma once

#include "payments/service/payment_service.hpp"

#include <optional>
#include <string_view>

// Inside the payment service: what is looked at before anything is written.
namespace postern::payments {

Refusal refusal_of(PaymentFault fault, const Payment& payment, std::string_view parameter = {});

// By name, or the one for payments that name none. Test keys see sandboxes only and live keys none:
// a test never moves money, and no live payment is made up.
[[nodiscard]] Done<const PaymentGateway*> choose_gateway(const Books& books, std::string_view name);
// Of a payment that is there.
[[nodiscard]] Done<const PaymentGateway*> gateway_of(const Books& books, const Payment& payment);

// The gateway for this method: the given one, unless it does not take such a method in the
// payment's currency, the payment was never sent to it, and another one takes it.
const PaymentGateway& gateway_taking(
    const Books& books,
    const Payment& payment,
    const PaymentMethod& method,
    const PaymentGateway& chosen
);

[[nodiscard]] Done<Customer> usable_customer(const Books& books, CustomerId id);
[[nodiscard]] Done<PaymentMethod> usable_method(const Books& books, PaymentMethodId id);

// A method about to pay for a payment, as both would be.
struct MethodChoice {
    const PaymentMethod& method;
    const Payment& payment;
    const Customer* customer = nullptr;  // the payment's
    const PaymentGateway& gateway;
};
std::optional<Refusal> why_not_pay_with(const MethodChoice& choice);
// Is it an amount that the gateway can say? `parameter` is who gave it.
std::optional<Refusal>
why_not_in_steps(const PaymentGateway& gateway, const Money& amount, std::string_view parameter);
// To be kept for the customer once it has paid: is there room?
std::optional<Refusal> why_not_keep(const MethodChoice& choice);

// While its gateway has not answered, nobody knows where a payment stands.
[[nodiscard]] Done<void> refuse_while_asked(const Books& books, const Payment& payment);

}  // namespace postern::payments
