#pragma once

#include "payments/dialects/onerway/errors.hpp"
#include "payments/dialects/onerway/payment_input.hpp"
#include "payments/dialects/onerway/printer.hpp"

namespace postern::payments::onerway {

// How the answer about a payment is to look.
struct PaymentAnswer {
    Asked asked;
    ExpandTree expand;
    MethodCame method = MethodCame::by_id;
    // Of a confirmation: a payment that was declined is answered as an error.
    enum class Tried { no, yes } tried = Tried::no;
};

// The payment as it stands, or 402 with it inside.
Reply payment_reply(const Books& books, const Payment& payment, const PaymentAnswer& answer);

}  // namespace postern::payments::onerway
