#include "core/crypto.hpp"
#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/payment_commands.hpp"
#include "payments/views/rcommerce_objects.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kActionWords[] =
    {"three_d_secure", "redirect", "qr_code", "confirm", "payment_method"};

// What the customer brought back from the page; whatever else is there is theirs.
struct ActionProof {
    std::string intent;
    std::string client_secret;
};

ActionProof read_proof(Body& body) {
    static_cast<void>(body.word("action_type", kActionWords));
    const JsonValue data = body.value("action_data");
    if (data.exists() && !data.is_object()) body.complain("action_data", Text::not_an_object);
    return {
        .intent = std::string{data["payment_intent"].string()},
        .client_secret = std::string{data["payment_intent_client_secret"].string()}};
}

Failure not_of_this_payment(std::string_view member) {
    std::string field = "action_data.";
    field += member;
    return Refusal{.reason = Reason::parameter_invalid, .parameter = std::move(field)};
}

Done<FullPayment> complete(Work& work, PaymentId id, const ActionProof& proof) {
    const auto before = load_payment(work.books(), id);
    if (!before) return before.error();
    if (!proof.intent.empty() && read_id<PaymentId>(work.around.ids, proof.intent) != id) {
        return not_of_this_payment("payment_intent");
    }
    const std::string secret = client_secret_text(work.around, before->payment);
    if (!proof.client_secret.empty() && !equal_in_constant_time(proof.client_secret, secret)) {
        return not_of_this_payment("payment_intent_client_secret");
    }
    return complete_payment_action(work, id);
}

}  // namespace

Plan post_capture(const Call& call) {
    return capture_plan(call, Form::object);
}

Plan post_cancel(const Call& call) {
    return cancel_plan(call, Form::object);
}

Plan post_complete(const Call& call) {
    const auto id = payment_of(call);
    if (!id) return no_payment_reply(call);
    Body body{call};
    const ActionProof proof = read_proof(body);
    const std::string key = body.idempotency_key();
    if (auto refusal = body.finish()) return std::move(*refusal);
    return plan_of(
        {.answer = {.audience = audience_of(call), .form = Form::outcome},
         .run = [id = *id, proof](Work& work) { return complete(work, id, proof); },
         .idempotency_key = key}
    );
}

}  // namespace postern::payments::rcommerce
