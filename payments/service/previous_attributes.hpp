#pragma once

#include "payments/domain/customer.hpp"
#include "payments/domain/payment.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/work.hpp"

#include <string>

// What an update changed, as it was before: a JSON object by the /v1 names for the event that tells
// the update. Empty: nothing that the object shows has changed.
namespace postern::payments {

template <class Object>
struct Change {
    const Object& before;
    const Object& after;
};

std::string previous_attributes(const Surroundings& around, const Change<Customer>& change);
std::string previous_attributes(const Surroundings& around, const Change<PaymentMethod>& change);
// The words of a payment that its charge shows too.
std::string previous_attributes(const Change<PaymentDetails>& change);

}  // namespace postern::payments
