#pragma once

#include "core/json_writer.hpp"
#include "payments/api.hpp"
#include "payments/dialects/rcommerce/texts.hpp"
#include "payments/failure.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments::rcommerce {

enum class ErrorCode {
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
};
inline constexpr std::size_t kErrorCodeCount =
    static_cast<std::size_t>(ErrorCode::internal_error) + 1;
std::string_view to_text(ErrorCode code);  // "PAYMENT_NOT_FOUND"
int status_of(ErrorCode code);

// Whom an answer is for: what of a call outlives it.
struct Audience {
    Language language = Language::english;
    std::string request_id;
    TimePoint asked_at;
};
Audience audience_of(const Call& call);

struct FieldFault {
    std::string field;
    std::string message;
    bool operator==(const FieldFault&) const = default;
};

struct Fault {
    ErrorCode code = ErrorCode::validation_error;
    std::string message = {};  // empty: made of the first detail, or the code's own
    std::vector<FieldFault> details = {};
    bool operator==(const Fault&) const = default;
};
HttpReply rc_error(const Audience& audience, const Fault& fault);
Fault fault_of(ErrorCode code, Text message, Language language);
Fault field_fault(ErrorCode code, std::string_view field, std::string message);

// What a service refused. A store's error goes on as it is: the daemon has its answer.
Reply rc_refusal(const Audience& audience, const Failure& failure);
Fault fault_of(const Refusal& refusal, Language language);

// A payment that did not come about: declined, not authenticated, or canceled.
struct FailedPayment {
    ErrorCode code = ErrorCode::card_declined;
    std::string_view error_code;    // lower case
    std::string_view decline_code;  // empty: none
    std::string_view message;
    enum class Retry { refused, allowed } retry = Retry::allowed;
};
FailedPayment failed_payment(const Payment& payment, Language language);
// {"error":{…}} alone, with the payment's id.
HttpReply rc_failed_payment(const Audience& audience, const IdCodec& ids, const Payment& payment);

// The members of "error", for bodies that have others beside.
struct ErrorMembers {
    ErrorCode code = ErrorCode::validation_error;
    std::string_view message;
    std::span<const FieldFault> details = {};
    std::string_view payment_id = {};
    std::string_view decline_code = {};
};
void append_error(JsonWriter& writer, const Audience& audience, const ErrorMembers& error);

}  // namespace postern::payments::rcommerce
