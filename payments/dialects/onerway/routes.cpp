#include "payments/dialects/onerway/endpoints.hpp"

#include <array>

// A path's fixed spelling stands before the one with braces that would take it too. PUT is another
// word for an update.
namespace postern::payments {
namespace {

using namespace onerway;

constexpr std::array kRoutes = std::to_array<Route>({
    {"POST", "/v1/payment_intents", Needs::writing, Dialect::onerway, create_payment_intent},
    {"GET", "/v1/payment_intents", Needs::reading, Dialect::onerway, list_payment_intents},
    {"GET", "/v1/payment_intents/search", Needs::reading, Dialect::onerway, search_payment_intents},
    {"GET", "/v1/payment_intents/{id}", Needs::publishable, Dialect::onerway, get_payment_intent},
    {"POST", "/v1/payment_intents/{id}", Needs::writing, Dialect::onerway, update_payment_intent},
    {"PUT", "/v1/payment_intents/{id}", Needs::writing, Dialect::onerway, update_payment_intent},
    {"POST",
     "/v1/payment_intents/{id}/confirm",
     Needs::publishable,
     Dialect::onerway,
     confirm_payment_intent},
    {"POST",
     "/v1/payment_intents/{id}/capture",
     Needs::writing,
     Dialect::onerway,
     capture_payment_intent},
    {"POST",
     "/v1/payment_intents/{id}/cancel",
     Needs::writing,
     Dialect::onerway,
     cancel_payment_intent},

    {"POST", "/v1/payment_methods", Needs::publishable, Dialect::onerway, create_payment_method},
    {"GET", "/v1/payment_methods", Needs::reading, Dialect::onerway, list_payment_methods},
    {"GET", "/v1/payment_methods/{id}", Needs::reading, Dialect::onerway, get_payment_method},
    {"POST", "/v1/payment_methods/{id}", Needs::writing, Dialect::onerway, update_payment_method},
    {"PUT", "/v1/payment_methods/{id}", Needs::writing, Dialect::onerway, update_payment_method},
    {"POST",
     "/v1/payment_methods/{id}/attach",
     Needs::writing,
     Dialect::onerway,
     attach_payment_method},
    {"POST",
     "/v1/payment_methods/{id}/detach",
     Needs::writing,
     Dialect::onerway,
     detach_payment_method},

    {"POST", "/v1/customers", Needs::writing, Dialect::onerway, create_customer},
    {"GET", "/v1/customers", Needs::reading, Dialect::onerway, list_customers},
    {"GET", "/v1/customers/{id}", Needs::reading, Dialect::onerway, get_customer},
    {"POST", "/v1/customers/{id}", Needs::writing, Dialect::onerway, update_customer},
    {"PUT", "/v1/customers/{id}", Needs::writing, Dialect::onerway, update_customer},
    {"DELETE", "/v1/customers/{id}", Needs::writing, Dialect::onerway, delete_customer},
    {"GET",
     "/v1/customers/{id}/payment_methods",
     Needs::reading,
     Dialect::onerway,
     list_methods_of_customer},
    {"GET",
     "/v1/customers/{id}/payment_methods/{method}",
     Needs::reading,
     Dialect::onerway,
     get_method_of_customer},

    {"GET", "/v1/charges", Needs::reading, Dialect::onerway, list_charges},
    {"GET", "/v1/charges/{id}", Needs::reading, Dialect::onerway, get_charge},
    {"POST", "/v1/charges/{id}", Needs::writing, Dialect::onerway, update_charge},
    {"PUT", "/v1/charges/{id}", Needs::writing, Dialect::onerway, update_charge},

    {"POST", "/v1/refunds", Needs::writing, Dialect::onerway, create_refund},
    {"GET", "/v1/refunds", Needs::reading, Dialect::onerway, list_refunds},
    {"GET", "/v1/refunds/{id}", Needs::reading, Dialect::onerway, get_refund},
    {"POST", "/v1/refunds/{id}", Needs::writing, Dialect::onerway, update_refund},
    {"PUT", "/v1/refunds/{id}", Needs::writing, Dialect::onerway, update_refund},
    {"POST", "/v1/refunds/{id}/cancel", Needs::writing, Dialect::onerway, cancel_refund},

    {"GET", "/v1/disputes", Needs::reading, Dialect::onerway, list_disputes},
    {"GET", "/v1/disputes/{id}", Needs::reading, Dialect::onerway, get_dispute},
    {"POST", "/v1/disputes/{id}", Needs::writing, Dialect::onerway, update_dispute},
    {"PUT", "/v1/disputes/{id}", Needs::writing, Dialect::onerway, update_dispute},
    {"POST", "/v1/disputes/{id}/close", Needs::writing, Dialect::onerway, close_dispute},

    {"POST", "/v1/payouts", Needs::writing, Dialect::onerway, create_payout},
    {"GET", "/v1/payouts", Needs::reading, Dialect::onerway, list_payouts},
    {"GET", "/v1/payouts/{id}", Needs::reading, Dialect::onerway, get_payout},
    {"POST", "/v1/payouts/{id}", Needs::writing, Dialect::onerway, update_payout},
    {"PUT", "/v1/payouts/{id}", Needs::writing, Dialect::onerway, update_payout},
    {"POST", "/v1/payouts/{id}/cancel", Needs::writing, Dialect::onerway, cancel_payout},

    {"POST", "/v1/transfers", Needs::writing, Dialect::onerway, create_transfer},
    {"GET", "/v1/transfers", Needs::reading, Dialect::onerway, list_transfers},
    {"GET", "/v1/transfers/{id}", Needs::reading, Dialect::onerway, get_transfer},
    {"POST", "/v1/transfers/{id}", Needs::writing, Dialect::onerway, update_transfer},
    {"PUT", "/v1/transfers/{id}", Needs::writing, Dialect::onerway, update_transfer},
    {"POST", "/v1/transfers/{id}/reversals", Needs::writing, Dialect::onerway, create_reversal},
    {"GET", "/v1/transfers/{id}/reversals", Needs::reading, Dialect::onerway, list_reversals},
    {"GET",
     "/v1/transfers/{id}/reversals/{reversal}",
     Needs::reading,
     Dialect::onerway,
     get_reversal},

    {"GET", "/v1/balance", Needs::reading, Dialect::onerway, get_balance},
    {"GET",
     "/v1/balance_transactions",
     Needs::reading,
     Dialect::onerway,
     list_balance_transactions},
    {"GET",
     "/v1/balance_transactions/{id}",
     Needs::reading,
     Dialect::onerway,
     get_balance_transaction},
    {"GET", "/v1/balance/history", Needs::reading, Dialect::onerway, list_balance_transactions},
    {"GET", "/v1/balance/history/{id}", Needs::reading, Dialect::onerway, get_balance_transaction},

    {"GET", "/receipts/{id}", Needs::open, Dialect::sandbox_page, get_receipt},
    {"GET", "/v1/openapi.json", Needs::open, Dialect::onerway, get_description},
});

}  // namespace

std::span<const Route> onerway_routes() {
    return kRoutes;
}

}  // namespace postern::payments
