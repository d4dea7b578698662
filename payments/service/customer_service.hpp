#pragma once

#include "payments/domain/customer.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/failure.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/work.hpp"

namespace postern::payments {

struct CustomerEdit {
    std::optional<std::string> email, name, phone, description;
    std::optional<std::optional<Address>> address;
    std::optional<std::optional<Shipping>> shipping;
    // Of a new customer: attached to it. Later: attached to it already, or none any more.
    std::optional<std::optional<PaymentMethodId>> default_method;
    Metadata metadata;
    PaymentEdit::ClearMetadata clear_metadata = PaymentEdit::ClearMetadata::no;
};
// Merges pair by pair; the limits of metadata are the dialect's to check before.
void merge(Metadata& metadata, const Metadata& changes, PaymentEdit::ClearMetadata clear);

[[nodiscard]] Done<Customer> create_customer(Work& work, const CustomerEdit& draft);
[[nodiscard]] Done<Customer> load_customer(const Books& books, CustomerId id);  // deleted: found
[[nodiscard]] Done<Customer>
update_customer_of(Work& work, CustomerId id, const CustomerEdit& edit);
// Detaches its methods; its payments stay.
[[nodiscard]] Done<Customer> delete_customer(Work& work, CustomerId id);
// By any spelling that the R Commerce dialect takes: a UUID of the shop's own makes the customer at
// its first use, "cus_…" must be there.
[[nodiscard]] Done<Customer> provide_customer(Work& work, std::string_view spelled);
struct SpelledCustomer {
    std::string_view spelled;
    std::string_view email;  // of a customer that is made by it
};
[[nodiscard]] Done<Customer> provide_customer(Work& work, const SpelledCustomer& customer);
[[nodiscard]] Done<Customer> find_spelled_customer(const Books& books, std::string_view spelled);

// The one door through which methods come into the store: what has a number gets its fingerprint
// and, where the operator keeps a vault, its sealed number. A draft whose state is `reusable` pays
// again and again though no customer has it.
[[nodiscard]] Done<PaymentMethod>
create_method(Work& work, NewMethod draft, std::optional<CustomerId> attach_to);
[[nodiscard]] Done<PaymentMethod> load_method(const Books& books, PaymentMethodId id);
// "pm_card_visa" and its kind, Stripe's ready-made test methods: made anew at each use.
std::optional<NewMethod> ready_made_method(std::string_view name);
// As it would be made, but for its id: nothing is written.
PaymentMethod preview_of(const Books& books, const NewMethod& ready_made);
struct MethodEdit {
    std::optional<BillingDetails> billing;  // all of it: what a request leaves out is as it was
    std::optional<int> exp_month, exp_year;
    Metadata metadata;
    PaymentEdit::ClearMetadata clear_metadata = PaymentEdit::ClearMetadata::no;
};
std::optional<Refusal> why_not_update(const PaymentMethod& method, const MethodEdit& edit);
[[nodiscard]] Done<PaymentMethod>
update_method(Work& work, PaymentMethodId id, const MethodEdit& edit);
[[nodiscard]] Done<PaymentMethod>
attach_method(Work& work, PaymentMethodId id, CustomerId customer);
// What is detached pays no more. Deleted: it answers as absent in the R Commerce dialect too.
[[nodiscard]] Done<PaymentMethod> detach_method(Work& work, PaymentMethodId id);
[[nodiscard]] Done<PaymentMethod> delete_method(Work& work, PaymentMethodId id);
[[nodiscard]] Done<PaymentMethod> make_default(Work& work, PaymentMethodId id, CustomerId customer);

}  // namespace postern::payments
