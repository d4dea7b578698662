#include "payments/dialects/onerway/errors.hpp"

#include "core/error_code_url.hpp"
#include "core/json_writer.hpp"
#include "payments/views/stripe_objects.hpp"

#include <iterator>

namespace postern::payments::onerway {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kCardError = "card_error";
constexpr std::string_view kUnexpectedState = "payment_intent_unexpected_state";
constexpr int kNotFound = 404;
constexpr int kPaymentRequired = 402;

// As Stripe's messages name things.
std::string_view display_name(std::string_view what) {
    return what == "payment_method" ? "PaymentMethod" : what;
}

// The parameter that stands for the path's id.
std::string_view parameter_of(std::string_view what) {
    if (what == "payment_intent") return "intent";
    if (what == "payment_method") return "payment_method";
    return "id";
}

std::string no_such(const Missing& missing) {
    std::string message = "No such ";
    message += display_name(missing.what);
    message += ": '";
    message += missing.id;
    message += '\'';
    return message;
}

struct Words {
    std::string_view done;       // "captured"
    std::string_view done_when;  // the statuses
};

Words words_of(Operation operation) {
    switch (operation) {
        case Operation::confirm:
            return {"confirmed", "requires_payment_method, requires_confirmation"};
        case Operation::capture: return {"captured", "requires_capture"};
        case Operation::cancel:
            return {
                "canceled",
                "requires_payment_method, requires_capture, requires_confirmation, "
                "requires_action, processing"};
        case Operation::update:
        case Operation::other: break;
    }
    return {"updated", "requires_payment_method, requires_confirmation"};
}

std::string unexpected_state(const Refusal& refusal, Operation operation) {
    if (!refusal.payment) return "The object's status does not allow this.";
    const PaymentStatus status = refusal.payment->status;
    if (operation == Operation::confirm && status == PaymentStatus::succeeded) {
        return "You cannot confirm this PaymentIntent because it has already succeeded after being "
               "previously confirmed.";
    }
    const Words words = words_of(operation);
    std::string message = "This PaymentIntent could not be ";
    message += words.done;
    message += " because it has a status of ";
    message += to_text(status);
    message += ". Only a PaymentIntent with one of the following statuses may be ";
    message += words.done;
    message += ": ";
    message += words.done_when;
    message += '.';
    return message;
}

// What a reason is to a client: its error without the particulars.
struct Kind {
    std::string_view code;  // empty: none
    std::string_view message;
    int status = 400;
};

struct Row {
    Reason reason;
    Kind kind;
};

// Without a message: it is made of what the refusal says.
constexpr Row kKinds[] = {
    {Reason::parameter_missing, {"parameter_missing", ""}},
    {Reason::parameter_invalid, {"", "Invalid value."}},
    {Reason::amount_invalid,
     {"parameter_invalid_integer", "This value must be greater than or equal to 1."}},
    {Reason::amount_too_small,
     {"amount_too_small", "Amount must be at least 50 in the smallest unit of its currency."}},
    {Reason::amount_too_large,
     {"amount_too_large",
      "Amount must be no more than 99999999 in the smallest unit of its currency."}},
    {Reason::currency_invalid, {"", "Invalid currency."}},
    {Reason::card_number_invalid,
     {"invalid_number", "Your card number is incorrect.", kPaymentRequired}},
    {Reason::card_month_invalid,
     {"invalid_expiry_month", "Your card's expiration month is invalid.", kPaymentRequired}},
    {Reason::card_year_invalid,
     {"invalid_expiry_year", "Your card's expiration year is invalid.", kPaymentRequired}},
    {Reason::card_cvc_invalid,
     {"invalid_cvc", "Your card's security code is invalid.", kPaymentRequired}},
    {Reason::card_expired, {"expired_card", "Your card has expired.", kPaymentRequired}},
    {Reason::email_invalid, {"email_invalid", "Invalid email address."}},
    {Reason::url_invalid, {"url_invalid", "Not a valid URL."}},
    {Reason::not_found, {"resource_missing", "", kNotFound}},
    {Reason::reference_missing, {"resource_missing", ""}},
    {Reason::gateway_not_found, {"", "No payment gateway of this account takes this payment."}},
    {Reason::method_not_usable, {"", "The payment method you provided cannot be used for this."}},
    {Reason::method_type_unsupported,
     {"payment_intent_incompatible_payment_method",
      "The payment method you provided is of a type that this payment does not take."}},
    {Reason::currency_unsupported,
     {"payment_method_currency_mismatch",
      "The payment method you provided does not take payments in this currency."}},
    {Reason::unexpected_status, {kUnexpectedState, ""}},
    {Reason::already_captured, {kUnexpectedState, ""}},
    {Reason::already_canceled, {kUnexpectedState, ""}},
    {Reason::capture_over_hold,
     {"amount_too_large",
      "The amount to capture is greater than the amount that can be captured."}},
    {Reason::nothing_captured,
     {"",
      "This PaymentIntent has no captured charge to refund. Cancel it instead of refunding it."}},
    {Reason::already_refunded,
     {"charge_already_refunded", "This charge has already been refunded."}},
    {Reason::refund_too_large, {"", "Refund amount is greater than unrefunded amount on charge."}},
    {Reason::refund_not_positive,
     {"parameter_invalid_integer", "This value must be greater than or equal to 1."}},
    {Reason::charge_disputed,
     {"charge_disputed", "This charge has been disputed; it cannot be refunded."}},
    {Reason::dispute_closed, {"", "This dispute is closed."}},
    {Reason::payout_not_pending, {"", "Payouts can only be canceled while they are pending."}},
    {Reason::transfer_already_reversed, {"", "This transfer has already been reversed in full."}},
    {Reason::balance_insufficient,
     {"balance_insufficient",
      "You have insufficient available funds in your account. Charges settle to pending first; "
      "in test mode the card 4000000000000077 adds to the available balance at once."}},
    {Reason::customers_max,
     {"max_customers", "This account has reached its limit of 50000 customers."}},
    {Reason::methods_max,
     {"customer_max_payment_methods",
      "The maximum number of payment methods (500) for this customer has been reached."}},
    {Reason::authentication_missing,
     {"payment_intent_authentication_failure",
      "The customer has not yet done what this payment requires."}},
};
static_assert(std::size(kKinds) == static_cast<std::size_t>(Reason::authentication_missing) + 1);

const Kind& kind_of(Reason reason) {
    for (const Row& row : kKinds) {
        if (row.reason == reason) return row.kind;
    }
    return kKinds[1].kind;
}

std::string message_of(const Refusal& refusal, const Asked& asked, const Kind& kind) {
    if (!refusal.detail.empty()) return refusal.detail;
    if (refusal.reason == Reason::parameter_missing) {
        return "Missing required param: " + refusal.parameter + ".";
    }
    if (refusal.reason == Reason::not_found) {
        return no_such({refusal.what, asked.id.empty() ? refusal.id : asked.id});
    }
    if (refusal.reason == Reason::reference_missing) return no_such({refusal.what, refusal.id});
    if (kind.message.empty()) return unexpected_state(refusal, asked.operation);
    return std::string{kind.message};
}

std::string intent_json(const Surroundings& around, const Payment& payment, KeyKind key) {
    std::string json;
    JsonWriter writer{json};
    if (key == KeyKind::publishable) {
        append_public_payment_intent(writer, around, payment);
    } else {
        append_payment_intent(writer, around, payment);
    }
    return json;
}

}  // namespace

Audience audience_of(const Call& call) {
    const bool stripe = call.request.fields.find("stripe-version").has_value();
    return {.key = call.caller.key, .codes = stripe ? DeclineCodes::stripe : DeclineCodes::onerway};
}

HttpReply error_reply(const Error& error) {
    HttpReply reply;
    reply.status = error.status;
    reply.content_type = kJson;
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    if (!error.charge.empty()) writer.member("charge", error.charge);
    if (!error.code.empty()) writer.member("code", error.code);
    if (!error.decline_code.empty()) writer.member("decline_code", error.decline_code);
    if (!error.code.empty()) writer.member("doc_url", error_code_url(error.code));
    writer.member("message", error.message);
    if (!error.parameter.empty()) writer.member("param", error.parameter);
    if (!error.payment_intent.empty()) {
        writer.key("payment_intent");
        writer.raw(error.payment_intent);
    }
    if (!error.payment_method.empty()) {
        writer.key("payment_method");
        writer.raw(error.payment_method);
    }
    writer.member("type", error.type);
    writer.end_object();
    writer.end_object();
    return reply;
}

HttpReply complaint_reply(const ParameterComplaint& complaint) {
    return error_reply(
        {.code = complaint.code, .message = complaint.message, .parameter = complaint.parameter}
    );
}

HttpReply missing_reply(const Missing& missing) {
    return error_reply(
        {.status = kNotFound,
         .code = "resource_missing",
         .message = no_such(missing),
         .parameter = std::string{parameter_of(missing.what)}}
    );
}

ParameterComplaint missing_reference(std::string_view parameter, const Missing& missing) {
    return {
        .code = "resource_missing",
        .message = no_such(missing),
        .parameter = std::string{parameter}};
}

Reply refusal_reply(const Surroundings& around, const Failure& failure, const Asked& asked) {
    if (const StoreError* store_error = failure.store_error()) return *store_error;
    const Refusal& refusal = *failure.refusal();
    const Kind kind = kind_of(refusal.reason);
    Error error{
        .status = kind.status,
        .code = kind.code,
        .message = message_of(refusal, asked, kind),
        .parameter = refusal.parameter};
    if (kind.status == kPaymentRequired) error.type = kCardError;
    if (refusal.reason == Reason::not_found && error.parameter.empty()) {
        error.parameter = parameter_of(refusal.what);
    }
    if (refusal.payment) {
        error.payment_intent = intent_json(around, *refusal.payment, asked.audience.key);
    }
    return error_reply(error);
}

}  // namespace postern::payments::onerway
