#pragma once

#include "payments/api.hpp"

// One function for each row of the route table. Those of the payment's path answer under /api/v1
// and /api/v2 alike: what the body says decides the shape, not the address.
namespace postern::payments::rcommerce {

// payments.cpp
Plan get_payments(const Call& call);
Plan get_payment(const Call& call);
Plan post_payment(const Call& call);

// payment_actions.cpp
Plan post_capture(const Call& call);
Plan post_cancel(const Call& call);
Plan post_complete(const Call& call);

// catalogue.cpp
Plan post_methods_query(const Call& call);

// refunds.cpp
Plan get_refunds(const Call& call);
Plan get_refund(const Call& call);
Plan post_refund(const Call& call);

// saved_methods.cpp
Plan get_customer_methods(const Call& call);
Plan get_customer_tokens(const Call& call);
Plan post_customer_method(const Call& call);
Plan post_payment_method(const Call& call);

// saved_method_actions.cpp
Plan delete_customer_method(const Call& call);
Plan delete_payment_method(const Call& call);
Plan post_default_method(const Call& call);

// intents.cpp
Plan post_intent(const Call& call);
Plan get_intent(const Call& call);
Plan post_intent_confirm(const Call& call);
Plan post_intent_capture(const Call& call);
Plan post_intent_cancel(const Call& call);

// disputes.cpp
Plan get_disputes(const Call& call);
Plan get_dispute(const Call& call);
Plan post_evidence(const Call& call);

// balances.cpp
Plan get_payouts(const Call& call);
Plan get_payout(const Call& call);
Plan get_balance(const Call& call);
Plan get_balance_transactions(const Call& call);

// description.cpp
Plan get_description(const Call& call);

}  // namespace postern::payments::rcommerce
