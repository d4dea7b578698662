#pragma once

#include "payments/domain/payment.hpp"
#include "payments/domain/payment_method.hpp"

#include <string>

namespace postern::payments {

// How a payment is paid with a method of one type: as the payment says, unless its
// payment_method_options say otherwise for that type.
struct PayingTerms {
    enum class Capture { at_once, later } capture = Capture::at_once;
    enum class Challenge {
        where_required,
        where_possible,  // a check of which the customer sees nothing will do
        always,
    } challenge = Challenge::where_required;
    std::string future_usage;  // "", on_session, off_session

    bool operator==(const PayingTerms&) const = default;
};
PayingTerms paying_terms(const Payment& payment, MethodType type);

}  // namespace postern::payments
