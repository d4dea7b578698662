#include "payments/dialects/onerway/outcome.hpp"

#include "payments/dialects/onerway/incoming.hpp"

namespace postern::payments::onerway {
namespace {

constexpr int kPaymentRequired = 402;
constexpr std::string_view kCardDeclined = "card_declined";
constexpr std::string_view kInsufficientFunds = "insufficient_funds";

Json print_for(const Books& books, const Payment& payment, const PaymentAnswer& answer) {
    const Printer printer{books};
    const bool shown_to_all = answer.asked.audience.key == KeyKind::publishable;
    return shown_to_all ? printer.print_public(payment, answer.expand)
                        : printer.print(payment, answer.expand);
}

// Onerway's documents know this reason by its own name, Stripe's clients as one of many declines.
std::string_view code_for(const PaymentError& error, DeclineCodes codes) {
    const bool no_funds = error.decline_code == kInsufficientFunds;
    if (!no_funds) return error.code;
    return codes == DeclineCodes::stripe ? kCardDeclined : kInsufficientFunds;
}

Reply decline_reply(const Books& books, const Payment& payment, const PaymentAnswer& answer) {
    const PaymentError& reason = *payment.last_error;
    auto method = Printer{books}.failed_method_of(payment);
    if (!method) return method.error();
    auto intent = print_for(books, payment, answer);
    if (!intent) return intent.error();
    Error error{
        .status = kPaymentRequired,
        .type = "card_error",
        .code = code_for(reason, answer.asked.audience.codes),
        .message = reason.message,
        .parameter = answer.method == MethodCame::by_id ? "payment_method" : "card",
        .decline_code = reason.decline_code};
    if (payment.latest_charge) error.charge = stripe_id(books.around.ids, *payment.latest_charge);
    error.payment_intent = std::move(*intent);
    error.payment_method = std::move(*method);
    return error_reply(error);
}

}  // namespace

Reply payment_reply(const Books& books, const Payment& payment, const PaymentAnswer& answer) {
    if (answer.tried == PaymentAnswer::Tried::yes && has_failed(payment)) {
        return decline_reply(books, payment, answer);
    }
    auto json = print_for(books, payment, answer);
    if (!json) return json.error();
    return json_reply(std::move(*json));
}

}  // namespace postern::payments::onerway
