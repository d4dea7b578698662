#include "payments/views/rcommerce_objects.hpp"

#include "payments/records/payment_records.hpp"
#include "payments/views/rcommerce_parts.hpp"
#include "payments/views/stripe_objects.hpp"

namespace postern::payments {
namespace {

std::string_view text_of(ConfirmationMethod method) {
    return method == ConfirmationMethod::manual ? "manual" : "automatic";
}

// This dialect knows two ways; when exactly the gateway is told is not one of them.
std::string_view text_of(CaptureMethod method) {
    return method == CaptureMethod::manual ? "manual" : "automatic";
}

std::string_view action_type(NextAction::Kind kind) {
    switch (kind) {
        case NextAction::Kind::three_d_secure: return "three_d_secure";
        case NextAction::Kind::redirect: return "redirect";
        case NextAction::Kind::qr_code: return "qr_code";
    }
    return "redirect";
}

void append_stripe_js(JsonWriter& writer, const NextAction& action) {
    writer.key("stripe_js");
    writer.begin_object();
    writer.member("type", "three_d_secure_redirect");
    writer.member("stripe_js", action.url);
    writer.end_object();
}

void append_next_action(JsonWriter& writer, const Payment& payment) {
    writer.key("next_action");
    if (!payment.next_action) return writer.null();
    writer.begin_object();
    append_rc_action(writer, *payment.next_action);
    writer.end_object();
}

void append_ids(JsonWriter& writer, const Surroundings& around, const Payment& payment) {
    writer.member("id", bare_uuid(around.ids, payment.id));
    writer.member("payment_id", around.ids.encode(payment.id));
    writer.member("transaction_id", stripe_id(around.ids, payment.id));
    writer.member_or_null("order_id", payment.order_id);
}

std::string customer_text(const Surroundings& around, const FullPayment& full) {
    if (full.customer) return rc_customer_id(around, *full.customer);
    return full.payment.customer ? bare_uuid(around.ids, *full.payment.customer) : std::string{};
}

void append_terms(JsonWriter& writer, const Surroundings& around, const FullPayment& full) {
    const Payment& payment = full.payment;
    writer.member_or_null("description", payment.details.description);
    writer.member_or_null("receipt_email", payment.details.receipt_email);
    writer.member_or_null("receipt_url", receipt_url(around, full));
    writer.member_boolean("captured", payment.captured_at.has_value());
    writer.member("capture_method", text_of(payment.capture_method));
    writer.member("confirmation_method", text_of(payment.confirmation_method));
    writer.member_or_null("setup_future_usage", payment.details.setup_future_usage);
    writer.member_or_null("return_url", payment.details.return_url);
    writer.member_or_null("customer_id", customer_text(around, full));
}

void append_sums(JsonWriter& writer, const Payment& payment) {
    const Currency& currency = payment.amount.currency;
    append_rc_decimal(writer, "captured_amount", {payment.received_minor, currency});
    append_rc_decimal(writer, "capturable_amount", {payment.capturable_minor, currency});
    append_rc_decimal(writer, "refunded_amount", {payment.refunded_minor, currency});
}

void append_children(JsonWriter& writer, const Surroundings& around, const FullPayment& full) {
    writer.key("refunds");
    writer.begin_array();
    for (const Refund& refund : full.refunds) {
        append_rc_refund(writer, around, refund, full.payment);
    }
    writer.end_array();
    writer.key("dispute");
    full.dispute ? append_rc_dispute(writer, around, *full.dispute, full.payment) : writer.null();
}

// Only a try that failed last tells why; a payment that went on keeps no old grief.
void append_failure(JsonWriter& writer, const Payment& payment) {
    const bool failed = payment.last_error && has_failed(payment);
    writer.member_or_null("failure_code", failed ? rc_failure_code(*payment.last_error) : "");
    writer.member_or_null("decline_code", failed ? rc_decline_code(*payment.last_error) : "");
    writer.member_or_null("cancellation_reason", payment.cancellation_reason);
}

void append_moments(JsonWriter& writer, const Payment& payment) {
    append_rc_time(writer, "created_at", payment.created_at);
    append_rc_time(writer, "updated_at", payment.updated_at);
    append_rc_time(writer, "captured_at", payment.captured_at);
    append_rc_time(writer, "completed_at", payment.captured_at);
    append_rc_time(writer, "canceled_at", payment.canceled_at);
}

std::string_view event_reason(const Payment& payment) {
    if (!payment.cancellation_reason.empty()) return payment.cancellation_reason;
    if (!payment.last_error || !has_failed(payment)) return {};
    const std::string_view finer = rc_decline_code(*payment.last_error);
    return finer.empty() ? rc_failure_code(*payment.last_error) : finer;
}

void append_payment_event(JsonWriter& writer, const Surroundings& around, const Payment& payment) {
    writer.member_or_null("reason", event_reason(payment));
    append_rc_event_members(
        writer,
        {.object = "payment",
         .owner = payment.owner,
         .amount = payment.amount,
         .gateway_payment_id = gateway_id_text(around, payment.gateway_payment_id, payment.id),
         .merchant_reference = payment.order_id,
         .occurred_at = payment.updated_at}
    );
}

void append_payment_answer(JsonWriter& writer, const Surroundings& around, const Payment& payment) {
    writer.member(
        "gateway_payment_id", gateway_id_text(around, payment.gateway_payment_id, payment.id)
    );
    writer.member("client_secret", client_secret_text(around, payment));
}

}  // namespace

void append_rc_action(JsonWriter& writer, const NextAction& action) {
    writer.member("action_type", action_type(action.kind));
    writer.key("action_data");
    writer.begin_object();
    if (action.kind == NextAction::Kind::three_d_secure) {
        writer.member("type", "use_stripe_sdk");
        append_stripe_js(writer, action);
    } else {
        writer.member("type", action_type(action.kind));
    }
    writer.member_or_null("redirect_url", action.url);
    if (action.kind == NextAction::Kind::qr_code) writer.member_or_null("qr_code", action.qr_text);
    writer.member_or_null("return_url", action.return_url);
    writer.end_object();
    append_rc_time(writer, "expires_at", action.expires_at);
}

void append_rc_payment(
    JsonWriter& writer,
    const Surroundings& around,
    const FullPayment& payment,
    ViewFor use
) {
    const Payment& core = payment.payment;
    writer.begin_object();
    append_ids(writer, around, core);
    append_rc_decimal(writer, "amount", core.amount);
    writer.member("currency", core.amount.currency.upper());
    writer.member("status", to_text(face_status_of(core)));
    writer.member_or_null("gateway", gateway_name(around, core.gateway));
    use == ViewFor::event ? append_payment_event(writer, around, core)
                          : append_payment_answer(writer, around, core);
    writer.key("payment_method");
    append_rc_used_method(writer, around, payment, MethodShape::superset);
    append_terms(writer, around, payment);
    append_sums(writer, core);
    append_children(writer, around, payment);
    append_next_action(writer, core);
    append_failure(writer, core);
    append_rc_metadata(writer, core.details.metadata);
    append_moments(writer, core);
    writer.end_object();
}

void append_rc_intent(JsonWriter& writer, const Surroundings& around, const FullPayment& payment) {
    const Payment& core = payment.payment;
    const Currency& currency = core.amount.currency;
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, core.id));
    writer.member("payment_id", around.ids.encode(core.id));
    writer.member("client_secret", client_secret_text(around, core));
    append_rc_decimal(writer, "amount", core.amount);
    append_rc_decimal(writer, "amount_capturable", {core.capturable_minor, currency});
    append_rc_decimal(writer, "amount_received", {core.received_minor, currency});
    writer.member("currency", currency.upper());
    writer.member("status", to_text(core.status));
    writer.member("payment_status", to_text(face_status_of(core)));
    writer.member_or_null("gateway", gateway_name(around, core.gateway));
    writer.member_or_null("payment_method", core.method ? around.ids.encode(*core.method) : "");
    writer.key("payment_method_details");
    append_rc_used_method(writer, around, payment, MethodShape::superset);
    writer.member_or_null("order_id", core.order_id);
    append_terms(writer, around, payment);
    append_next_action(writer, core);
    append_failure(writer, core);
    append_rc_metadata(writer, core.details.metadata);
    append_moments(writer, core);
    writer.end_object();
}

std::string_view rc_failure_code(const PaymentError& error) {
    constexpr std::string_view kCodes[] = {
        "insufficient_funds", "expired_card", "incorrect_cvc", "processing_error", "card_declined"};
    for (const std::string_view code : kCodes) {
        if (error.decline_code == code || error.code == code) return code;
    }
    if (error.code == "invalid_cvc") return "incorrect_cvc";
    return "card_declined";
}

std::string_view rc_decline_code(const PaymentError& error) {
    if (error.code == "payment_intent_authentication_failure") return "authentication_failed";
    return error.decline_code;
}

std::string client_secret_text(const Surroundings& around, const Payment& payment) {
    std::string text = stripe_id(around.ids, payment.id);
    text += "_secret_";
    text += payment.client_secret;
    return text;
}

std::string receipt_url(const Surroundings& around, const FullPayment& payment) {
    if (!payment.charge || !payment.payment.captured_at) return {};
    return receipt_url_of(around, *payment.charge);
}

}  // namespace postern::payments
