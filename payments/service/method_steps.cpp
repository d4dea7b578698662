#include "payments/service/method_steps.hpp"

#include "payments/records/customer_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/previous_attributes.hpp"

#include <utility>

namespace postern::payments {
namespace {

template <class Id>
Failure absent(const Books& books, Id id, std::string_view what, Naming naming) {
    const bool in_path = naming.parameter.empty();
    return Refusal{
        .reason = in_path ? Reason::not_found : Reason::reference_missing,
        .parameter = std::string{naming.parameter},
        .what = std::string{what},
        .id = stripe_id(books.around.ids, id)};
}

// The customer's own row after one of its methods went.
Result<void, StoreError> note_gone(Work& work, CustomerId id, PaymentMethodId method) {
    auto found = find_customer(work.transaction.connection(), work.owner, id);
    if (!found) return found.error();
    if (!*found) return StoreError::failed;  // a method names a customer that is not there
    const Customer before = std::move(**found);
    Customer after = before;
    after.methods -= 1;
    if (after.default_method == method) after.default_method.reset();
    if (const auto done = update_customer(work.transaction, after); !done) return done;
    const std::string previous = previous_attributes(work.around, Change<Customer>{before, after});
    if (previous.empty()) return {};
    return announce_customer(work, "customer.updated", after, previous);
}

Result<void, StoreError> end_method(Work& work, PaymentMethod& method, PaymentMethod::State end) {
    const PaymentMethod before = method;
    method.customer.reset();
    method.state = end;
    method.vault.clear();
    if (const auto done = update_payment_method(work.transaction, method); !done) return done;
    if (!before.customer) return {};  // its customers are the only ones to be told of
    const std::string previous =
        previous_attributes(work.around, Change<PaymentMethod>{before, method});
    return announce_method(work, "payment_method.detached", method, previous);
}

}  // namespace

Done<Customer> need_customer(const Books& books, CustomerId id, Naming naming) {
    auto found = find_customer(books.connection, books.owner, id);
    if (!found) return Failure{found.error()};
    if (!*found || (*found)->deleted_at) return absent(books, id, "customer", naming);
    return std::move(**found);
}

Done<PaymentMethod> need_method(const Books& books, PaymentMethodId id, Naming naming) {
    auto found = find_payment_method(books.connection, books.owner, id);
    if (!found) return Failure{found.error()};
    if (!*found) return absent(books, id, "payment_method", naming);
    return std::move(**found);
}

std::optional<Refusal> why_not_attach(const PaymentMethod& method) {
    Refusal refusal{.reason = Reason::method_not_usable, .parameter = "payment_method"};
    if (method.customer) {
        refusal.detail = "The payment method you provided has already been attached to a customer.";
        return refusal;
    }
    switch (method.state) {
        case PaymentMethod::State::usable:
        case PaymentMethod::State::reusable: return std::nullopt;
        case PaymentMethod::State::used_up:
        case PaymentMethod::State::deleted: break;
    }
    refusal.detail =
        "This PaymentMethod was previously used without being attached to a Customer or was "
        "detached from a Customer, and may not be used again.";
    return refusal;
}

std::optional<Refusal> why_not_take_method(const Customer& customer) {
    if (customer.methods < kMethodsPerCustomerMax) return std::nullopt;
    return Refusal{.reason = Reason::methods_max, .parameter = "customer"};
}

Result<void, StoreError> attach(Work& work, PaymentMethod& method, Customer& customer) {
    method.customer = customer.id;
    method.state = PaymentMethod::State::usable;
    if (const auto done = update_payment_method(work.transaction, method); !done) return done;
    customer.methods += 1;
    if (const auto done = update_customer(work.transaction, customer); !done) return done;
    return announce_method(work, "payment_method.attached", method);
}

Result<void, StoreError> detach(Work& work, PaymentMethod& method, PaymentMethod::State end) {
    const std::optional<CustomerId> customer = method.customer;
    if (const auto done = end_method(work, method, end); !done) return done;
    if (!customer) return {};
    return note_gone(work, *customer, method.id);
}

Result<void, StoreError> detach_all(Work& work, const Customer& customer) {
    const MethodFilter filter{.owner = customer.owner, .customer = customer.id};
    for (;;) {  // what is detached leaves the list, so its first page is always the next one
        auto page = list_payment_methods(
            work.transaction.connection(), filter, {.rows_max = storage::kPageRowsMax}
        );
        if (!page) return page.error();
        if (page->rows.empty()) return {};
        for (PaymentMethod& method : page->rows) {
            const auto done = end_method(work, method, PaymentMethod::State::used_up);
            if (!done) return done;
        }
    }
}

}  // namespace postern::payments
