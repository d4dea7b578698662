#include "payments/service/payment_checks.hpp"

#include "payments/domain/paying_terms.hpp"
#include "payments/records/customer_records.hpp"
#include "payments/records/lookups.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

Reason reason_of(PaymentFault fault) {
    switch (fault) {
        case PaymentFault::unexpected_status:
        case PaymentFault::method_missing: return Reason::unexpected_status;
        case PaymentFault::amount_invalid: return Reason::amount_invalid;
        case PaymentFault::amount_too_small: return Reason::amount_too_small;
        case PaymentFault::amount_too_large: return Reason::amount_too_large;
        case PaymentFault::amount_over_capturable: return Reason::capture_over_hold;
        case PaymentFault::already_captured: return Reason::already_captured;
        case PaymentFault::already_canceled: return Reason::already_canceled;
    }
    return Reason::unexpected_status;
}

constexpr std::string_view kMethodMissing =
    "You cannot confirm this PaymentIntent because it's missing a payment method. Update the"
    " PaymentIntent with a payment method, or confirm it again with one.";
constexpr std::string_view kCustomerNeeded =
    "The payment method you provided is attached to a customer, so for security purposes you must"
    " provide that customer in the request.";
constexpr std::string_view kOtherCustomer =
    "The payment method you provided belongs to another customer than this payment.";
constexpr std::string_view kUsedUp =
    "This payment method was used before without being attached to a customer, or was detached,"
    " and may not be used again. To use one again, attach it to a customer first.";
constexpr std::string_view kNotAmongTypes =
    "The type of the payment method provided is not among this payment's payment_method_types.";
constexpr std::string_view kNoRedirects =
    "The payment method provided redirects the customer, which this payment does not allow: its"
    " automatic_payment_methods[allow_redirects] is never.";
constexpr std::string_view kUnanswered =
    "The gateway has not yet answered what it was asked about this payment. Try again in a moment.";

bool fits_livemode(const PaymentGateway& gateway, storage::Livemode livemode) {
    const bool is_live = gateway.mode == PaymentGateway::Mode::live;
    return is_live == (livemode == storage::Livemode::live);
}

Refusal no_gateway(std::string_view name) {
    return {
        .reason = Reason::gateway_not_found,
        .parameter = "gateway",
        .what = "gateway",
        .id = std::string{name}};
}

Refusal method_refusal(Reason reason, std::string_view detail) {
    return {.reason = reason, .parameter = "payment_method", .detail = std::string{detail}};
}

bool may_pay(PaymentMethod::State state) {
    return state == PaymentMethod::State::usable || state == PaymentMethod::State::reusable;
}

std::optional<Refusal> why_not_owned(const MethodChoice& choice) {
    if (!may_pay(choice.method.state)) return method_refusal(Reason::method_not_usable, kUsedUp);
    if (!choice.method.customer) return std::nullopt;
    if (choice.customer == nullptr) {
        return method_refusal(Reason::method_not_usable, kCustomerNeeded);
    }
    if (choice.customer->id == *choice.method.customer) return std::nullopt;
    return method_refusal(Reason::method_not_usable, kOtherCustomer);
}

const MethodDescription* description_of(const PaymentGateway& gateway, MethodType type) {
    const auto methods = gateway.gateway->methods();
    const auto found =
        std::find_if(methods.begin(), methods.end(), [type](const MethodDescription& description) {
            return description.type == type;
        });
    return found == methods.end() ? nullptr : &*found;
}

bool takes_currency(const MethodDescription& description, const Currency& currency) {
    const std::string code = currency.upper();
    const auto& codes = description.currencies;
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

// Types that are named are meant, wherever they send the customer.
bool must_not_redirect(const PaymentDetails& details) {
    return details.method_types.empty() && details.redirects == PaymentDetails::Redirects::never;
}

std::optional<Refusal> why_not_taken_by_gateway(const MethodChoice& choice) {
    const MethodDescription* description = description_of(choice.gateway, choice.method.type);
    if (description == nullptr) {
        return method_refusal(Reason::method_type_unsupported, {});
    }
    const bool redirects = description->redirect == MethodDescription::Redirect::yes;
    if (redirects && must_not_redirect(choice.payment.details)) {
        return method_refusal(Reason::method_type_unsupported, kNoRedirects);
    }
    const Money& amount = choice.payment.amount;
    if (!takes_currency(*description, amount.currency)) {
        return Refusal{
            .reason = Reason::currency_unsupported,
            .parameter = "currency",
            .id = std::string{amount.currency.lower()}};
    }
    if (amount.minor < description->min_minor) {
        return Refusal{.reason = Reason::amount_too_small, .parameter = "amount"};
    }
    if (amount.minor > description->max_minor) {
        return Refusal{.reason = Reason::amount_too_large, .parameter = "amount"};
    }
    return why_not_in_steps(choice.gateway, amount, "amount");
}

}  // namespace

std::optional<Refusal>
why_not_in_steps(const PaymentGateway& gateway, const Money& amount, std::string_view parameter) {
    const std::int64_t step = gateway.gateway->step_minor(amount.currency);
    if (amount.minor % step == 0) return std::nullopt;
    Refusal refusal{.reason = Reason::amount_invalid, .parameter = std::string{parameter}};
    refusal.detail = "Amounts in " + std::string{amount.currency.lower()} + " must be multiples of "
                     + std::to_string(step) + " at this gateway.";
    return refusal;
}

Refusal refusal_of(PaymentFault fault, const Payment& payment, std::string_view parameter) {
    Refusal refusal{.reason = reason_of(fault), .parameter = std::string{parameter}};
    if (fault == PaymentFault::method_missing) {
        refusal.parameter = "payment_method";
        refusal.detail = kMethodMissing;
    }
    if (payment.id.value != 0) refusal.payment = payment;
    return refusal;
}

Done<const PaymentGateway*> choose_gateway(const Books& books, std::string_view name) {
    const GatewayBook& gateways = books.around.gateways;
    const storage::Livemode livemode = books.owner.livemode;
    const PaymentGateway* chosen = name.empty() ? gateways.default_gateway() : gateways.find(name);
    if (chosen != nullptr && fits_livemode(*chosen, livemode)) return chosen;
    if (chosen == nullptr || !name.empty()) return no_gateway(name);
    for (const PaymentGateway& gateway : gateways.all()) {
        if (fits_livemode(gateway, livemode)) return &gateway;
    }
    return no_gateway(name);
}

Done<const PaymentGateway*> gateway_of(const Books& books, const Payment& payment) {
    const PaymentGateway* gateway = books.around.gateways.find(payment.gateway);
    if (gateway == nullptr) return no_gateway({});
    return gateway;
}

const PaymentGateway& gateway_taking(
    const Books& books,
    const Payment& payment,
    const PaymentMethod& method,
    const PaymentGateway& chosen
) {
    const auto takes = [&payment, &method](const PaymentGateway& gateway) {
        const MethodDescription* description = description_of(gateway, method.type);
        return description != nullptr && takes_currency(*description, payment.amount.currency);
    };
    const bool was_sent = !payment.gateway_payment_id.empty() || payment.latest_charge;
    if (was_sent || takes(chosen)) return chosen;
    for (const PaymentGateway& gateway : books.around.gateways.all()) {
        if (fits_livemode(gateway, books.owner.livemode) && takes(gateway)) return gateway;
    }
    return chosen;
}

Done<Customer> usable_customer(const Books& books, CustomerId id) {
    auto customer = find_customer(books.connection, books.owner, id);
    if (!customer) return customer.error();
    if (*customer && !(*customer)->deleted_at) return std::move(**customer);
    return Refusal{
        .reason = Reason::reference_missing,
        .parameter = "customer",
        .what = "customer",
        .id = stripe_id(books.around.ids, id)};
}

Done<PaymentMethod> usable_method(const Books& books, PaymentMethodId id) {
    auto method = find_payment_method(books.connection, books.owner, id);
    if (!method) return method.error();
    if (*method && (*method)->state != PaymentMethod::State::deleted) return std::move(**method);
    return Refusal{
        .reason = Reason::reference_missing,
        .parameter = "payment_method",
        .what = "payment_method",
        .id = books.around.ids.encode(id)};
}

std::optional<Refusal> why_not_pay_with(const MethodChoice& choice) {
    if (auto refusal = why_not_owned(choice)) return refusal;
    const auto& types = choice.payment.details.method_types;
    const std::string_view type = to_text(choice.method.type);
    if (!types.empty() && std::find(types.begin(), types.end(), type) == types.end()) {
        return method_refusal(Reason::method_type_unsupported, kNotAmongTypes);
    }
    return why_not_taken_by_gateway(choice);
}

std::optional<Refusal> why_not_keep(const MethodChoice& choice) {
    const PayingTerms terms = paying_terms(choice.payment, choice.method.type);
    if (terms.future_usage.empty()) return std::nullopt;
    if (choice.method.customer || choice.customer == nullptr) return std::nullopt;
    if (choice.customer->methods < kMethodsPerCustomerMax) return std::nullopt;
    return Refusal{.reason = Reason::methods_max, .parameter = "customer"};
}

Done<void> refuse_while_asked(const Books& books, const Payment& payment) {
    const auto orders = open_orders_of(books.connection, payment.id);
    if (!orders) return orders.error();
    const auto waits = [](const OrderRow& order) {
        return is_about_payment_itself(order.kind);
    };
    if (std::none_of(orders->begin(), orders->end(), waits)) return {};
    return Refusal{
        .reason = Reason::unexpected_status,
        .detail = std::string{kUnanswered},
        .payment = payment};
}

}  // namespace postern::payments
