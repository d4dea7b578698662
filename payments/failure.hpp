#pragma once

#include "core/result.hpp"
#include "payments/domain/payment.hpp"
#include "storage/store_error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace postern::payments {

using storage::StoreError;

// Why something that was asked is not done. Each dialect has its own code, status and words.
enum class Reason {
    parameter_missing,
    parameter_invalid,
    amount_invalid,
    amount_too_small,
    amount_too_large,
    currency_invalid,
    card_number_invalid,
    card_month_invalid,
    card_year_invalid,
    card_cvc_invalid,
    card_expired,
    email_invalid,
    url_invalid,
    not_found,          // what the path names; `what` says what it is
    reference_missing,  // what a parameter names
    gateway_not_found,
    method_not_usable,  // detached, used up, somebody else's, or not the gateway's
    method_type_unsupported,
    currency_unsupported,  // by the gateway or the method
    unexpected_status,
    already_captured,
    already_canceled,
    capture_over_hold,
    nothing_captured,
    already_refunded,
    refund_too_large,
    refund_not_positive,
    charge_disputed,
    dispute_closed,
    payout_not_pending,
    transfer_already_reversed,
    balance_insufficient,
    customers_max,
    methods_max,
    authentication_missing,  // completed before the customer did what was required
};

struct Refusal {
    Reason reason = Reason::parameter_invalid;
    std::string parameter = {};  // by the /v1 name; empty: none in particular
    std::string what = {};       // "payment_intent", "customer": of a thing that is missing
    std::string id = {};         // of it, as it was sent
    std::string detail = {};     // a sentence of its own where the reason alone does not say it all
    std::optional<Payment> payment = {};  // as it stands, for errors about it
};

// Everything a service may answer with instead of what it was asked for. A refusal leaves nothing
// written: services look before they write.
class Failure {
 public:
    Failure() : what_{storage::StoreError::failed} {}  // Result::error() asks for one
    Failure(storage::StoreError error)
        : what_{error} {}  // NOLINT: an error passes through as it is
    Failure(Refusal refusal) : what_{std::move(refusal)} {}  // NOLINT: the same

    const storage::StoreError* store_error() const {
        return std::get_if<storage::StoreError>(&what_);
    }
    const Refusal* refusal() const { return std::get_if<Refusal>(&what_); }

 private:
    std::variant<storage::StoreError, Refusal> what_;
};

template <class T>
using Done = Result<T, Failure>;

}  // namespace postern::payments
