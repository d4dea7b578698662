#include "payments/dialects/rcommerce/errors.hpp"

namespace postern::payments::rcommerce {
namespace {

struct FieldName {
    std::string_view there;  // by the /v1 name
    std::string_view here;
};
constexpr FieldName kFieldNames[] = {
    {"amount_to_capture", "amount"},
    {"customer", "customer_id"},
    {"default_payment_method", "set_as_default"},
    {"payment_intent", "payment_id"},
    {"payment_method_data", "payment_method"},
};

// "payment_method[card][number]" is "payment_method.card.number" here.
std::string field_of(std::string_view parameter) {
    for (const FieldName& name : kFieldNames) {
        if (name.there == parameter) return std::string{name.here};
    }
    std::string field;
    for (const char c : parameter) {
        if (c == '[') field += '.';
        if (c != '[' && c != ']') field += c;
    }
    return field;
}

Fault missing(std::string_view what, Language language) {
    if (what == "payment_intent" || what == "payment" || what == "charge") {
        return {.code = ErrorCode::payment_not_found};
    }
    if (what == "dispute") return {.code = ErrorCode::dispute_not_found};
    if (what == "refund") {
        return fault_of(ErrorCode::not_found, Text::refund_not_found, language);
    }
    if (what == "customer") {
        return fault_of(ErrorCode::not_found, Text::customer_not_found, language);
    }
    if (what == "payment_method") {
        return fault_of(ErrorCode::not_found, Text::method_not_found, language);
    }
    if (what == "payout") {
        return fault_of(ErrorCode::not_found, Text::payout_not_found, language);
    }
    return {.code = ErrorCode::not_found};
}

// A parameter that names what is not there: the method has a code of its own.
Fault unknown_reference(const Refusal& refusal, Language language) {
    const bool method = refusal.what == "payment_method" || refusal.parameter == "payment_method";
    const std::string field = refusal.parameter.empty() ? refusal.what : refusal.parameter;
    return field_fault(
        method ? ErrorCode::invalid_payment_method : ErrorCode::validation_error,
        field_of(field),
        std::string{text(Text::not_an_id, language)}
    );
}

struct Row {
    Reason reason;
    ErrorCode code;
    Text text;
    std::string_view field;  // of what every dialect has; empty: the refusal's own, if any
};
constexpr Row kRows[] = {
    {Reason::parameter_missing, ErrorCode::validation_error, Text::required, ""},
    {Reason::parameter_invalid, ErrorCode::validation_error, Text::invalid_value, ""},
    {Reason::amount_invalid, ErrorCode::invalid_amount, Text::not_a_decimal, "amount"},
    {Reason::currency_invalid, ErrorCode::invalid_currency, Text::invalid_currency, "currency"},
    {Reason::card_number_invalid,
     ErrorCode::invalid_payment_method,
     Text::card_number_invalid,
     "payment_method.card.number"},
    {Reason::card_month_invalid,
     ErrorCode::invalid_payment_method,
     Text::card_month_invalid,
     "payment_method.card.exp_month"},
    {Reason::card_year_invalid,
     ErrorCode::invalid_payment_method,
     Text::card_year_invalid,
     "payment_method.card.exp_year"},
    {Reason::card_cvc_invalid,
     ErrorCode::invalid_payment_method,
     Text::card_cvc_invalid,
     "payment_method.card.cvc"},
    {Reason::card_expired,
     ErrorCode::expired_card,
     Text::expired_card,
     "payment_method.card.exp_year"},
    {Reason::email_invalid, ErrorCode::validation_error, Text::not_an_email, ""},
    {Reason::url_invalid, ErrorCode::validation_error, Text::not_a_url, ""},
    {Reason::gateway_not_found, ErrorCode::gateway_not_found, Text::gateway_not_found, ""},
    {Reason::method_not_usable,
     ErrorCode::invalid_payment_method,
     Text::method_not_usable,
     "payment_method"},
    {Reason::method_type_unsupported,
     ErrorCode::invalid_payment_method,
     Text::method_type_unsupported,
     "payment_method.type"},
    {Reason::currency_unsupported,
     ErrorCode::invalid_currency,
     Text::currency_not_for_this,
     "currency"},
    {Reason::unexpected_status, ErrorCode::conflict, Text::payment_in_this_state, ""},
    {Reason::already_captured, ErrorCode::already_captured, Text::already_captured, ""},
    {Reason::already_canceled, ErrorCode::conflict, Text::payment_canceled, ""},
    {Reason::capture_over_hold, ErrorCode::invalid_amount, Text::amount_over_hold, "amount"},
    {Reason::nothing_captured, ErrorCode::conflict, Text::nothing_captured, ""},
    {Reason::already_refunded, ErrorCode::already_refunded, Text::already_refunded, ""},
    {Reason::refund_too_large,
     ErrorCode::refund_amount_invalid,
     Text::refund_amount_invalid,
     "amount"},
    {Reason::refund_not_positive,
     ErrorCode::refund_amount_invalid,
     Text::refund_amount_invalid,
     "amount"},
    {Reason::charge_disputed, ErrorCode::conflict, Text::payment_disputed, ""},
    {Reason::dispute_closed, ErrorCode::conflict, Text::dispute_closed, ""},
    {Reason::payout_not_pending, ErrorCode::conflict, Text::conflict, ""},
    {Reason::transfer_already_reversed, ErrorCode::conflict, Text::conflict, ""},
    {Reason::balance_insufficient, ErrorCode::conflict, Text::balance_insufficient, ""},
    {Reason::customers_max, ErrorCode::conflict, Text::customers_max, ""},
    {Reason::methods_max, ErrorCode::conflict, Text::methods_max, ""},
    {Reason::authentication_missing, ErrorCode::conflict, Text::authentication_missing, ""},
};

// The limit in the refused amount's own currency.
Fault amount_out_of_limits(const Refusal& refusal, Language language) {
    const bool small = refusal.reason == Reason::amount_too_small;
    const Currency currency = refusal.payment ? refusal.payment->amount.currency : Currency{};
    const std::string limit = decimal_text({small ? kAmountMinorMin : kAmountMinorMax, currency});
    const Text said = small ? Text::amount_too_small : Text::amount_too_large;
    return field_fault(ErrorCode::invalid_amount, "amount", text(said, language, {limit}));
}

// A sentence about one field is a detail, so that a form can show it where it belongs; one about
// the state of things is the message.
Fault fault_of_row(const Row& row, const Refusal& refusal, Language language) {
    const std::string field =
        row.field.empty() ? field_of(refusal.parameter) : std::string{row.field};
    const bool about_field = row.code == ErrorCode::validation_error || !row.field.empty();
    if (row.code == ErrorCode::validation_error && field.empty()) return {.code = row.code};
    if (!about_field) return fault_of(row.code, row.text, language);
    return field_fault(row.code, field, std::string{text(row.text, language)});
}

}  // namespace

Fault fault_of(const Refusal& refusal, Language language) {
    const Reason reason = refusal.reason;
    if (reason == Reason::not_found) return missing(refusal.what, language);
    if (reason == Reason::reference_missing) return unknown_reference(refusal, language);
    if (reason == Reason::amount_too_small || reason == Reason::amount_too_large) {
        return amount_out_of_limits(refusal, language);
    }
    for (const Row& row : kRows) {
        if (row.reason == refusal.reason) return fault_of_row(row, refusal, language);
    }
    return {.code = ErrorCode::conflict};
}

}  // namespace postern::payments::rcommerce
