#include "payments/dialects/rcommerce/payment_answer.hpp"

#include "payments/dialects/rcommerce/replies.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/views/rcommerce_objects.hpp"

namespace postern::payments::rcommerce {
namespace {

bool has_come_to_nothing(const Payment& payment) {
    return payment.status == PaymentStatus::canceled || has_failed(payment);
}

bool has_money(PaymentStatus status) {
    return status == PaymentStatus::processing || status == PaymentStatus::requires_capture
           || status == PaymentStatus::succeeded;
}

void append_success(JsonWriter& writer, const Surroundings& around, const FullPayment& payment) {
    writer.member("type", "success");
    writer.member("payment_id", around.ids.encode(payment.payment.id));
    writer.member("transaction_id", stripe_id(around.ids, payment.payment.id));
    writer.member("payment_status", to_text(face_status_of(payment.payment)));
    writer.key("payment_method");
    append_rc_used_method(writer, around, payment, MethodShape::flat);
    writer.member_or_null("receipt_url", receipt_url(around, payment));
}

// Not the customer but the shop must go on: with a method, or by confirming.
void append_shops_action(JsonWriter& writer, PaymentStatus status) {
    const bool confirm = status == PaymentStatus::requires_confirmation;
    const std::string_view type = confirm ? "confirm" : "payment_method";
    writer.member("action_type", type);
    writer.key("action_data");
    writer.begin_object();
    writer.member("type", type);
    writer.end_object();
    writer.key("expires_at");
    writer.null();
}

void append_requires_action(
    JsonWriter& writer,
    const Surroundings& around,
    const Payment& payment
) {
    writer.member("type", "requires_action");
    writer.member("payment_id", around.ids.encode(payment.id));
    payment.next_action ? append_rc_action(writer, *payment.next_action)
                        : append_shops_action(writer, payment.status);
}

// Readers of the status find an error, readers of the body a failure: one page shows each.
int append_failed(
    JsonWriter& writer,
    const Audience& audience,
    const IdCodec& ids,
    const Payment& payment
) {
    const FailedPayment failed = failed_payment(payment, audience.language);
    const std::string id = ids.encode(payment.id);
    writer.member("type", "failed");
    writer.member("payment_id", id);
    writer.member("error_code", failed.error_code);
    writer.member_or_null("decline_code", failed.decline_code);
    writer.member("error_message", failed.message);
    writer.member_boolean("retry_allowed", failed.retry == FailedPayment::Retry::allowed);
    append_error(
        writer,
        audience,
        {.code = failed.code,
         .message = failed.message,
         .payment_id = id,
         .decline_code = failed.decline_code}
    );
    return status_of(failed.code);
}

HttpReply
outcome_reply(const PaymentAnswer& answer, const Surroundings& around, const FullPayment& payment) {
    int status = answer.status;
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    if (has_money(payment.payment.status)) {
        append_success(writer, around, payment);
    } else if (has_come_to_nothing(payment.payment)) {
        status = append_failed(writer, answer.audience, around.ids, payment.payment);
    } else {
        append_requires_action(writer, around, payment.payment);
    }
    writer.end_object();
    return rc_json(answer.audience, status, std::move(body));
}

}  // namespace

HttpReply
payment_reply(const PaymentAnswer& answer, const Surroundings& around, const FullPayment& payment) {
    if (answer.form == Form::outcome) return outcome_reply(answer, around, payment);
    if (answer.on_failure == PaymentAnswer::OnFailure::error && has_failed(payment.payment)) {
        return rc_failed_payment(answer.audience, around.ids, payment.payment);
    }
    std::string body;
    JsonWriter writer{body};
    if (answer.form == Form::intent) {
        append_rc_intent(writer, around, payment);
    } else {
        append_rc_payment(writer, around, payment);
    }
    return rc_json(answer.audience, answer.status, std::move(body));
}

WritePlan plan_of(CommandPlan command) {
    // Which payment it was, for the second answer; each run says it anew, and the last one counts.
    const auto made = std::make_shared<PaymentId>();
    const PaymentAnswer answer = command.answer;
    WritePlan plan;
    plan.idempotency_key = std::move(command.idempotency_key);
    plan.run = [made, answer, run = std::move(command.run)](Work& work) -> Reply {
        const auto done = run(work);
        if (!done) return rc_refusal(answer.audience, done.error());
        *made = done->payment.id;
        return payment_reply(answer, work.around, *done);
    };
    plan.answer_later = [made, answer](const Books& books) -> Reply {
        const auto loaded = load_payment(books, *made);
        if (!loaded) return rc_refusal(answer.audience, loaded.error());
        return payment_reply(answer, books.around, *loaded);
    };
    return plan;
}

std::optional<PaymentId> payment_of(const Call& call) {
    return read_id<PaymentId>(call.around.ids, call.path.front());
}

HttpReply no_payment_reply(const Call& call) {
    return rc_error(audience_of(call), {.code = ErrorCode::payment_not_found});
}

}  // namespace postern::payments::rcommerce
