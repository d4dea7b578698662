#include "payments/dialects/rcommerce/payment_input.hpp"

#include "payments/dialects/rcommerce/customer_ref.hpp"
#include "payments/service/customer_service.hpp"

namespace postern::payments::rcommerce {
namespace {

constexpr std::string_view kCaptureWords[] = {"automatic", "manual", "automatic_async"};
constexpr std::string_view kConfirmationWords[] = {"automatic", "manual"};
constexpr std::string_view kFutureWords[] = {"on_session", "off_session"};
constexpr std::string_view kMethodField = "payment_method";

CaptureMethod capture_method_of(const std::optional<std::string>& word) {
    if (word == "manual") return CaptureMethod::manual;
    if (word == "automatic") return CaptureMethod::automatic;
    return word == "automatic_async" ? CaptureMethod::automatic_async : CaptureMethod::unset;
}

// The key present decides the form: `gateway_id` is the newer page's, `gateway` the older one's.
const PaymentGateway* read_gateway(const Call& call, Body& body, PaymentInput& input) {
    const bool newer = body.has("gateway_id");
    const auto older_name = body.text("gateway");
    const auto newer_name = body.text("gateway_id");
    const auto& name = newer ? newer_name : older_name;
    input.form = newer ? Form::outcome : Form::object;
    if (!name) {
        if (!newer && !body.has("gateway")) body.complain("gateway_id", Text::required);
        return nullptr;
    }
    const PaymentGateway* gateway = call.around.gateways.find(*name);
    if (gateway == nullptr) body.refuse({.code = ErrorCode::gateway_not_found});
    input.draft.gateway = *name;
    return gateway;
}

void read_method_into(
    const Call& call,
    Body& body,
    const PaymentGateway* gateway,
    PaymentDraft& draft
) {
    const JsonValue sent = body.value(kMethodField);
    if (!sent.exists()) return;
    const bool saves = draft.save_method == PaymentDraft::SaveMethod::yes;
    auto method = read_method(
        call,
        sent,
        {.field = kMethodField,
         .gateway = gateway,
         .number = saves ? MethodSource::Number::keep : MethodSource::Number::forget}
    );
    if (!method) return body.refuse(std::move(method.error()));
    draft.new_method = std::move(method->fresh);
    draft.method = method->saved;
}

void read_customer(const Call& call, Body& body, PaymentInput& input) {
    const auto spelled = body.text("customer_id");
    if (!spelled) return;
    if (!is_customer_spelling(call.around.ids, *spelled)) {
        return body.complain("customer_id", Text::not_an_id);
    }
    input.customer = *spelled;
}

// What both creations share beside the money and the method.
void read_terms(Body& body, PaymentDraft& draft) {
    draft.capture_method = capture_method_of(body.word("capture_method", kCaptureWords));
    if (body.word("confirmation_method", kConfirmationWords) == "manual") {
        draft.confirmation_method = ConfirmationMethod::manual;
    }
    PaymentDetails& details = draft.details;
    details.setup_future_usage = body.word("setup_future_usage", kFutureWords).value_or("");
    details.description = body.text("description", kDescriptionCharactersMax).value_or("");
    details.return_url = body.url("return_url").value_or("");
    details.metadata = body.metadata();
    draft.order_id = body.text("order_id").value_or("");
    draft.external_customer_email = body.email("customer_email").value_or("");
    details.receipt_email = body.email("receipt_email").value_or(draft.external_customer_email);
}

void read_money(Body& body, PaymentDraft& draft) {
    if (const auto money = body.money()) draft.amount = *money;
}

Refusal unknown_method() {
    return {
        .reason = Reason::reference_missing,
        .parameter = "payment_method",
        .what = "payment_method"};
}

Done<bool> resolve_customer(const Books& books, const PaymentInput& input, PaymentDraft& draft) {
    if (input.customer.empty()) return true;
    const auto known = known_customer(books, input.customer);
    if (!known) return known.error();
    if (*known) {
        draft.customer = (*known)->id;
    } else if (is_uuid(input.customer)) {
        draft.external_customer = input.customer;
    } else {
        return Failure{Refusal{
            .reason = Reason::reference_missing, .parameter = "customer", .what = "customer"}};
    }
    return true;
}

// A saved method brings its customer along, so that a token alone is enough to pay.
Done<bool> resolve_method(const Books& books, PaymentDraft& draft) {
    if (!draft.method) return true;
    const auto method = load_method(books, *draft.method);
    if (!method) {
        if (method.error().store_error() != nullptr) return method.error();
        return Failure{unknown_method()};
    }
    if (method->state == PaymentMethod::State::deleted) return Failure{unknown_method()};
    if (!draft.customer && draft.external_customer.empty()) draft.customer = method->customer;
    return true;
}

}  // namespace

std::shared_ptr<const PaymentInput> read_payment_input(const Call& call, Body& body) {
    auto input = std::make_shared<PaymentInput>();
    PaymentDraft& draft = input->draft;
    const PaymentGateway* gateway = read_gateway(call, body, *input);
    read_money(body, draft);
    read_customer(call, body, *input);
    read_terms(body, draft);
    if (body.flag("save_payment_method") == true) {
        draft.save_method = PaymentDraft::SaveMethod::yes;
    }
    if (input->form == Form::outcome) body.require(kMethodField);
    read_method_into(call, body, gateway, draft);
    // Saved for nobody in particular: its token alone will pay.
    const bool for_nobody = input->customer.empty() && draft.new_method;
    if (for_nobody && draft.save_method == PaymentDraft::SaveMethod::yes) {
        draft.new_method->method.state = PaymentMethod::State::reusable;
    }
    const bool can_pay = draft.method || draft.new_method;
    input->then = can_pay ? ThenConfirm::yes : ThenConfirm::no;
    input->idempotency_key = body.idempotency_key();
    return input;
}

std::shared_ptr<const PaymentInput> read_intent_input(const Call& call, Body& body) {
    auto input = std::make_shared<PaymentInput>();
    input->form = Form::intent;
    read_money(body, input->draft);
    read_customer(call, body, *input);
    read_terms(body, input->draft);
    read_method_into(call, body, nullptr, input->draft);
    input->idempotency_key = body.idempotency_key();
    return input;
}

Done<FullPayment> carry_out(Work& work, const PaymentInput& input) {
    PaymentDraft draft = input.draft;
    const auto customer = resolve_customer(work.books(), input, draft);
    const auto method = customer ? resolve_method(work.books(), draft) : customer;
    auto made =
        method ? create_payment(work, draft, input.then) : Done<FullPayment>{method.error()};
    wipe_number(draft.new_method);
    return made;
}

std::shared_ptr<const ConfirmationInput> read_confirmation(const Call& call, Body& body) {
    auto input = std::make_shared<ConfirmationInput>();
    PaymentEdit& edit = input->confirmation.edit;
    edit.return_url = body.url("return_url");
    edit.receipt_email = body.email("receipt_email");
    edit.setup_future_usage = body.word("setup_future_usage", kFutureWords);
    const JsonValue sent = body.value(kMethodField);
    if (!sent.exists()) return input;
    auto method = read_method(call, sent, {.field = kMethodField});
    if (!method) {
        body.refuse(std::move(method.error()));
        return input;
    }
    edit.new_method = std::move(method->fresh);
    edit.method = method->saved;
    return input;
}

}  // namespace postern::payments::rcommerce
