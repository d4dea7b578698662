#include "dispatch/event_body.hpp"

#include "core/json_document.hpp"
#include "core/json_writer.hpp"

#include <array>

namespace postern::dispatch {
namespace {

// Only spelled on outgoing messages: nothing looks one up by it.
struct MessageId {
    std::int64_t value = 0;
    static constexpr std::string_view kPrefix = "msg_";
};

constexpr std::size_t kEnvelopeBytes = 512;

// What tells which payment an event is about, and nothing of what happened to it.
constexpr std::array kThinMembers = std::to_array<std::string_view>({
    "object",
    "id",
    "gateway_payment_id",
    "gateway_refund_id",
    "gateway_dispute_id",
    "gateway_payout_id",
    "merchant_reference",
    "order_id",
});

// All but the object and the closing brackets.
void open_envelope(JsonWriter& writer, const EventContent& event, const IdCodec& ids) {
    writer.begin_object();
    writer.member("id", ids.encode(event.id));
    writer.member("type", event.type);
    writer.member("timestamp", to_iso8601(event.created_at));
    writer.member("account_id", ids.encode(event.account));
    writer.member_boolean("livemode", event.livemode == storage::Livemode::live);
    writer.member_or_null("gateway", event.gateway);
    writer.member_or_null("gateway_event_id", event.gateway_event_id);
    writer.member_or_null("gateway_event_type", event.gateway_event_type);
    writer.member_or_null("trace_id", event.trace_id);
    if (event.trace.is_set()) writer.member("traceparent", to_traceparent(event.trace).view());
    writer.key("data");
    writer.begin_object();
    writer.key("object");
}

std::string_view stripe_name_for(const EndpointSettings& settings, const EventContent& event) {
    if (event.kind != EventKind::unified) return event.type;
    if (event.has_own_stripe_form()) return stripe_type_of(event);
    return stripe_type_for(settings, event.type);
}

void close_envelope(JsonWriter& writer) {
    writer.end_object();
    writer.end_object();
}

}  // namespace

std::string message_id_of(const EventContent& event, const IdCodec& ids) {
    if (event.kind == EventKind::message) return ids.encode(MessageId{event.id.value});
    return ids.encode(event.id);
}

void append_unified_event(std::string& out, const EventContent& event, const IdCodec& ids) {
    out.reserve(out.size() + kEnvelopeBytes + event.object.size());
    JsonWriter writer{out};
    open_envelope(writer, event, ids);
    writer.raw(event.object);
    close_envelope(writer);
}

void append_thin_event(std::string& out, const EventContent& event, const IdCodec& ids) {
    const auto document = JsonDocument::parse(event.object);
    const JsonValue object = document ? document->root() : JsonValue{};
    JsonWriter writer{out};
    open_envelope(writer, event, ids);
    writer.begin_object();
    for (const std::string_view name : kThinMembers) {
        const JsonValue value = object[name];
        if (value.exists()) writer.member_or_null(name, value.string());
    }
    writer.end_object();
    close_envelope(writer);
}

std::string
compose_body(const EndpointSettings& settings, const EventContent& event, const IdCodec& ids) {
    std::string body;
    if (settings.format == PayloadFormat::stripe) {
        const StripeForm form{
            .type = stripe_name_for(settings, event),
            .api_version = settings.api_version,
            .payload = settings.payload};
        append_stripe_event(body, event, ids, form);
        return body;
    }
    if (event.kind == EventKind::message) return event.object;
    const bool of_payments = event.kind == EventKind::unified || event.kind == EventKind::stripe;
    const bool thin = settings.payload == PayloadSize::thin && of_payments;
    thin ? append_thin_event(body, event, ids) : append_unified_event(body, event, ids);
    return body;
}

}  // namespace postern::dispatch
