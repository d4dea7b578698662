#include "payments/views/stripe_objects.hpp"

#include "core/bytes.hpp"
#include "core/error_code_url.hpp"
#include "payments/gateways/sandbox/qr_code.hpp"
#include "payments/views/stripe_parts.hpp"

#include <algorithm>

// Members stand in the alphabet's order after id and object, as Stripe writes them.
namespace postern::payments {

using namespace stripe_parts;

namespace {

constexpr std::string_view kAutomaticMethods = R"({"allow_redirects":"always","enabled":true})";
constexpr std::string_view kStayingMethods = R"({"allow_redirects":"never","enabled":true})";
constexpr std::string_view kMethodOptions =
    R"({"card":{"installments":null,"mandate_options":null,"network":null,)"
    R"("request_three_d_secure":"automatic"}})";
constexpr std::string_view kAuthenticationFailure = "payment_intent_authentication_failure";

std::string_view capture_method_of(const Payment& payment) {
    switch (payment.capture_method) {
        case CaptureMethod::automatic: return "automatic";
        case CaptureMethod::manual: return "manual";
        case CaptureMethod::unset:
        case CaptureMethod::automatic_async: break;
    }
    return "automatic_async";
}

bool takes(const Payment& payment, const MethodDescription& method) {
    using Redirect = MethodDescription::Redirect;
    const bool stays = payment.details.redirects == PaymentDetails::Redirects::never;
    if (stays && method.redirect == Redirect::yes) return false;
    const auto& known = method.currencies;
    const std::string currency = payment.amount.currency.upper();
    return known.empty() || std::find(known.begin(), known.end(), currency) != known.end();
}

// Without types of its own a payment takes whatever its gateway does.
void append_method_types(JsonWriter& writer, const Surroundings& around, const Payment& payment) {
    writer.key("payment_method_types");
    writer.begin_array();
    for (const std::string& type : payment.details.method_types) {
        const auto known = method_type_from_text(type);
        writer.string(known ? type_name(*known) : std::string_view{type});
    }
    if (payment.details.method_types.empty()) {
        const PaymentGateway* gateway = around.gateways.find(payment.gateway);
        if (gateway == nullptr) gateway = around.gateways.default_gateway();
        std::vector<std::string_view> types;
        if (gateway != nullptr) {
            for (const MethodDescription& method : gateway->gateway->methods()) {
                if (takes(payment, method)) types.push_back(type_name(method.type));
            }
        }
        if (types.empty()) types.push_back("card");
        for (const std::string_view type : types) writer.string(type);
    }
    writer.end_array();
}

void append_last_error(const Page& page, const Payment& payment) {
    JsonWriter& writer = page.writer;
    writer.key("last_payment_error");
    if (!payment.last_error) return writer.null();
    const PaymentError& error = *payment.last_error;
    const bool by_customer = error.code == kAuthenticationFailure;
    writer.begin_object();
    if (payment.latest_charge && !by_customer) {
        writer.member("charge", stripe_id(page.around.ids, *payment.latest_charge));
    }
    writer.member("code", error.code);
    if (!error.decline_code.empty()) writer.member("decline_code", error.decline_code);
    writer.member("doc_url", error_code_url(error.code));
    writer.member("message", error.message);
    const std::string_view method = page.expanded.find(kFailedMethod);
    if (!method.empty()) {
        writer.key("payment_method");
        writer.raw(method);
    }
    writer.member("type", by_customer ? "invalid_request_error" : "card_error");
    writer.end_object();
}

void append_redirect(JsonWriter& writer, const NextAction& action, std::string_view return_url) {
    writer.key("redirect_to_url");
    writer.begin_object();
    writer.member_or_null("return_url", return_url);
    writer.member("url", action.url);
    writer.end_object();
    writer.member("type", "redirect_to_url");
}

void append_three_d_secure(
    JsonWriter& writer,
    const NextAction& action,
    std::string_view return_url
) {
    if (!return_url.empty()) return append_redirect(writer, action, return_url);
    writer.member("type", "use_stripe_sdk");
    writer.key("use_stripe_sdk");
    writer.begin_object();
    writer.member("stripe_js", action.url);
    writer.member("type", "three_d_secure_redirect");
    writer.end_object();
}

void append_wallet_redirect(
    JsonWriter& writer,
    const NextAction& action,
    std::string_view return_url
) {
    writer.key("alipay_handle_redirect");
    writer.begin_object();
    nulls(writer, {"native_data", "native_url"});
    writer.member_or_null("return_url", return_url);
    writer.member("url", action.url);
    writer.end_object();
    writer.member("type", "alipay_handle_redirect");
}

// For an <img>; a text too long for a code is on the page all the same.
std::string picture_of(const NextAction& action) {
    const auto code = QrCode::of(action.qr_text);
    if (!code) return action.url;
    std::string picture = "data:image/svg+xml;base64,";
    picture += to_base64(code->to_svg());
    return picture;
}

// The page shows the code too, so it stands for the pictures that have an address.
void append_qr_code(JsonWriter& writer, const NextAction& action) {
    writer.member("type", "wechat_pay_display_qr_code");
    writer.key("wechat_pay_display_qr_code");
    writer.begin_object();
    writer.member("data", action.qr_text);
    writer.member("hosted_instructions_url", action.url);
    writer.member("image_data_url", picture_of(action));
    writer.member("image_url_png", action.url);
    writer.member("image_url_svg", action.url);
    writer.end_object();
}

void append_next_action(JsonWriter& writer, const Payment& payment) {
    writer.key("next_action");
    if (!payment.next_action || payment.status != PaymentStatus::requires_action) {
        return writer.null();
    }
    const NextAction& action = *payment.next_action;
    const std::string& return_url =
        action.return_url.empty() ? payment.details.return_url : action.return_url;
    writer.begin_object();
    switch (action.kind) {
        case NextAction::Kind::three_d_secure:
            append_three_d_secure(writer, action, return_url);
            break;
        case NextAction::Kind::redirect: append_wallet_redirect(writer, action, return_url); break;
        case NextAction::Kind::qr_code: append_qr_code(writer, action); break;
    }
    writer.end_object();
}

void append_automatic_methods(JsonWriter& writer, const PaymentDetails& details) {
    writer.key("automatic_payment_methods");
    if (!details.method_types.empty()) return writer.null();
    const bool stays = details.redirects == PaymentDetails::Redirects::never;
    writer.raw(stays ? kStayingMethods : kAutomaticMethods);
}

void append_client_secret(JsonWriter& writer, const Surroundings& around, const Payment& payment) {
    writer.member("client_secret", client_secret_of(around.ids, payment));
}

void append_method_options(JsonWriter& writer, const PaymentDetails& details) {
    writer.key("payment_method_options");
    writer.raw(details.method_options.empty() ? kMethodOptions : details.method_options);
}

void append_intent_head(JsonWriter& writer, const Surroundings& around, const Payment& payment) {
    writer.member("id", stripe_id(around.ids, payment.id));
    writer.member("object", "payment_intent");
    nulls(writer, {"allowed_payment_method_types"});
    writer.member_integer("amount", payment.amount.minor);
    writer.member_integer("amount_capturable", payment.capturable_minor);
    writer.key("amount_details");
    writer.raw(R"({"tip":{}})");
    writer.member_integer("amount_received", payment.received_minor);
    nulls(writer, {"application", "application_fee_amount"});
    append_automatic_methods(writer, payment.details);
    moment_or_null(writer, "canceled_at", payment.canceled_at);
    writer.member_or_null("cancellation_reason", payment.cancellation_reason);
    writer.member("capture_method", capture_method_of(payment));
    append_client_secret(writer, around, payment);
    const bool manual = payment.confirmation_method == ConfirmationMethod::manual;
    writer.member("confirmation_method", manual ? "manual" : "automatic");
    moment(writer, "created", payment.created_at);
    writer.member("currency", payment.amount.currency.lower());
}

void append_intent_tail(JsonWriter& writer, const Payment& payment) {
    const PaymentDetails& details = payment.details;
    nulls(writer, {"payment_record", "processing"});
    writer.member_or_null("receipt_email", details.receipt_email);
    nulls(writer, {"review"});
    writer.member_or_null("setup_future_usage", details.setup_future_usage);
    shipping(writer, details.shipping);
    nulls(writer, {"source"});
    writer.member_or_null("statement_descriptor", details.statement_descriptor);
    writer.member_or_null("statement_descriptor_suffix", details.statement_descriptor_suffix);
    writer.member("status", to_text(payment.status));
    nulls(writer, {"transfer_data"});
    writer.member_or_null("transfer_group", details.transfer_group);
}

}  // namespace

std::string client_secret_of(const IdCodec& ids, const Payment& payment) {
    std::string secret = stripe_id(ids, payment.id);
    secret += "_secret_";
    secret += payment.client_secret;
    return secret;
}

void append_payment_intent(
    JsonWriter& writer,
    const Surroundings& around,
    const Payment& payment,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    writer.begin_object();
    append_intent_head(writer, around, payment);
    reference(page, "customer", payment.customer);
    nulls(writer, {"customer_account"});
    writer.member_or_null("description", payment.details.description);
    nulls(writer, {"excluded_payment_method_types"});
    append_last_error(page, payment);
    reference(page, "latest_charge", payment.latest_charge);
    livemode(writer, payment.owner);
    nulls(writer, {"managed_payments"});
    metadata(writer, payment.details.metadata);
    append_next_action(writer, payment);
    nulls(writer, {"on_behalf_of"});
    reference(page, "payment_method", method_id(around, payment.method));
    nulls(writer, {"payment_method_configuration_details"});
    append_method_options(writer, payment.details);
    append_method_types(writer, around, payment);
    append_intent_tail(writer, payment);
    writer.end_object();
}

// What Stripe shows in a browser: nothing of the customer, of the merchant's own notes, or of what
// was received.
void append_public_payment_intent(
    JsonWriter& writer,
    const Surroundings& around,
    const Payment& payment,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    const PaymentDetails& details = payment.details;
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, payment.id));
    writer.member("object", "payment_intent");
    writer.member_integer("amount", payment.amount.minor);
    writer.key("amount_details");
    writer.raw(R"({"tip":{}})");
    append_automatic_methods(writer, details);
    moment_or_null(writer, "canceled_at", payment.canceled_at);
    writer.member_or_null("cancellation_reason", payment.cancellation_reason);
    writer.member("capture_method", capture_method_of(payment));
    append_client_secret(writer, around, payment);
    const bool manual = payment.confirmation_method == ConfirmationMethod::manual;
    writer.member("confirmation_method", manual ? "manual" : "automatic");
    moment(writer, "created", payment.created_at);
    writer.member("currency", payment.amount.currency.lower());
    writer.member_or_null("description", details.description);
    append_last_error(page, payment);
    livemode(writer, payment.owner);
    append_next_action(writer, payment);
    reference(page, "payment_method", method_id(around, payment.method));
    nulls(writer, {"payment_method_configuration_details"});
    append_method_types(writer, around, payment);
    nulls(writer, {"processing"});
    writer.member_or_null("receipt_email", details.receipt_email);
    writer.member_or_null("setup_future_usage", details.setup_future_usage);
    shipping(writer, details.shipping);
    nulls(writer, {"source"});
    writer.member("status", to_text(payment.status));
    writer.end_object();
}

}  // namespace postern::payments
