#pragma once

#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "payments/domain/charge.hpp"
#include "payments/domain/payment.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/domain/values.hpp"
#include "storage/store_error.hpp"

#include <optional>
#include <string>
#include <string_view>

// The JSON of the columns named `details` and `metadata`: what no statement looks at. Members that
// are empty or zero are left out, and members that are not known are passed over, so that a row of
// an older or newer program can be read. Enumerations are stored as their numbers.
namespace postern::payments {

// What we wrote must be JSON; if it is not, the store is damaged, and that is a failed read.
Result<JsonDocument, storage::StoreError> parse_details(std::string_view text);

// One JSON value each. What is read from a missing value is the default one.
void write_json(JsonWriter& writer, const Metadata& metadata);
void write_json(JsonWriter& writer, const Address& address);
void write_json(JsonWriter& writer, const BillingDetails& billing);
void write_json(JsonWriter& writer, const Shipping& shipping);
void write_json(JsonWriter& writer, const Card& card);
void write_json(JsonWriter& writer, const BankAccount& bank);
void write_json(JsonWriter& writer, const PaymentError& error);
void write_json(JsonWriter& writer, const NextAction& action);
void write_json(JsonWriter& writer, const PaymentDetails& details);

void read_json(const JsonValue& value, Metadata& metadata);
void read_json(const JsonValue& value, Address& address);
void read_json(const JsonValue& value, BillingDetails& billing);
void read_json(const JsonValue& value, Shipping& shipping);
void read_json(const JsonValue& value, Card& card);
void read_json(const JsonValue& value, BankAccount& bank);
void read_json(const JsonValue& value, PaymentError& error);
void read_json(const JsonValue& value, NextAction& action);
void read_json(const JsonValue& value, PaymentDetails& details);

// Members of an object that is being written; what is empty is left out.
void write_member(JsonWriter& writer, std::string_view name, std::string_view text);
template <class Value>
void write_member(JsonWriter& writer, std::string_view name, const Value& value) requires requires {
    write_json(writer, value);
}
{
    if (value == Value{}) return;
    writer.key(name);
    write_json(writer, value);
}
template <class Value>
void write_member(JsonWriter& writer, std::string_view name, const std::optional<Value>& value) {
    if (!value) return;
    writer.key(name);  // there, though it may hold nothing
    write_json(writer, *value);
}

void read_member(const JsonValue& object, std::string_view name, std::string& text);
template <class Value>
void read_member(const JsonValue& object, std::string_view name, Value& value) requires requires {
    read_json(object, value);
}
{ read_json(object[name], value); }
template <class Value>
void read_member(const JsonValue& object, std::string_view name, std::optional<Value>& value) {
    const JsonValue member = object[name];
    if (!member.is_object()) return;
    read_json(member, value.emplace());
}

// A column of metadata alone.
std::string metadata_text(const Metadata& metadata);

}  // namespace postern::payments
