#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/payment_commands.hpp"
#include "payments/dialects/rcommerce/payment_input.hpp"
#include "payments/dialects/rcommerce/replies.hpp"

namespace postern::payments::rcommerce {

Plan post_intent(const Call& call) {
    Body body{call};
    const auto input = read_intent_input(call, body);
    if (auto refusal = body.finish()) return std::move(*refusal);
    return plan_of(
        {.answer = {.audience = audience_of(call), .form = Form::intent, .status = kCreated},
         .run = [input](Work& work) { return carry_out(work, *input); },
         .idempotency_key = input->idempotency_key}
    );
}

Plan get_intent(const Call& call) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    const PaymentAnswer answer{
        .audience = audience_of(call),
        .form = Form::intent,
        .on_failure = PaymentAnswer::OnFailure::show};
    return ReadPlan{[id = *id, answer](const Books& books) -> Reply {
        const auto payment = load_payment(books, id);
        if (!payment) return rc_refusal(answer.audience, payment.error());
        return payment_reply(answer, books.around, *payment);
    }};
}

Plan post_intent_confirm(const Call& call) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    Body body{call};
    const auto input = read_confirmation(call, body);
    const std::string key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    return plan_of(
        {.answer = {.audience = audience_of(call), .form = Form::intent},
         .run = [id = *id,
                 input](Work& work) { return confirm_payment(work, id, input->confirmation); },
         .idempotency_key = key}
    );
}

Plan post_intent_capture(const Call& call) {
    return capture_plan(call, Form::intent);
}

Plan post_intent_cancel(const Call& call) {
    return cancel_plan(call, Form::intent);
}

}  // namespace postern::payments::rcommerce
