#include "payments/domain/paying_terms.hpp"

#include "core/json_document.hpp"

namespace postern::payments {
namespace {

// The options have Stripe's name for the one type that is called otherwise here.
std::string_view name_in_options(MethodType type) {
    return type == MethodType::bank_transfer ? "customer_balance" : to_text(type);
}

PayingTerms::Challenge challenge_of(std::string_view word) {
    if (word == "any") return PayingTerms::Challenge::where_possible;
    if (word == "challenge") return PayingTerms::Challenge::always;
    return PayingTerms::Challenge::where_required;
}

void apply_options(PayingTerms& terms, JsonValue options) {
    if (options["capture_method"].string() == "manual") terms.capture = PayingTerms::Capture::later;
    terms.challenge = challenge_of(options["request_three_d_secure"].string());
    const std::string_view usage = options["setup_future_usage"].string();
    if (!usage.empty()) terms.future_usage = usage == "none" ? "" : usage;
}

}  // namespace

PayingTerms paying_terms(const Payment& payment, MethodType type) {
    PayingTerms terms{.future_usage = payment.details.setup_future_usage};
    if (payment.capture_method == CaptureMethod::manual) {
        terms.capture = PayingTerms::Capture::later;
    }
    if (payment.details.method_options.empty()) return terms;
    const auto options = JsonDocument::parse(payment.details.method_options);
    if (options) apply_options(terms, options->root()[name_in_options(type)]);
    return terms;
}

}  // namespace postern::payments
