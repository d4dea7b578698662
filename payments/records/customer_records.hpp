#pragma once

#include "payments/domain/customer.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/records/payment_records.hpp"

#include <optional>
#include <string_view>

// Inserts give the id (unless it is set) and the moment.
namespace postern::payments {

[[nodiscard]] Result<void, StoreError>
insert_customer(Transaction& transaction, Customer& customer);
[[nodiscard]] Result<void, StoreError>
update_customer(Transaction& transaction, const Customer& customer);
// A deleted one is found too.
[[nodiscard]] Result<std::optional<Customer>, StoreError>
find_customer(Connection& connection, Owner owner, CustomerId id);
// Without deleted ones.
[[nodiscard]] Result<std::optional<Customer>, StoreError>
find_customer_by_external_id(Connection& connection, Owner owner, std::string_view external_id);
struct CustomerFilter {
    Owner owner;
    std::string email;  // empty: any; compared exactly, as Stripe does
    std::optional<TimePoint> created_from, created_until;
};
// Without deleted ones.
[[nodiscard]] Result<storage::Page<Customer>, StoreError> list_customers(
    Connection& connection,
    const CustomerFilter& filter,
    const storage::PageRequest<CustomerId>& page
);
// From owner_counts; kept by insert and by the update that deletes.
[[nodiscard]] Result<std::int64_t, StoreError> count_customers(Connection& connection, Owner owner);

[[nodiscard]] Result<void, StoreError>
insert_payment_method(Transaction& transaction, PaymentMethod& method);
[[nodiscard]] Result<void, StoreError>
update_payment_method(Transaction& transaction, const PaymentMethod& method);
[[nodiscard]] Result<std::optional<PaymentMethod>, StoreError>
find_payment_method(Connection& connection, Owner owner, PaymentMethodId id);
struct MethodFilter {
    Owner owner;
    std::optional<CustomerId> customer;
    std::optional<MethodType> type;
};
// Of a customer: attached ones. Without a customer: all that are usable.
[[nodiscard]] Result<storage::Page<PaymentMethod>, StoreError> list_payment_methods(
    Connection& connection,
    const MethodFilter& filter,
    const storage::PageRequest<PaymentMethodId>& page
);

}  // namespace postern::payments
