#pragma once

#include "core/ids.hpp"
#include "dispatch/endpoint.hpp"

#include <string>
#include <string_view>

// What is posted: the event in the form that the endpoint asked for. The same event and endpoint
// always give the same bytes, whichever attempt it is.
namespace postern::dispatch {

// The webhook-id: the event's public id, "msg_…" for a merchant's own message.
std::string message_id_of(const EventContent& event, const IdCodec& ids);

// {"id","type","timestamp","account_id","livemode","gateway","gateway_event_id",
//  "gateway_event_type","trace_id","traceparent","data":{"object":{…}}}
void append_unified_event(std::string& out, const EventContent& event, const IdCodec& ids);
// The same without data but the object's kind and ids: {"id","type","timestamp",…,"data":{"object":
// {"object","id"…}}}.
void append_thin_event(std::string& out, const EventContent& event, const IdCodec& ids);

// The Stripe event shape under the type's own mapped name.
void append_stripe_event(
    std::string& out,
    const EventContent& event,
    const IdCodec& ids,
    std::string_view api_version
);
// The same under a name that an endpoint subscribed to: it decides which object is told of.
struct StripeForm {
    std::string_view type;
    std::string_view api_version;  // empty: the oldest
    PayloadSize payload = PayloadSize::full;
    std::int64_t pending_webhooks = 0;  // what is still to be delivered, where somebody counted it
};
void append_stripe_event(
    std::string& out,
    const EventContent& event,
    const IdCodec& ids,
    const StripeForm& form
);
// What an event is called at /v1: its own Stripe name where it has one.
std::string_view stripe_type_of(const EventContent& event);
// "payment.succeeded" → "payment_intent.succeeded"; a type without a Stripe name keeps its own.
std::string_view stripe_type_of(std::string_view unified_type);
// The name under which this endpoint gets it: the mapped one where it is among its event types or a
// pattern selects it, else the first other name of it that is: "charge.refunded".
std::string_view stripe_type_for(const EndpointSettings& settings, std::string_view unified_type);
// Every unified type that a Stripe name stands for: "charge.dispute.created" → "dispute.created".
// Unified names and patterns stand for themselves; empty: no such name.
std::vector<std::string> unified_types_of(std::string_view stripe_type);
// The names that enabled_events takes.
const std::vector<std::string_view>& all_stripe_types();

// The whole body for this endpoint. A merchant's own message is its payload, byte for byte.
std::string
compose_body(const EndpointSettings& settings, const EventContent& event, const IdCodec& ids);

}  // namespace postern::dispatch
