#pragma once

#include "payments/domain/customer.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/failure.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string_view>

// Inside the customer and method services: what both of them do with customers and their methods.
namespace postern::payments {

// What is named in a path, or by a parameter.
struct Naming {
    std::string_view parameter = {};  // by the /v1 name; empty: in the path
};
[[nodiscard]] Done<Customer> need_customer(const Books& books, CustomerId id, Naming naming);
[[nodiscard]] Done<PaymentMethod>
need_method(const Books& books, PaymentMethodId id, Naming naming);

// Before anything is written.
std::optional<Refusal> why_not_attach(const PaymentMethod& method);
std::optional<Refusal> why_not_take_method(const Customer& customer);

// Each writes both rows and tells it.
[[nodiscard]] Result<void, StoreError>
attach(Work& work, PaymentMethod& method, Customer& customer);
[[nodiscard]] Result<void, StoreError>
detach(Work& work, PaymentMethod& method, PaymentMethod::State end);
// All of a customer that goes: its own row is the caller's to write.
[[nodiscard]] Result<void, StoreError> detach_all(Work& work, const Customer& customer);

}  // namespace postern::payments
