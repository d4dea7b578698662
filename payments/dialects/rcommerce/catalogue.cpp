#include "payments/dialects/rcommerce/body.hpp"
#include "payments/dialects/rcommerce/endpoints.hpp"
#include "payments/dialects/rcommerce/replies.hpp"
#include "payments/gateways/gateway.hpp"

#include <algorithm>
#include <vector>

namespace postern::payments::rcommerce {
namespace {

struct Purchase {
    Currency currency;
    std::optional<std::int64_t> minor;  // absent: not said
};

bool can_pay(const MethodDescription& method, const Purchase& purchase) {
    const auto& currencies = method.currencies;
    const std::string wanted = purchase.currency.upper();
    if (std::find(currencies.begin(), currencies.end(), wanted) == currencies.end()) return false;
    if (!purchase.minor) return true;
    return *purchase.minor >= method.min_minor && *purchase.minor <= method.max_minor;
}

// Test money goes to sandboxes and real money to real gateways, never otherwise.
bool serves(const PaymentGateway& gateway, const Owner& owner) {
    const bool real = gateway.mode == PaymentGateway::Mode::live;
    return real == (owner.livemode == storage::Livemode::live);
}

// The default one first, as a checkout shows it.
std::vector<const PaymentGateway*> offered_to(const Call& call) {
    const GatewayBook& book = call.around.gateways;
    std::vector<const PaymentGateway*> offered;
    for (const PaymentGateway& gateway : book.all()) {
        if (serves(gateway, call.caller.owner)) offered.push_back(&gateway);
    }
    std::stable_partition(offered.begin(), offered.end(), [&book](const PaymentGateway* gateway) {
        return gateway == book.default_gateway();
    });
    return offered;
}

std::string_view named(std::string_view text, std::string_view otherwise) {
    return text.empty() ? otherwise : text;
}

void append_field(JsonWriter& writer, const FieldDescription& field, Language language) {
    writer.begin_object();
    writer.member("name", field.name);
    writer.member("label", named(label(field_labels(), field.name, language), field.name));
    writer.member("field_type", field.field_type);
    writer.member_boolean("required", field.needed == FieldDescription::Needed::required);
    writer.member_or_null("pattern", field.pattern);
    writer.member_or_null("placeholder", field.placeholder);
    writer.end_object();
}

void append_flag(JsonWriter& writer, std::string_view name, MethodDescription::Supports supports) {
    writer.member_boolean(name, supports == MethodDescription::Supports::yes);
}

void append_method(
    JsonWriter& writer,
    const MethodDescription& method,
    const Currency& currency,
    Language language
) {
    writer.begin_object();
    writer.member("method_type", method.name);
    writer.member_boolean("enabled", true);
    writer.member(
        "display_name", named(label(method_labels(), method.name, language), method.name)
    );
    writer.member_boolean("requires_redirect", method.redirect == MethodDescription::Redirect::yes);
    append_flag(writer, "supports_3ds", method.three_d_secure);
    append_flag(writer, "supports_tokenization", method.tokenization);
    append_flag(writer, "supports_recurring", method.recurring);
    writer.key("required_fields");
    writer.begin_array();
    for (const FieldDescription& field : method.fields) append_field(writer, field, language);
    writer.end_array();
    writer.key("supported_currencies");
    writer.begin_array();
    for (const std::string_view code : method.currencies) writer.string(code);
    writer.end_array();
    writer.member("min_amount", decimal_text({method.min_minor, currency}));
    writer.member("max_amount", decimal_text({method.max_minor, currency}));
    writer.end_object();
}

void append_gateway(
    JsonWriter& writer,
    const PaymentGateway& gateway,
    const Purchase& purchase,
    Language language
) {
    const auto fits = [&purchase](const MethodDescription& method) {
        return can_pay(method, purchase);
    };
    const auto methods = gateway.gateway->methods();
    if (std::none_of(methods.begin(), methods.end(), fits)) return;
    const std::string_view translated = label(gateway_labels(), gateway.kind, language);
    writer.begin_object();
    writer.member("gateway_id", gateway.name);
    writer.member("gateway_name", named(translated, gateway.gateway->display_name()));
    writer.key("payment_methods");
    writer.begin_array();
    for (const MethodDescription& method : methods) {
        if (fits(method)) append_method(writer, method, purchase.currency, language);
    }
    writer.end_array();
    writer.end_object();
}

// Amounts outside what a gateway takes are no mistake of the request: nothing is offered for them.
std::optional<Purchase> read_purchase(Body& body) {
    const auto currency = body.currency();
    const auto decimal = body.amount_text();
    if (!currency) return std::nullopt;
    Purchase purchase{.currency = *currency, .minor = {}};
    if (!decimal) return purchase;
    purchase.minor = minor_from_decimal(*decimal, *currency);
    if (!purchase.minor) {
        body.refuse(field_fault(
            ErrorCode::invalid_amount,
            "amount",
            std::string{text(Text::not_a_decimal, body.language())}
        ));
    }
    return purchase;
}

}  // namespace

Plan post_methods_query(const Call& call) {
    Body body{call};
    const auto purchase = read_purchase(body);
    if (auto refusal = body.finish()) return std::move(*refusal);
    std::string json;
    JsonWriter writer{json};
    writer.begin_array();
    for (const PaymentGateway* gateway : offered_to(call)) {
        append_gateway(writer, *gateway, *purchase, call.language);
    }
    writer.end_array();
    return rc_json(audience_of(call), kOk, std::move(json));
}

}  // namespace postern::payments::rcommerce
