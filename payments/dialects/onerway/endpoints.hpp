#pragma once

#include "payments/api.hpp"

// What stands behind the lines of routes.cpp.
namespace postern::payments::onerway {

Plan create_payment_intent(const Call& call);
Plan list_payment_intents(const Call& call);
Plan search_payment_intents(const Call& call);
Plan get_payment_intent(const Call& call);
Plan update_payment_intent(const Call& call);
Plan confirm_payment_intent(const Call& call);
Plan capture_payment_intent(const Call& call);
Plan cancel_payment_intent(const Call& call);

Plan create_payment_method(const Call& call);
Plan list_payment_methods(const Call& call);
Plan get_payment_method(const Call& call);
Plan update_payment_method(const Call& call);
Plan attach_payment_method(const Call& call);
Plan detach_payment_method(const Call& call);

Plan create_customer(const Call& call);
Plan list_customers(const Call& call);
Plan get_customer(const Call& call);
Plan update_customer(const Call& call);
Plan delete_customer(const Call& call);
Plan list_methods_of_customer(const Call& call);
Plan get_method_of_customer(const Call& call);

Plan list_charges(const Call& call);
Plan get_charge(const Call& call);
Plan update_charge(const Call& call);

Plan create_refund(const Call& call);
Plan list_refunds(const Call& call);
Plan get_refund(const Call& call);
Plan update_refund(const Call& call);
Plan cancel_refund(const Call& call);

Plan list_disputes(const Call& call);
Plan get_dispute(const Call& call);
Plan update_dispute(const Call& call);
Plan close_dispute(const Call& call);

Plan create_payout(const Call& call);
Plan list_payouts(const Call& call);
Plan get_payout(const Call& call);
Plan update_payout(const Call& call);
Plan cancel_payout(const Call& call);

Plan create_transfer(const Call& call);
Plan list_transfers(const Call& call);
Plan get_transfer(const Call& call);
Plan update_transfer(const Call& call);
Plan create_reversal(const Call& call);
Plan list_reversals(const Call& call);
Plan get_reversal(const Call& call);

Plan get_balance(const Call& call);
Plan list_balance_transactions(const Call& call);
Plan get_balance_transaction(const Call& call);

Plan get_receipt(const Call& call);
Plan get_description(const Call& call);

}  // namespace postern::payments::onerway
