#include "payments/dialects/onerway/payment_input.hpp"

#include "payments/dialects/onerway/gateway_choice.hpp"
#include "payments/dialects/onerway/option_input.hpp"

#include <array>
#include <utility>

namespace postern::payments::onerway {
namespace {

constexpr std::array<std::string_view, 3> kCaptureMethods = {
    "automatic",
    "automatic_async",
    "manual"};
constexpr std::array<std::string_view, 2> kConfirmationMethods = {"automatic", "manual"};
constexpr std::array<std::string_view, 2> kFutureUsages = {"off_session", "on_session"};
constexpr std::array<std::string_view, 2> kRedirects = {"always", "never"};
constexpr std::string_view kMethodData = "payment_method_data";
constexpr std::string_view kAutomatic = "automatic_payment_methods";

std::optional<CaptureMethod> read_capture_method(Parameters& parameters) {
    const auto word = parameters.word("capture_method", kCaptureMethods);
    if (!word) return std::nullopt;
    if (*word == "manual") return CaptureMethod::manual;
    return *word == "automatic" ? CaptureMethod::automatic : CaptureMethod::automatic_async;
}

std::optional<std::string> read_future_usage(Parameters& parameters) {
    constexpr std::string_view kName = "setup_future_usage";
    if (parameters.text(kName) == "") return std::string{};
    return parameters.word(kName, kFutureUsages);
}

// Whatever says which methods a payment takes says anew whether they may redirect.
void read_types(Parameters& parameters, PaymentEdit& edit) {
    using Redirects = PaymentDetails::Redirects;
    edit.method_types = read_method_types(parameters);
    if (edit.method_types) edit.redirects = Redirects::always;
    if (!parameters.has(kAutomatic)) return;
    const auto redirects = parameters.word(inside(kAutomatic, "allow_redirects"), kRedirects);
    edit.redirects = redirects == "never" ? Redirects::never : Redirects::always;
    const std::string enabled_name = inside(kAutomatic, "enabled");
    if (!parameters.has(enabled_name)) parameters.complain_of_missing(enabled_name);
    const auto enabled = parameters.flag(enabled_name);
    const bool named = edit.method_types && !edit.method_types->empty();
    if (named && enabled.value_or(false)) {
        parameters.complain(
            {.message = "You may only specify one of these parameters: automatic_payment_methods, "
                        "payment_method_types.",
             .parameter = std::string{kAutomatic}}
        );
    }
    if (named) return;
    edit.method_types.emplace();
    if (!enabled.value_or(true)) edit.method_types->emplace_back("card");
}

// Said by clients as a matter of course; nothing here depends on it.
void pass_over(Parameters& parameters) {
    parameters.text("off_session");
    parameters.text("use_stripe_sdk");
    parameters.table("mandate_data");
    parameters.table("radar_options");
}

// Sent empty, it takes the method back.
bool is_taken_back(Parameters& parameters) {
    return parameters.text("payment_method") == "" && !parameters.has(kMethodData);
}

MethodCame read_chosen_method(Incoming& in, PaymentEdit& edit) {
    if (is_taken_back(in.parameters())) {
        edit.clear_method = PaymentEdit::ClearMethod::yes;
        return MethodCame::by_id;
    }
    NamedMethod named = read_named_method(in, "payment_method");
    edit.method = named.id;
    edit.new_method = std::move(named.ready_made);
    if (!in.parameters().has(kMethodData)) return MethodCame::by_id;
    if (edit.method || edit.new_method) {
        in.parameters().complain(
            {.message = "You may only specify one of these parameters: payment_method, "
                        "payment_method_data.",
             .parameter = std::string{kMethodData}}
        );
    }
    edit.new_method = read_new_method(in, kMethodData);
    return MethodCame::inline_data;
}

// What the one who pays decides.
MethodCame read_paying(Incoming& in, PaymentEdit& edit) {
    Parameters& parameters = in.parameters();
    const MethodCame came = read_chosen_method(in, edit);
    edit.receipt_email = read_email(parameters, "receipt_email");
    edit.return_url = read_url(parameters, "return_url");
    edit.setup_future_usage = read_future_usage(parameters);
    edit.shipping = read_shipping(parameters);
    pass_over(parameters);
    return came;
}

// What the merchant decides besides.
void read_terms(Incoming& in, PaymentEdit& edit) {
    Parameters& parameters = in.parameters();
    edit.customer = read_reference<CustomerId>(in, {"customer", "customer"});
    edit.capture_method = read_capture_method(parameters);
    edit.description = read_description(parameters);
    edit.statement_descriptor = read_statement_descriptor(parameters, "statement_descriptor");
    edit.statement_descriptor_suffix =
        read_statement_descriptor(parameters, "statement_descriptor_suffix");
    edit.transfer_group = read_text(parameters, "transfer_group");
    read_types(parameters, edit);
    edit.method_options = read_method_options(parameters);
}

PaymentDetails details_of(PaymentEdit& edit, MetadataChange metadata) {
    return {
        .description = std::move(edit.description).value_or(""),
        .receipt_email = std::move(edit.receipt_email).value_or(""),
        .statement_descriptor = std::move(edit.statement_descriptor).value_or(""),
        .statement_descriptor_suffix = std::move(edit.statement_descriptor_suffix).value_or(""),
        .setup_future_usage = std::move(edit.setup_future_usage).value_or(""),
        .return_url = std::move(edit.return_url).value_or(""),
        .transfer_group = std::move(edit.transfer_group).value_or(""),
        .shipping = std::move(edit.shipping).value_or(std::nullopt),
        .method_types = std::move(edit.method_types).value_or(std::vector<std::string>{}),
        .redirects = edit.redirects.value_or(PaymentDetails::Redirects::always),
        .method_options = std::move(edit.method_options).value_or(""),
        .metadata = metadata_of(std::move(metadata))};
}

PaymentChange read_change(Incoming& in) {
    PaymentChange change;
    change.method = read_paying(in, change.edit);
    read_terms(in, change.edit);
    change.metadata = read_metadata(in.parameters());
    return change;
}

}  // namespace

PaymentCreation read_payment_creation(Incoming& in) {
    Parameters& parameters = in.parameters();
    PaymentDraft draft;
    const auto amount = read_money(parameters);
    if (amount) {
        draft.amount = *amount;
        check_payment_amount(parameters, *amount);
    }
    PaymentEdit edit;
    PaymentCreation creation;
    creation.method = read_paying(in, edit);
    read_terms(in, edit);
    draft.capture_method = edit.capture_method.value_or(CaptureMethod::unset);
    if (parameters.word("confirmation_method", kConfirmationMethods) == "manual") {
        draft.confirmation_method = ConfirmationMethod::manual;
    }
    draft.customer = edit.customer;
    draft.method = edit.method;
    draft.new_method = std::move(edit.new_method);
    draft.details = details_of(edit, read_metadata(parameters));
    draft.gateway = gateway_for(in.call().around.gateways, draft, in.call().caller.owner);
    if (parameters.flag("confirm").value_or(false)) creation.then = ThenConfirm::yes;
    creation.draft = keep_until_done(std::move(draft));
    return creation;
}

PaymentChange read_payment_update(Incoming& in) {
    Parameters& parameters = in.parameters();
    const auto minor = read_minor(parameters, "amount");
    const auto currency = read_currency(parameters);
    if (minor) check_payment_amount(parameters, {*minor, currency.value_or(Currency{})});
    PaymentChange change = read_change(in);
    change.minor = minor;
    change.currency = currency;
    return change;
}

PaymentConfirmation read_payment_confirmation(Incoming& in) {
    Parameters& parameters = in.parameters();
    PaymentConfirmation confirmation;
    if (in.call().caller.key != KeyKind::publishable) {
        confirmation.change = read_change(in);
        // Nothing said of a method means the one that is chosen.
        if (parameters.is_null("payment_method")) {
            confirmation.change.edit.clear_method = PaymentEdit::ClearMethod::no;
        }
        confirmation.client_secret = parameters.text("client_secret").value_or("");
        return confirmation;
    }
    confirmation.client_secret = parameters.required_text("client_secret");
    confirmation.change.method = read_paying(in, confirmation.change.edit);
    return confirmation;
}

std::optional<Refusal> PaymentChange::complete(PaymentEdit& completed, const Payment& payment)
    const {
    if (auto refusal = why_not_metadata(payment.details.metadata, metadata)) return refusal;
    completed.metadata = metadata.pairs;
    completed.clear_metadata = metadata.clear;
    if (minor || currency) {
        completed.amount =
            Money{minor.value_or(payment.amount.minor), currency.value_or(payment.amount.currency)};
    }
    return std::nullopt;
}

}  // namespace postern::payments::onerway
