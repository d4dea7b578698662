#include "payments/views/stripe_parts.hpp"

namespace postern::payments {

std::string_view Expanded::find(std::string_view path) const {
    for (const auto& [name, json] : objects) {
        if (name == path) return json;
    }
    return {};
}

}  // namespace postern::payments

namespace postern::payments::stripe_parts {

void reference(const Page& page, std::string_view name, std::string_view id) {
    page.writer.key(name);
    const std::string_view whole = page.expanded.find(name);
    if (!whole.empty()) {
        page.writer.raw(whole);
    } else if (id.empty()) {
        page.writer.null();
    } else {
        page.writer.string(id);
    }
}

std::string method_id(const Surroundings& around, const std::optional<PaymentMethodId>& id) {
    return id ? around.ids.encode(*id) : std::string{};
}

void nulls(JsonWriter& writer, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        writer.key(name);
        writer.null();
    }
}

void moment(JsonWriter& writer, std::string_view name, TimePoint at) {
    writer.member_integer(name, unix_seconds(at));
}

void moment_or_null(JsonWriter& writer, std::string_view name, const std::optional<TimePoint>& at) {
    if (at) return moment(writer, name, *at);
    writer.key(name);
    writer.null();
}

void livemode(JsonWriter& writer, const Owner& owner) {
    writer.member_boolean("livemode", owner.livemode == storage::Livemode::live);
}

void money(JsonWriter& writer, const Money& amount) {
    writer.member_integer("amount", amount.minor);
    writer.member("currency", amount.currency.lower());
}

void metadata(JsonWriter& writer, const Metadata& pairs) {
    writer.key("metadata");
    writer.begin_object();
    for (const auto& [name, value] : pairs) writer.member(name, value);
    writer.end_object();
}

void address(JsonWriter& writer, const Address& address) {
    writer.begin_object();
    writer.member_or_null("city", address.city);
    writer.member_or_null("country", address.country);
    writer.member_or_null("line1", address.line1);
    writer.member_or_null("line2", address.line2);
    writer.member_or_null("postal_code", address.postal_code);
    writer.member_or_null("state", address.state);
    writer.end_object();
}

void billing_details(JsonWriter& writer, const BillingDetails& billing) {
    writer.key("billing_details");
    writer.begin_object();
    writer.key("address");
    address(writer, billing.address.value_or(Address{}));
    writer.member_or_null("email", billing.email);
    writer.member_or_null("name", billing.name);
    writer.member_or_null("phone", billing.phone);
    nulls(writer, {"tax_id"});
    writer.end_object();
}

void shipping(JsonWriter& writer, const std::optional<Shipping>& shipping) {
    writer.key("shipping");
    if (!shipping) return writer.null();
    writer.begin_object();
    writer.key("address");
    address(writer, shipping->address);
    writer.member_or_null("carrier", shipping->carrier);
    writer.member_or_null("name", shipping->name);
    writer.member_or_null("phone", shipping->phone);
    writer.member_or_null("tracking_number", shipping->tracking_number);
    writer.end_object();
}

void card_checks(JsonWriter& writer, const Card& card) {
    writer.key("checks");
    writer.begin_object();
    nulls(writer, {"address_line1_check", "address_postal_code_check"});
    switch (card.cvc_check) {
        case Card::CvcCheck::unchecked: writer.member("cvc_check", "unchecked"); break;
        case Card::CvcCheck::pass: writer.member("cvc_check", "pass"); break;
        case Card::CvcCheck::fail: writer.member("cvc_check", "fail"); break;
    }
    writer.end_object();
}

std::string_view type_name(MethodType type) {
    // Stripe has no type for transfers from any bank; its nearest is the customer's balance.
    return type == MethodType::bank_transfer ? "customer_balance" : to_text(type);
}

}  // namespace postern::payments::stripe_parts
