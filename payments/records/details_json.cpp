#include "payments/records/details_json.hpp"

#include <utility>

namespace postern::payments {
namespace {

template <class Number>
void write_number(JsonWriter& writer, std::string_view name, Number value) {
    if (value == Number{}) return;
    writer.member_integer(name, static_cast<std::int64_t>(value));
}

template <class Number>
void read_number(const JsonValue& object, std::string_view name, Number& value) {
    value = static_cast<Number>(object[name].integer().value_or(0));
}

}  // namespace

Result<JsonDocument, storage::StoreError> parse_details(std::string_view text) {
    auto document = JsonDocument::parse(text);
    if (!document) return storage::StoreError::failed;
    return std::move(*document);
}

void write_member(JsonWriter& writer, std::string_view name, std::string_view text) {
    if (!text.empty()) writer.member(name, text);
}

void read_member(const JsonValue& object, std::string_view name, std::string& text) {
    text = object[name].string();
}

void write_json(JsonWriter& writer, const Metadata& metadata) {
    writer.begin_object();
    for (const auto& [name, value] : metadata) writer.member(name, value);
    writer.end_object();
}

void read_json(const JsonValue& value, Metadata& metadata) {
    metadata.clear();
    metadata.reserve(value.size());
    for (const JsonMember& member : value.members())
        metadata.emplace_back(member.key, member.value.string());
}

void write_json(JsonWriter& writer, const Address& address) {
    writer.begin_object();
    write_member(writer, "line1", address.line1);
    write_member(writer, "line2", address.line2);
    write_member(writer, "city", address.city);
    write_member(writer, "state", address.state);
    write_member(writer, "postal_code", address.postal_code);
    write_member(writer, "country", address.country);
    writer.end_object();
}

void read_json(const JsonValue& value, Address& address) {
    read_member(value, "line1", address.line1);
    read_member(value, "line2", address.line2);
    read_member(value, "city", address.city);
    read_member(value, "state", address.state);
    read_member(value, "postal_code", address.postal_code);
    read_member(value, "country", address.country);
}

void write_json(JsonWriter& writer, const BillingDetails& billing) {
    writer.begin_object();
    write_member(writer, "name", billing.name);
    write_member(writer, "email", billing.email);
    write_member(writer, "phone", billing.phone);
    write_member(writer, "address", billing.address);
    writer.end_object();
}

void read_json(const JsonValue& value, BillingDetails& billing) {
    read_member(value, "name", billing.name);
    read_member(value, "email", billing.email);
    read_member(value, "phone", billing.phone);
    read_member(value, "address", billing.address);
}

void write_json(JsonWriter& writer, const Shipping& shipping) {
    writer.begin_object();
    write_member(writer, "name", shipping.name);
    write_member(writer, "phone", shipping.phone);
    write_member(writer, "carrier", shipping.carrier);
    write_member(writer, "tracking_number", shipping.tracking_number);
    write_member(writer, "address", shipping.address);
    writer.end_object();
}

void read_json(const JsonValue& value, Shipping& shipping) {
    read_member(value, "name", shipping.name);
    read_member(value, "phone", shipping.phone);
    read_member(value, "carrier", shipping.carrier);
    read_member(value, "tracking_number", shipping.tracking_number);
    read_member(value, "address", shipping.address);
}

void write_json(JsonWriter& writer, const Card& card) {
    writer.begin_object();
    write_number(writer, "brand", card.brand);
    write_member(writer, "last4", card.last4);
    write_number(writer, "exp_month", card.exp_month);
    write_number(writer, "exp_year", card.exp_year);
    write_member(writer, "funding", card.funding);
    write_member(writer, "country", card.country);
    write_member(writer, "fingerprint", card.fingerprint);
    write_member(writer, "holder_name", card.holder_name);
    write_number(writer, "cvc_check", card.cvc_check);
    write_number(writer, "scenario", card.scenario);
    writer.end_object();
}

void read_json(const JsonValue& value, Card& card) {
    if (!value.exists()) return;
    read_number(value, "brand", card.brand);
    read_member(value, "last4", card.last4);
    read_number(value, "exp_month", card.exp_month);
    read_number(value, "exp_year", card.exp_year);
    read_member(value, "funding", card.funding);
    read_member(value, "country", card.country);
    read_member(value, "fingerprint", card.fingerprint);
    read_member(value, "holder_name", card.holder_name);
    read_number(value, "cvc_check", card.cvc_check);
    read_number(value, "scenario", card.scenario);
}

void write_json(JsonWriter& writer, const BankAccount& bank) {
    writer.begin_object();
    write_member(writer, "last4", bank.last4);
    write_member(writer, "routing_number", bank.routing_number);
    write_member(writer, "holder_name", bank.holder_name);
    write_member(writer, "bank_name", bank.bank_name);
    write_member(writer, "fingerprint", bank.fingerprint);
    writer.end_object();
}

void read_json(const JsonValue& value, BankAccount& bank) {
    read_member(value, "last4", bank.last4);
    read_member(value, "routing_number", bank.routing_number);
    read_member(value, "holder_name", bank.holder_name);
    read_member(value, "bank_name", bank.bank_name);
    read_member(value, "fingerprint", bank.fingerprint);
}

void write_json(JsonWriter& writer, const PaymentError& error) {
    writer.begin_object();
    write_member(writer, "code", error.code);
    write_member(writer, "decline_code", error.decline_code);
    write_member(writer, "message", error.message);
    if (error.method) write_number(writer, "method", error.method->value);
    writer.end_object();
}

void read_json(const JsonValue& value, PaymentError& error) {
    read_member(value, "code", error.code);
    read_member(value, "decline_code", error.decline_code);
    read_member(value, "message", error.message);
    std::int64_t method = 0;
    read_number(value, "method", method);
    if (method != 0) error.method = PaymentMethodId{method};
}

void write_json(JsonWriter& writer, const NextAction& action) {
    writer.begin_object();
    write_number(writer, "kind", action.kind);
    write_number(writer, "id", action.id.value);
    write_member(writer, "url", action.url);
    write_member(writer, "qr_text", action.qr_text);
    write_member(writer, "return_url", action.return_url);
    write_number(writer, "expires_at", unix_microseconds(action.expires_at));
    writer.end_object();
}

void read_json(const JsonValue& value, NextAction& action) {
    read_number(value, "kind", action.kind);
    read_number(value, "id", action.id.value);
    read_member(value, "url", action.url);
    read_member(value, "qr_text", action.qr_text);
    read_member(value, "return_url", action.return_url);
    std::int64_t expires_at = 0;
    read_number(value, "expires_at", expires_at);
    action.expires_at = from_unix_microseconds(expires_at);
}

void write_json(JsonWriter& writer, const PaymentDetails& details) {
    writer.begin_object();
    write_member(writer, "description", details.description);
    write_member(writer, "receipt_email", details.receipt_email);
    write_member(writer, "statement_descriptor", details.statement_descriptor);
    write_member(writer, "statement_descriptor_suffix", details.statement_descriptor_suffix);
    write_member(writer, "setup_future_usage", details.setup_future_usage);
    write_member(writer, "return_url", details.return_url);
    write_member(writer, "transfer_group", details.transfer_group);
    write_member(writer, "shipping", details.shipping);
    if (!details.method_types.empty()) {
        writer.key("method_types");
        writer.begin_array();
        for (const std::string& type : details.method_types) writer.string(type);
        writer.end_array();
    }
    write_number(writer, "redirects", details.redirects);
    write_member(writer, "method_options", details.method_options);
    write_member(writer, "metadata", details.metadata);
    writer.end_object();
}

void read_json(const JsonValue& value, PaymentDetails& details) {
    read_member(value, "description", details.description);
    read_member(value, "receipt_email", details.receipt_email);
    read_member(value, "statement_descriptor", details.statement_descriptor);
    read_member(value, "statement_descriptor_suffix", details.statement_descriptor_suffix);
    read_member(value, "setup_future_usage", details.setup_future_usage);
    read_member(value, "return_url", details.return_url);
    read_member(value, "transfer_group", details.transfer_group);
    read_member(value, "shipping", details.shipping);
    for (const JsonValue& type : value["method_types"].items())
        details.method_types.emplace_back(type.string());
    read_number(value, "redirects", details.redirects);
    read_member(value, "method_options", details.method_options);
    read_member(value, "metadata", details.metadata);
}

std::string metadata_text(const Metadata& metadata) {
    std::string text;
    JsonWriter writer{text};
    write_json(writer, metadata);
    return text;
}

}  // namespace postern::payments
