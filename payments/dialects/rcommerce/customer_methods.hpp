#pragma once

#include "payments/domain/customer.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/failure.hpp"
#include "payments/work.hpp"

#include <string_view>
#include <vector>

namespace postern::payments::rcommerce {

// All that a customer has, newest first; bounded by what a customer may have.
Result<std::vector<PaymentMethod>, StoreError> methods_of(const Books& books, CustomerId customer);

// The method, if it is there and that customer's; a method that was deleted is not there.
struct OwnedMethod {
    std::string_view customer;  // as it was spelled
    PaymentMethodId method;
};
struct FoundMethod {
    PaymentMethod method;
    Customer customer;
};
Done<FoundMethod> find_owned(const Books& books, const OwnedMethod& which);
Done<PaymentMethod> find_undeleted(const Books& books, PaymentMethodId id);

}  // namespace postern::payments::rcommerce
