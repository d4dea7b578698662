#include "payments/dialects/rcommerce/method_input.hpp"

#include "core/crypto.hpp"
#include "payments/card_desk.hpp"
#include "payments/domain/test_cards.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/views/rcommerce_objects.hpp"

#include <algorithm>

namespace postern::payments::rcommerce {
namespace {

constexpr std::size_t kNameCharactersMax = 100;

// Everything wrong with a method is the same code, at the field that is wrong.
class MethodFaults {
 public:
    MethodFaults(std::string_view field, Language language) : field_{field}, language_{language} {}

    void add(std::string_view below, Text message) {
        details_.push_back({at(below), std::string{text(message, language_)}});
    }
    MethodFaults inside(std::string_view below) const { return {at(below), language_}; }
    bool none() const { return details_.empty(); }
    Fault fault() const { return {.code = ErrorCode::invalid_payment_method, .details = details_}; }

 private:
    std::string at(std::string_view below) const {
        std::string field = field_;
        if (!field.empty() && !below.empty()) field += '.';
        field += below;
        return field;
    }

    std::string field_;
    Language language_;
    std::vector<FieldFault> details_;
};

// A text, or a number as people write months and years; nothing else, and no more than fits.
std::string leaf(JsonValue value) {
    const std::string_view text = value.text();
    return std::string{text.substr(0, kNameCharactersMax)};
}

std::string required(JsonValue object, std::string_view name, MethodFaults& faults) {
    std::string sent = leaf(object[name]);
    if (sent.empty()) faults.add(name, Text::required);
    return sent;
}

std::pair<std::string_view, Text> place_of(CardFault fault) {
    switch (fault) {
        case CardFault::number: return {"card.number", Text::card_number_invalid};
        case CardFault::month: return {"card.exp_month", Text::card_month_invalid};
        case CardFault::year: return {"card.exp_year", Text::card_year_invalid};
        case CardFault::cvc: return {"card.cvc", Text::card_cvc_invalid};
        case CardFault::expired: return {"card.exp_year", Text::expired_card};
    }
    return {"card.number", Text::card_number_invalid};
}

bool is_live(const Call& call) {
    return call.caller.owner.livemode == storage::Livemode::live;
}

// Test cards of years gone by are fine: the documents' own examples are.
TokeniseRules rules_at(const Call& call) {
    const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(call.now)};
    return {
        .expiry = is_live(call) ? ExpiryRule::not_past : ExpiryRule::any_year,
        .year_now = static_cast<int>(date.year()),
        .month_now = static_cast<int>(static_cast<unsigned>(date.month()))};
}

Result<MethodInput, Fault> read_card(const Call& call, JsonValue card, const MethodSource& source) {
    MethodFaults faults{source.field, call.language};
    if (!card.is_object()) {
        faults.add("card", Text::required);
        return faults.fault();
    }
    MethodFaults inside = faults.inside("card");
    CardInput input;
    input.number = required(card, "number", inside);
    input.exp_month = required(card, "exp_month", inside);
    input.exp_year = required(card, "exp_year", inside);
    input.cvc = required(card, "cvc", inside);
    input.holder_name = leaf(card["name"]);
    if (!inside.none()) return inside.fault();
    if (is_live(call) && is_test_number(input.number)) {
        faults.add("card.number", Text::card_declined);
        Fault fault = faults.fault();
        fault.code = ErrorCode::card_declined;
        return fault;
    }
    auto tokenised = call.around.cards.tokenise(input, rules_at(call));
    if (!tokenised) {
        const auto [below, message] = place_of(tokenised.error());
        faults.add(below, message);
        Fault fault = faults.fault();
        if (tokenised.error() == CardFault::expired) fault.code = ErrorCode::expired_card;
        return fault;
    }
    NewMethod fresh;
    fresh.method.type = MethodType::card;
    fresh.method.card = std::move(*tokenised);
    fresh.method.billing.name = input.holder_name;
    const bool keep = source.number == MethodSource::Number::keep && call.around.cards.has_vault();
    if (keep) fresh.number = input.number;
    return MethodInput{.fresh = std::move(fresh), .saved = {}};
}

Result<MethodInput, Fault> read_bank(const Call& call, JsonValue bank, const MethodSource& source) {
    MethodFaults faults{source.field, call.language};
    if (!bank.is_object()) {
        faults.add("bank_transfer", Text::required);
        return faults.fault();
    }
    MethodFaults inside = faults.inside("bank_transfer");
    std::string account = required(bank, "account_number", inside);
    const std::string routing = required(bank, "routing_number", inside);
    const std::string holder = required(bank, "account_holder_name", inside);
    if (!inside.none()) return inside.fault();
    auto tokenised = call.around.cards.tokenise_bank(account, routing);
    wipe(account);
    if (!tokenised) {
        inside.add("account_number", Text::account_number_invalid);
        return inside.fault();
    }
    NewMethod fresh;
    fresh.method.type = MethodType::us_bank_account;
    fresh.method.bank = std::move(*tokenised);
    fresh.method.bank->holder_name = holder;
    fresh.method.bank->bank_name = leaf(bank["bank_name"]);
    fresh.method.billing.name = holder;
    return MethodInput{.fresh = std::move(fresh), .saved = {}};
}

MethodInput wallet(MethodType type) {
    NewMethod fresh;
    fresh.method.type = type;
    return {.fresh = std::move(fresh), .saved = {}};
}

Result<MethodInput, Fault>
read_saved(const Call& call, JsonValue value, const MethodSource& source) {
    MethodFaults faults{source.field, call.language};
    const JsonValue token = value.is_string() ? value : value["token"];
    const std::string_view below = value.is_string() ? "" : "token";
    if (!token.is_string()) {
        faults.add(below, Text::required);
        return faults.fault();
    }
    auto input = read_token(call, token.string());
    if (input) return std::move(*input);
    faults.add(below, Text::not_an_id);
    return faults.fault();
}

// The page that shows a method without its type shows what it is made of.
std::string_view type_of(JsonValue value) {
    if (value["type"].exists()) return value["type"].string();
    for (const std::string_view type : {"card", "bank_transfer"}) {
        if (value[type].is_object()) return type;
    }
    return value["token"].is_string() ? "saved_card" : "";
}

bool takes(const PaymentGateway& gateway, MethodType type) {
    const auto methods = gateway.gateway->methods();
    return std::any_of(methods.begin(), methods.end(), [type](const MethodDescription& one) {
        return rc_method_type(one.type) == rc_method_type(type);
    });
}

Result<MethodInput, Fault>
read_by_type(const Call& call, JsonValue value, const MethodSource& source) {
    const std::string_view type = type_of(value);
    if (type == "card") return read_card(call, value["card"], source);
    if (type == "saved_card") return read_saved(call, value, source);
    if (type == "bank_transfer" || type == "us_bank_account") {
        return read_bank(call, value["bank_transfer"], source);
    }
    if (type == "wechat_pay" || type == "wechatpay") return wallet(MethodType::wechat_pay);
    if (type == "alipay") return wallet(MethodType::alipay);
    MethodFaults faults{source.field, call.language};
    faults.add("type", value["type"].exists() ? Text::method_type_unsupported : Text::required);
    return faults.fault();
}

}  // namespace

Result<MethodInput, Fault>
read_method(const Call& call, JsonValue value, const MethodSource& source) {
    if (value.is_string()) return read_saved(call, value, source);
    if (!value.is_object()) {
        MethodFaults faults{source.field, call.language};
        faults.add("", Text::not_an_object);
        return faults.fault();
    }
    auto input = read_by_type(call, value, source);
    if (!input || !input->fresh || source.gateway == nullptr) return input;
    if (takes(*source.gateway, input->fresh->method.type)) return input;
    wipe_number(input->fresh);
    MethodFaults faults{source.field, call.language};
    faults.add("type", Text::method_type_unsupported);
    return faults.fault();
}

std::optional<MethodInput> read_token(const Call& call, std::string_view token) {
    if (auto ready_made = ready_made_method(token); ready_made && !is_live(call)) {
        return MethodInput{.fresh = std::move(*ready_made), .saved = {}};
    }
    const auto id = read_id<PaymentMethodId>(call.around.ids, token);
    if (!id) return std::nullopt;
    return MethodInput{.fresh = {}, .saved = *id};
}

void wipe_number(std::optional<NewMethod>& method) {
    if (method) wipe(method->number);
}

}  // namespace postern::payments::rcommerce
