#pragma once

#include "payments/api.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

// Everything that the R Commerce dialect says to a person, in each of its languages.
namespace postern::payments::rcommerce {

enum class Text {
    // What each error code says by itself.
    payment_not_found,
    invalid_amount,
    invalid_currency,
    invalid_payment_method,
    card_declined,
    insufficient_funds,
    expired_card,
    incorrect_cvc,
    processing_error,
    already_captured,
    already_refunded,
    refund_amount_invalid,
    dispute_not_found,
    gateway_not_found,
    idempotency_key_reused,
    validation_error,
    unauthorized,
    forbidden,
    not_found,
    conflict,
    rate_limited,
    internal_error,

    // What a code alone does not say.
    authentication_failed,
    payment_canceled,
    payment_not_authorized,
    payment_in_this_state,
    nothing_captured,
    payment_disputed,
    dispute_closed,
    authentication_missing,
    customers_max,
    methods_max,
    balance_insufficient,
    refund_not_found,
    customer_not_found,
    method_not_found,
    payout_not_found,
    amount_too_small,  // {} of the currency
    amount_too_large,  // {} of the currency
    amount_over_hold,
    currency_not_for_this,
    method_not_usable,
    method_type_unsupported,
    card_number_invalid,
    card_month_invalid,
    card_year_invalid,
    card_cvc_invalid,
    and_more,  // {} further faults

    // What is wrong with a field.
    required,
    invalid_value,
    unknown_field,
    unknown_field_meant,  // {} is the name that is like it
    unknown_parameter,
    given_twice,
    body_not_json,
    body_not_object,
    query_not_decodable,
    not_a_text,  // {} characters at most
    empty_text,
    not_an_object,
    not_a_flag,
    not_a_decimal,
    not_one_of,          // {} the words
    not_a_whole_number,  // from {} to {}
    not_a_time,
    not_a_date,
    not_an_email,
    not_a_url,
    not_an_id,
    not_a_gateway,
    not_a_key,
    not_this_payments,
    metadata_too_many,       // {} pairs at most
    metadata_name_too_long,  // {} characters at most
    metadata_value,          // {} characters at most
    account_number_invalid,
    nothing_given,

    // Answers.
    method_deleted,
};
inline constexpr std::size_t kTextCount = static_cast<std::size_t>(Text::method_deleted) + 1;

std::string_view text(Text text, Language language);
// With each {} replaced by the next of the values.
std::string text(Text text, Language language, std::initializer_list<std::string_view> values);

// What people call things that have a name in the API: fields to fill in ("exp_month"), methods
// ("card") and gateways ("wechatpay"). Empty: it has no name here, and its own must do.
struct Label {
    std::string_view name;
    std::string_view english;
    std::string_view chinese;
};
std::span<const Label> field_labels();
std::span<const Label> method_labels();
std::span<const Label> gateway_labels();
std::string_view label(std::span<const Label> labels, std::string_view name, Language language);

}  // namespace postern::payments::rcommerce
