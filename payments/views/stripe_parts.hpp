#pragma once

#include "core/json_writer.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/domain/values.hpp"
#include "payments/views/stripe_objects.hpp"
#include "payments/work.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

// What several objects of the /v1 dialect have in common.
namespace postern::payments::stripe_parts {

// One object under construction: its references are written as ids, or whole where it was asked.
struct Page {
    JsonWriter& writer;
    const Surroundings& around;
    const Expanded& expanded;
};

void reference(const Page& page, std::string_view name, std::string_view id);
template <class Id>
void reference(const Page& page, std::string_view name, const std::optional<Id>& id) {
    const std::string text = id ? stripe_id(page.around.ids, *id) : std::string{};
    reference(page, name, text);
}
// Method ids are the same in both dialects, dashes included.
std::string method_id(const Surroundings& around, const std::optional<PaymentMethodId>& id);

void nulls(JsonWriter& writer, std::initializer_list<std::string_view> names);
void moment(JsonWriter& writer, std::string_view name, TimePoint at);
void moment_or_null(JsonWriter& writer, std::string_view name, const std::optional<TimePoint>& at);
void livemode(JsonWriter& writer, const Owner& owner);
void money(JsonWriter& writer, const Money& amount);  // "amount" and "currency"
void metadata(JsonWriter& writer, const Metadata& pairs);
void address(JsonWriter& writer, const Address& address);
void billing_details(JsonWriter& writer, const BillingDetails& billing);
void shipping(JsonWriter& writer, const std::optional<Shipping>& shipping);
void card_checks(JsonWriter& writer, const Card& card);

// "card", "us_bank_account": as Stripe names a method's type.
std::string_view type_name(MethodType type);

}  // namespace postern::payments::stripe_parts
