#include "payments/dialects/onerway/method_input.hpp"

#include "payments/card_desk.hpp"
#include "payments/dialects/onerway/fields.hpp"
#include "payments/domain/test_cards.hpp"
#include "payments/service/customer_service.hpp"

#include <algorithm>
#include <array>
#include <chrono>

namespace postern::payments::onerway {
namespace {

constexpr std::array<std::string_view, 5> kTypes =
    {"alipay", "card", "customer_balance", "us_bank_account", "wechat_pay"};
// What can be made from a request alone.
constexpr std::array<std::string_view, 4> kNewTypes = {
    "alipay",
    "card",
    "us_bank_account",
    "wechat_pay"};
constexpr std::string_view kTokenPrefix = "tok_";
constexpr std::string_view kReadyMadePrefix = "pm_card_";
constexpr int kPaymentRequired = 402;

struct CardRefusal {
    std::string_view code;
    std::string_view message;
};

CardRefusal refusal_of(CardFault fault) {
    switch (fault) {
        case CardFault::number: return {"invalid_number", "Your card number is incorrect."};
        case CardFault::month:
            return {"invalid_expiry_month", "Your card's expiration month is invalid."};
        case CardFault::year:
            return {"invalid_expiry_year", "Your card's expiration year is invalid."};
        case CardFault::cvc: return {"invalid_cvc", "Your card's security code is invalid."};
        case CardFault::expired: break;
    }
    return {"expired_card", "Your card has expired."};
}

bool is_live(const Call& call) {
    return call.caller.owner.livemode == storage::Livemode::live;
}

// Test mode takes the years of the documents' own examples, which are past.
TokeniseRules rules_for(const Call& call) {
    const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(call.now)};
    return {
        .expiry = is_live(call) ? ExpiryRule::not_past : ExpiryRule::any_year,
        .year_now = static_cast<int>(today.year()),
        .month_now = static_cast<int>(static_cast<unsigned>(today.month()))};
}

std::string required(Parameters& parameters, const std::string& name) {
    return parameters.required_text(name);
}

// "tok_visa": Stripe's ready-made tokens, which name the same cards as its ready-made methods.
std::optional<Card> card_of_token(Incoming& in, const std::string& name) {
    Parameters& parameters = in.parameters();
    const std::string token = required(parameters, name);
    if (token.starts_with(kTokenPrefix) && !is_live(in.call())) {
        std::string ready_made{kReadyMadePrefix};
        ready_made += std::string_view{token}.substr(kTokenPrefix.size());
        auto made = ready_made_method(ready_made);
        if (made && made->method.card) return std::move(made->method.card);
    }
    parameters.complain(missing_reference(name, {"token", token}));
    return std::nullopt;
}

Error test_card_in_live() {
    return {
        .status = kPaymentRequired,
        .type = "card_error",
        .code = "card_declined",
        .message =
            "Your card was declined. Your request was in live mode, but used a known test "
            "card.",
        .parameter = "card",
        .decline_code = "test_mode_live_card"};
}

void read_card(Incoming& in, std::string_view table, NewMethod& made) {
    Parameters& parameters = in.parameters();
    const std::string card = inside(table, "card");
    if (!parameters.has(card)) return parameters.complain_of_missing(card);
    if (parameters.has(inside(card, "token"))) {
        made.method.card = card_of_token(in, inside(card, "token"));
        return;
    }
    CardInput input;
    input.number = required(parameters, inside(card, "number"));
    input.exp_month = required(parameters, inside(card, "exp_month"));
    input.exp_year = required(parameters, inside(card, "exp_year"));
    input.cvc = parameters.text(inside(card, "cvc")).value_or("");
    input.holder_name = made.method.billing.name;
    parameters.text(inside(card, "networks[preferred]"));
    if (!parameters.is_good()) return;
    if (is_live(in.call()) && is_test_number(input.number)) return in.refuse(test_card_in_live());
    auto tokenised = in.call().around.cards.tokenise(input, rules_for(in.call()));
    if (!tokenised) {
        const CardRefusal refusal = refusal_of(tokenised.error());
        return in.refuse(
            {.status = kPaymentRequired,
             .type = "card_error",
             .code = refusal.code,
             .message = std::string{refusal.message},
             .parameter = "card"}
        );
    }
    made.method.card = std::move(*tokenised);
    if (in.call().around.cards.has_vault()) made.number = input.number;
}

void read_bank(Incoming& in, std::string_view table, NewMethod& made) {
    constexpr std::string_view kHolders[] = {"company", "individual"};
    constexpr std::string_view kAccounts[] = {"checking", "savings"};
    Parameters& parameters = in.parameters();
    const std::string bank = inside(table, "us_bank_account");
    if (!parameters.has(bank)) return parameters.complain_of_missing(bank);
    const std::string number_name = inside(bank, "account_number");
    std::string number = required(parameters, number_name);
    const std::string routing_name = inside(bank, "routing_number");
    const std::string routing = required(parameters, routing_name);
    parameters.word(inside(bank, "account_holder_type"), kHolders);
    parameters.word(inside(bank, "account_type"), kAccounts);
    if (!parameters.is_good()) return;
    auto account = in.call().around.cards.tokenise_bank(number, routing);
    forget(number);
    if (!account) {
        const bool of_routing = account.error().message.starts_with("routing_number");
        return in.refuse(
            {.code = of_routing ? "routing_number_invalid" : "account_number_invalid",
             .message = account.error().message,
             .parameter = of_routing ? routing_name : number_name}
        );
    }
    account->holder_name = made.method.billing.name;
    made.method.bank = std::move(*account);
}

}  // namespace

std::optional<NewMethod> read_new_method(Incoming& in, std::string_view table) {
    constexpr std::string_view kRedisplay[] = {"always", "limited", "unspecified"};
    Parameters& parameters = in.parameters();
    const std::string type_name = inside(table, "type");
    if (!parameters.has(type_name)) parameters.complain_of_missing(type_name);
    const auto type = parameters.word(type_name, kNewTypes);
    if (!type) return std::nullopt;
    NewMethod made;
    made.method.type = *method_type_from_text(*type);
    read_billing(parameters, table).apply_to(made.method.billing);
    made.method.metadata = metadata_of(read_metadata(parameters, inside(table, "metadata")));
    parameters.word(inside(table, "allow_redisplay"), kRedisplay);
    if (made.method.type == MethodType::card) read_card(in, table, made);
    if (made.method.type == MethodType::us_bank_account) read_bank(in, table, made);
    // Clients name a wallet a second time, for a table without members.
    if (made.method.type == MethodType::alipay || made.method.type == MethodType::wechat_pay) {
        parameters.table(inside(table, *type));
    }
    return made;
}

std::optional<NamedMethod> name_method(const Call& call, std::string_view text) {
    if (auto made = ready_made_method(text); made && !is_live(call)) {
        return NamedMethod{.id = {}, .ready_made = std::move(*made)};
    }
    const auto id = read_id<PaymentMethodId>(call.around.ids, text);
    if (!id) return std::nullopt;
    return NamedMethod{.id = *id, .ready_made = {}};
}

NamedMethod read_named_method(Incoming& in, std::string_view parameter) {
    const auto text = read_reference_text(in.parameters(), parameter);
    if (!text) return {};
    auto named = name_method(in.call(), *text);
    if (named) return std::move(*named);
    in.parameters().complain(missing_reference(parameter, {"payment_method", *text}));
    return {};
}

std::optional<MethodType> read_method_type(Parameters& parameters, std::string_view name) {
    const auto word = parameters.word(name, kTypes);
    if (!word) return std::nullopt;
    return *word == "customer_balance" ? MethodType::bank_transfer : method_type_from_text(*word);
}

std::optional<std::vector<std::string>> read_method_types(Parameters& parameters) {
    constexpr std::string_view kName = "payment_method_types";
    auto types = parameters.texts(kName);
    if (!types) return std::nullopt;
    for (std::string& type : *types) {
        if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
            parameters.complain(
                {.message = "The payment method type \"" + type
                            + "\" is invalid. It must be one of alipay, card, customer_balance, "
                              "us_bank_account, or wechat_pay.",
                 .parameter = std::string{kName}}
            );
        }
        if (type == "customer_balance") type = to_text(MethodType::bank_transfer);
    }
    return types;
}

}  // namespace postern::payments::onerway
