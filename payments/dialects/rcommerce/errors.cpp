#include "payments/dialects/rcommerce/errors.hpp"

#include "payments/dialects/rcommerce/replies.hpp"
#include "payments/views/rcommerce_objects.hpp"

#include <array>

namespace postern::payments::rcommerce {
namespace {

struct CodeRow {
    ErrorCode code;
    std::string_view name;
    int status;
    Text text;
};

// In the order of the enumeration: a row is found by its place.
constexpr std::array<CodeRow, kErrorCodeCount> kCodes = {{
    {ErrorCode::payment_not_found, "PAYMENT_NOT_FOUND", 404, Text::payment_not_found},
    {ErrorCode::invalid_amount, "INVALID_AMOUNT", 400, Text::invalid_amount},
    {ErrorCode::invalid_currency, "INVALID_CURRENCY", 400, Text::invalid_currency},
    {ErrorCode::invalid_payment_method,
     "INVALID_PAYMENT_METHOD",
     400,
     Text::invalid_payment_method},
    {ErrorCode::card_declined, "CARD_DECLINED", 402, Text::card_declined},
    {ErrorCode::insufficient_funds, "INSUFFICIENT_FUNDS", 402, Text::insufficient_funds},
    {ErrorCode::expired_card, "EXPIRED_CARD", 402, Text::expired_card},
    {ErrorCode::incorrect_cvc, "INCORRECT_CVC", 402, Text::incorrect_cvc},
    {ErrorCode::processing_error, "PROCESSING_ERROR", 402, Text::processing_error},
    {ErrorCode::already_captured, "ALREADY_CAPTURED", 409, Text::already_captured},
    {ErrorCode::already_refunded, "ALREADY_REFUNDED", 409, Text::already_refunded},
    {ErrorCode::refund_amount_invalid, "REFUND_AMOUNT_INVALID", 400, Text::refund_amount_invalid},
    {ErrorCode::dispute_not_found, "DISPUTE_NOT_FOUND", 404, Text::dispute_not_found},
    {ErrorCode::gateway_not_found, "GATEWAY_NOT_FOUND", 404, Text::gateway_not_found},
    {ErrorCode::idempotency_key_reused,
     "IDEMPOTENCY_KEY_REUSED",
     409,
     Text::idempotency_key_reused},
    {ErrorCode::validation_error, "VALIDATION_ERROR", 400, Text::validation_error},
    {ErrorCode::unauthorized, "UNAUTHORIZED", 401, Text::unauthorized},
    {ErrorCode::forbidden, "FORBIDDEN", 403, Text::forbidden},
    {ErrorCode::not_found, "NOT_FOUND", 404, Text::not_found},
    {ErrorCode::conflict, "CONFLICT", 409, Text::conflict},
    {ErrorCode::rate_limited, "RATE_LIMITED", 429, Text::rate_limited},
    {ErrorCode::internal_error, "INTERNAL_ERROR", 500, Text::internal_error},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kCodes.size(); ++i) {
        if (static_cast<std::size_t>(kCodes[i].code) != i) return false;
    }
    return true;
}
static_assert(in_order());

const CodeRow& row_of(ErrorCode code) {
    return kCodes[static_cast<std::size_t>(code)];
}

// "amount: is required (and 1 more, see details)".
std::string message_of_details(const std::vector<FieldFault>& details, Language language) {
    std::string message = details.front().field;
    message += language == Language::chinese ? "：" : ": ";
    message += details.front().message;
    if (details.size() > 1) {
        message += text(Text::and_more, language, {std::to_string(details.size() - 1)});
    }
    return message;
}

std::string message_of(const Fault& fault, Language language) {
    if (!fault.message.empty()) return fault.message;
    if (!fault.details.empty()) return message_of_details(fault.details, language);
    return std::string{text(row_of(fault.code).text, language)};
}

ErrorCode code_of_failure(std::string_view failure_code) {
    if (failure_code == "insufficient_funds") return ErrorCode::insufficient_funds;
    if (failure_code == "expired_card") return ErrorCode::expired_card;
    if (failure_code == "incorrect_cvc") return ErrorCode::incorrect_cvc;
    if (failure_code == "processing_error") return ErrorCode::processing_error;
    return ErrorCode::card_declined;
}

}  // namespace

std::string_view to_text(ErrorCode code) {
    return row_of(code).name;
}

int status_of(ErrorCode code) {
    return row_of(code).status;
}

Audience audience_of(const Call& call) {
    return {
        .language = call.language,
        .request_id = std::string{call.request_id},
        .asked_at = call.now};
}

void append_error(JsonWriter& writer, const Audience& audience, const ErrorMembers& error) {
    writer.key("error");
    writer.begin_object();
    writer.member("code", to_text(error.code));
    writer.member("message", error.message);
    writer.key("details");
    writer.begin_array();
    for (const FieldFault& detail : error.details) {
        writer.begin_object();
        writer.member("field", detail.field);
        writer.member("message", detail.message);
        writer.end_object();
    }
    writer.end_array();
    if (!error.payment_id.empty()) writer.member("payment_id", error.payment_id);
    if (!error.decline_code.empty()) writer.member("decline_code", error.decline_code);
    writer.member_or_null("request_id", audience.request_id);
    writer.end_object();
}

HttpReply rc_error(const Audience& audience, const Fault& fault) {
    const std::string message = message_of(fault, audience.language);
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    append_error(
        writer, audience, {.code = fault.code, .message = message, .details = fault.details}
    );
    writer.end_object();
    return rc_json(audience, status_of(fault.code), std::move(body));
}

Fault fault_of(ErrorCode code, Text message, Language language) {
    return {.code = code, .message = std::string{text(message, language)}};
}

Fault field_fault(ErrorCode code, std::string_view field, std::string message) {
    return {.code = code, .details = {{std::string{field}, std::move(message)}}};
}

Reply rc_refusal(const Audience& audience, const Failure& failure) {
    if (const auto* error = failure.store_error()) return *error;
    return rc_error(audience, fault_of(*failure.refusal(), audience.language));
}

FailedPayment failed_payment(const Payment& payment, Language language) {
    if (payment.status == PaymentStatus::canceled) {
        return {
            .code = ErrorCode::conflict,
            .error_code = "payment_canceled",
            .decline_code = {},
            .message = text(Text::payment_canceled, language),
            .retry = FailedPayment::Retry::refused};
    }
    const PaymentError error = payment.last_error.value_or(PaymentError{});
    const std::string_view failure_code = rc_failure_code(error);
    const ErrorCode code = code_of_failure(failure_code);
    const bool unauthenticated = error.code == "payment_intent_authentication_failure";
    const Text said = unauthenticated ? Text::authentication_failed : row_of(code).text;
    return {
        .code = code,
        .error_code = failure_code,
        .decline_code = payment.last_error ? rc_decline_code(*payment.last_error) : "",
        .message = text(said, language)};
}

HttpReply rc_failed_payment(const Audience& audience, const IdCodec& ids, const Payment& payment) {
    const FailedPayment failed = failed_payment(payment, audience.language);
    const std::string id = ids.encode(payment.id);
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    append_error(
        writer,
        audience,
        {.code = failed.code,
         .message = failed.message,
         .payment_id = id,
         .decline_code = failed.decline_code}
    );
    writer.end_object();
    return rc_json(audience, status_of(failed.code), std::move(body));
}

}  // namespace postern::payments::rcommerce
