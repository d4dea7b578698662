#include "payments/dialects/rcommerce/payment_commands.hpp"

#include "payments/dialects/rcommerce/body.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kReasonWords[] = {
    "abandoned",
    "duplicate",
    "fraudulent",
    "requested_by_customer"};

Done<FullPayment> capture(Work& work, PaymentId id, const std::optional<std::string>& decimal) {
    if (!decimal) return capture_payment(work, id, std::nullopt);
    const auto payment = load_payment(work.books(), id);
    if (!payment) return payment.error();
    const auto minor = minor_from_decimal(*decimal, payment->payment.amount.currency);
    if (!minor) {
        return Failure{Refusal{.reason = Reason::amount_invalid, .parameter = "amount"}};
    }
    return capture_payment(work, id, *minor);
}

}  // namespace

Plan capture_plan(const Call& call, Form form) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    Body body{call};
    const auto decimal = body.amount_text();
    const std::string key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    return plan_of(
        {.answer = {.audience = audience_of(call), .form = form},
         .run = [id = *id, decimal](Work& work) { return capture(work, id, decimal); },
         .idempotency_key = key}
    );
}

Plan cancel_plan(const Call& call, Form form) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    Body body{call};
    const std::string reason = body.word("cancellation_reason", kReasonWords).value_or("");
    const std::string key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    return plan_of(
        {.answer = {.audience = audience_of(call), .form = form},
         .run = [id = *id, reason](Work& work) { return cancel_payment(work, id, reason); },
         .idempotency_key = key}
    );
}

}  // namespace postern::payments::rcommerce
