#include "payments/views/rcommerce_objects.hpp"
#include "payments/views/rcommerce_parts.hpp"

namespace postern::payments {
namespace {

// Of a try that failed before any charge was made of it, the method alone is left.
const PaymentMethod* failed_without_charge(const FullPayment& payment) {
    const auto& failed = payment.failed_method;
    if (!failed || !payment.payment.last_error) return nullptr;
    return payment.charge && payment.charge->method == failed->id ? nullptr : &*failed;
}

// A charge keeps the method as it was when it paid; before the first try there is only the method.
MethodFacts used_facts(const FullPayment& payment) {
    const auto& charge = payment.charge;
    if (const PaymentMethod* failed = failed_without_charge(payment)) return facts_of(*failed);
    if (!charge) return facts_of(*payment.method);
    return {
        .type = charge->method_type,
        .card = charge->card ? &*charge->card : nullptr,
        .bank = charge->bank ? &*charge->bank : nullptr,
        .holder_name = charge->billing.name,
        .three_d_secure = charge->three_d_secure};
}

bool pays_again(const PaymentMethod& method) {
    using State = PaymentMethod::State;
    return method.state == State::reusable || (method.state == State::usable && method.customer);
}

// Only what can pay again has a token: a saved method, not a card that came with one payment.
std::string token_of(const Surroundings& around, const FullPayment& payment) {
    const auto& method = payment.method;
    if (!method || !pays_again(*method)) return {};
    if (payment.charge && payment.charge->method != method->id) return {};
    return around.ids.encode(method->id);
}

}  // namespace

void append_rc_method(JsonWriter& writer, const PaymentMethod& method, const MethodView& view) {
    writer.begin_object();
    if (view.token) writer.member_or_null("token", *view.token);
    append_flat_method(writer, facts_of(method));
    if (view.is_default != MethodView::Default::not_said) {
        writer.member_boolean("is_default", view.is_default == MethodView::Default::yes);
    }
    writer.end_object();
}

void append_rc_used_method(
    JsonWriter& writer,
    const Surroundings& around,
    const FullPayment& payment,
    MethodShape shape
) {
    const bool tried = payment.charge || failed_without_charge(payment) != nullptr;
    if (!tried && !payment.method) return writer.null();
    const MethodFacts facts = used_facts(payment);
    writer.begin_object();
    if (shape == MethodShape::superset) append_nested_method(writer, facts);
    append_flat_method(writer, facts);
    writer.member_or_null("token", token_of(around, payment));
    writer.end_object();
}

bool is_default(const SavedMethod& saved) {
    return saved.customer && saved.customer->default_method == saved.method.id;
}

void append_rc_saved_method(
    JsonWriter& writer,
    const Surroundings& around,
    const SavedMethod& saved
) {
    const std::string token = around.ids.encode(saved.method.id);
    writer.begin_object();
    writer.member("id", token);
    writer.member("token", token);
    writer.member_or_null(
        "customer_id", saved.customer ? rc_customer_id(around, *saved.customer) : ""
    );
    append_nested_method(writer, facts_of(saved.method));
    append_flat_method(writer, facts_of(saved.method));
    writer.member_boolean("is_default", is_default(saved));
    append_rc_metadata(writer, saved.method.metadata);
    append_rc_time(writer, "created_at", saved.method.created_at);
    writer.end_object();
}

std::string rc_customer_id(const Surroundings& around, const Customer& customer) {
    if (!customer.external_id.empty()) return customer.external_id;
    return bare_uuid(around.ids, customer.id);
}

}  // namespace postern::payments
