#include "payments/views/stripe_objects.hpp"
#include "payments/views/stripe_parts.hpp"

namespace postern::payments {

using namespace stripe_parts;

namespace {

void append_card(JsonWriter& writer, const Card& card) {
    const std::string_view brand = to_text(card.brand);
    writer.key("card");
    writer.begin_object();
    writer.member("brand", brand);
    card_checks(writer, card);
    writer.member_or_null("country", card.country);
    writer.member("display_brand", brand);
    writer.member_integer("exp_month", card.exp_month);
    writer.member_integer("exp_year", card.exp_year);
    writer.member_or_null("fingerprint", card.fingerprint);
    writer.member("funding", card.funding);
    nulls(writer, {"generated_from"});
    writer.member("last4", card.last4);
    writer.key("networks");
    writer.begin_object();
    writer.key("available");
    writer.begin_array();
    writer.string(brand);
    writer.end_array();
    nulls(writer, {"preferred"});
    writer.end_object();
    writer.member("regulated_status", "unregulated");
    writer.key("three_d_secure_usage");
    writer.raw(R"({"supported":true})");
    nulls(writer, {"wallet"});
    writer.end_object();
}

void append_bank(JsonWriter& writer, const BankAccount& bank) {
    writer.key("us_bank_account");
    writer.begin_object();
    writer.member("account_holder_type", "individual");
    writer.member("account_type", "checking");
    writer.member_or_null("bank_name", bank.bank_name);
    nulls(writer, {"financial_connections_account"});
    writer.member_or_null("fingerprint", bank.fingerprint);
    writer.member_or_null("last4", bank.last4);
    writer.key("networks");
    writer.raw(R"({"preferred":"ach","supported":["ach"]})");
    writer.member_or_null("routing_number", bank.routing_number);
    nulls(writer, {"status_details"});
    writer.end_object();
}

// Every type has a member of its own name, empty where there is nothing to say.
void append_type(JsonWriter& writer, const PaymentMethod& method) {
    writer.member("type", type_name(method.type));
    if (method.card && method.type == MethodType::card) return append_card(writer, *method.card);
    if (method.bank && method.type == MethodType::us_bank_account) {
        return append_bank(writer, *method.bank);
    }
    writer.key(type_name(method.type));
    writer.raw("{}");
}

void append_invoice_settings(const Page& page, const Customer& customer) {
    JsonWriter& writer = page.writer;
    writer.key("invoice_settings");
    writer.begin_object();
    nulls(writer, {"custom_fields"});
    const std::string_view whole = page.expanded.find("invoice_settings.default_payment_method");
    if (whole.empty()) {
        writer.member_or_null(
            "default_payment_method", method_id(page.around, customer.default_method)
        );
    } else {
        writer.key("default_payment_method");
        writer.raw(whole);
    }
    nulls(writer, {"footer", "rendering_options"});
    writer.end_object();
}

void append_deleted_customer(JsonWriter& writer, std::string_view id) {
    writer.begin_object();
    writer.member("id", id);
    writer.member("object", "customer");
    writer.member_boolean("deleted", true);
    writer.end_object();
}

}  // namespace

void append_customer(
    JsonWriter& writer,
    const Surroundings& around,
    const Customer& customer,
    const Expanded& expanded
) {
    const std::string id = stripe_id(around.ids, customer.id);
    if (customer.deleted_at) return append_deleted_customer(writer, id);
    writer.begin_object();
    writer.member("id", id);
    writer.member("object", "customer");
    writer.key("address");
    customer.address ? address(writer, *customer.address) : writer.null();
    writer.member_integer("balance", 0);
    moment(writer, "created", customer.created_at);
    nulls(writer, {"currency", "default_source"});
    writer.member_boolean("delinquent", false);
    writer.member_or_null("description", customer.description);
    nulls(writer, {"discount"});
    writer.member_or_null("email", customer.email);
    append_invoice_settings({writer, around, expanded}, customer);
    livemode(writer, customer.owner);
    metadata(writer, customer.metadata);
    writer.member_or_null("name", customer.name);
    writer.member_or_null("phone", customer.phone);
    writer.key("preferred_locales");
    writer.raw("[]");
    shipping(writer, customer.shipping);
    writer.member("tax_exempt", "none");
    nulls(writer, {"test_clock"});
    writer.end_object();
}

void append_payment_method(
    JsonWriter& writer,
    const Surroundings& around,
    const PaymentMethod& method,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    writer.begin_object();
    reference(page, "id", around.ids.encode(method.id));
    writer.member("object", "payment_method");
    writer.member("allow_redisplay", "unspecified");
    billing_details(writer, method.billing);
    moment(writer, "created", method.created_at);
    reference(page, "customer", method.customer);
    nulls(writer, {"customer_account"});
    livemode(writer, method.owner);
    metadata(writer, method.metadata);
    append_type(writer, method);
    writer.end_object();
}

}  // namespace postern::payments
