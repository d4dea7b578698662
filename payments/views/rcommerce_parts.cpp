#include "payments/views/rcommerce_parts.hpp"

#include "core/time.hpp"
#include "payments/views/rcommerce_objects.hpp"

#include <array>
#include <cstdio>

namespace postern::payments {
namespace {

std::string two_digits(int number) {
    std::array<char, 16> text{};
    const int written = std::snprintf(text.data(), text.size(), "%02d", number);
    return {text.data(), static_cast<std::size_t>(written)};
}

std::string_view holder_of(const MethodFacts& facts) {
    if (facts.card != nullptr && !facts.card->holder_name.empty()) return facts.card->holder_name;
    if (facts.bank != nullptr && !facts.bank->holder_name.empty()) return facts.bank->holder_name;
    return facts.holder_name;
}

void append_three_d_secure(JsonWriter& writer, Charge::ThreeDSecure how) {
    writer.key("three_d_secure");
    if (how == Charge::ThreeDSecure::none) return writer.null();
    writer.begin_object();
    const bool frictionless = how == Charge::ThreeDSecure::frictionless;
    writer.member("authentication_flow", frictionless ? "frictionless" : "challenge");
    writer.end_object();
}

void append_card(JsonWriter& writer, const Card& card, Charge::ThreeDSecure three_d_secure) {
    writer.key("card");
    writer.begin_object();
    writer.member("brand", to_text(card.brand));
    writer.member("last4", card.last4);
    writer.member_integer("exp_month", card.exp_month);
    writer.member_integer("exp_year", card.exp_year);
    writer.member_or_null("fingerprint", card.fingerprint);
    writer.member_or_null("name", card.holder_name);
    append_three_d_secure(writer, three_d_secure);
    writer.end_object();
}

void append_bank(JsonWriter& writer, const BankAccount& bank) {
    writer.key("bank_transfer");
    writer.begin_object();
    writer.member("last4", bank.last4);
    writer.member_or_null("routing_number", bank.routing_number);
    writer.member_or_null("account_holder_name", bank.holder_name);
    writer.member_or_null("bank_name", bank.bank_name);
    writer.member_or_null("fingerprint", bank.fingerprint);
    writer.end_object();
}

}  // namespace

void append_rc_decimal(JsonWriter& writer, std::string_view name, const Money& money) {
    writer.member(name, decimal_text(money));
}

void append_rc_time(JsonWriter& writer, std::string_view name, const std::optional<TimePoint>& at) {
    writer.key(name);
    at ? writer.string(to_iso8601(*at)) : writer.null();
}

void append_rc_metadata(JsonWriter& writer, const Metadata& metadata) {
    writer.key("metadata");
    writer.begin_object();
    for (const auto& [name, value] : metadata) writer.member(name, value);
    writer.end_object();
}

void append_rc_event_members(JsonWriter& writer, const EventMembers& members) {
    writer.member("object", members.object);
    writer.member_integer("amount_minor", members.amount.minor);
    writer.member_or_null("gateway_payment_id", members.gateway_payment_id);
    writer.member_or_null("gateway_refund_id", members.gateway_refund_id);
    writer.member_or_null("gateway_dispute_id", members.gateway_dispute_id);
    writer.member_or_null("gateway_payout_id", members.gateway_payout_id);
    writer.member_or_null("merchant_reference", members.merchant_reference);
    writer.member_or_null("outcome", members.outcome);
    append_rc_time(writer, "occurred_at", members.occurred_at);
    writer.member_boolean("gateway_livemode", members.owner.livemode == storage::Livemode::live);
}

std::string_view gateway_name(const Surroundings& around, storage::GatewayNumber number) {
    const PaymentGateway* gateway = around.gateways.find(number);
    return gateway == nullptr ? std::string_view{} : std::string_view{gateway->name};
}

MethodFacts facts_of(const PaymentMethod& method) {
    return {
        .type = method.type,
        .card = method.card ? &*method.card : nullptr,
        .bank = method.bank ? &*method.bank : nullptr,
        .holder_name = method.billing.name};
}

void append_flat_method(JsonWriter& writer, const MethodFacts& facts) {
    writer.member("method_type", rc_method_type(facts.type));
    std::string_view last_four;
    if (facts.card != nullptr) last_four = facts.card->last4;
    if (facts.bank != nullptr) last_four = facts.bank->last4;
    writer.member_or_null("last_four", last_four);
    const Card* card = facts.card;
    writer.member_or_null("card_brand", card != nullptr ? to_text(card->brand) : "");
    writer.member_or_null("exp_month", card != nullptr ? two_digits(card->exp_month) : "");
    writer.member_or_null("exp_year", card != nullptr ? std::to_string(card->exp_year) : "");
    writer.member_or_null("cardholder_name", holder_of(facts));
}

void append_nested_method(JsonWriter& writer, const MethodFacts& facts) {
    writer.member("type", rc_method_type(facts.type));
    if (facts.card != nullptr) append_card(writer, *facts.card, facts.three_d_secure);
    if (facts.bank != nullptr) append_bank(writer, *facts.bank);
}

std::string_view rc_method_type(MethodType type) {
    switch (type) {
        case MethodType::card: return "card";
        case MethodType::us_bank_account:
        case MethodType::bank_transfer: return "bank_transfer";
        case MethodType::wechat_pay: return "wechat_pay";
        case MethodType::alipay: return "alipay";
    }
    return "card";
}

}  // namespace postern::payments
