#pragma once

#include "core/json_writer.hpp"
#include "payments/domain/charge.hpp"
#include "payments/domain/payment_method.hpp"
#include "payments/domain/values.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string_view>

// The members that several objects of the R Commerce dialect share.
namespace postern::payments {

void append_rc_decimal(JsonWriter& writer, std::string_view name, const Money& money);
void append_rc_time(JsonWriter& writer, std::string_view name, const std::optional<TimePoint>& at);
void append_rc_metadata(JsonWriter& writer, const Metadata& metadata);

// What every event's object carries, so that filters and other dialects need not know which kind
// of object it is. An empty text is written as null.
struct EventMembers {
    std::string_view object;
    Owner owner;
    Money amount;
    std::string_view gateway_payment_id = {};
    std::string_view gateway_refund_id = {};
    std::string_view gateway_dispute_id = {};
    std::string_view gateway_payout_id = {};
    std::string_view merchant_reference = {};
    std::string_view outcome = {};
    TimePoint occurred_at;
};
void append_rc_event_members(JsonWriter& writer, const EventMembers& members);

std::string_view gateway_name(const Surroundings& around, storage::GatewayNumber number);

// The gateway's id where it gave one; ours, spelled as Stripe's users know it, where it did not.
template <class Id>
std::string gateway_id_text(const Surroundings& around, std::string_view gateway_id, Id ours) {
    return gateway_id.empty() ? stripe_id(around.ids, ours) : std::string{gateway_id};
}

// The flat members {method_type … cardholder_name}, without the object's braces and the token.
struct MethodFacts {
    MethodType type = MethodType::card;
    const Card* card = nullptr;
    const BankAccount* bank = nullptr;
    std::string_view holder_name = {};
    Charge::ThreeDSecure three_d_secure = Charge::ThreeDSecure::none;
};
MethodFacts facts_of(const PaymentMethod& method);
void append_flat_method(JsonWriter& writer, const MethodFacts& facts);
// {type, card{brand, last4, exp_month, exp_year, fingerprint}}, without the object's braces.
void append_nested_method(JsonWriter& writer, const MethodFacts& facts);

}  // namespace postern::payments
