#include "daemon/api/delivery_json.hpp"

#include "daemon/api/endpoint_json.hpp"
#include "daemon/api/event_json.hpp"
#include "daemon/header_text.hpp"
#include "net/http_client.hpp"
#include "storage/event_repository.hpp"

#include <algorithm>
#include <map>

namespace postern::daemon {

using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::EndpointStatus;
using storage::StoreError;

namespace {

struct EndpointFacts {
    EndpointStatus status = EndpointStatus::enabled;
    std::optional<TimePoint> not_before;
};

Result<EndpointFacts, StoreError> load_facts(storage::Connection& connection, EndpointId id) {
    const auto row = storage::find_endpoint(connection, id);
    if (!row) return row.error();
    const auto health = storage::find_endpoint_health(connection, id);
    if (!health) return health.error();
    EndpointFacts facts;
    const bool callable = *row && !(*row)->deleted_at;
    facts.status = callable ? (*row)->status : EndpointStatus::disabled;
    if (*health) facts.not_before = (*health)->not_before;
    return facts;
}

// A held one waits for another of its payment, and a disabled endpoint for a person: neither has a
// time.
std::optional<TimePoint> next_attempt_at(const DeliveryView& view) {
    const bool timed = view.row.queue && *view.row.queue != DeliveryQueue::held;
    if (!timed || view.endpoint_status == EndpointStatus::disabled) return std::nullopt;
    return std::max(view.row.due_at, view.not_before.value_or(view.row.due_at));
}

std::string_view state_text(const DeliveryView& view, const dispatch::Dispatcher& dispatcher) {
    const bool sending = is_open(view.row.state) && dispatcher.is_sending(view.row.id);
    return sending ? "sending" : to_text(view.row.state);
}

void append_milliseconds(
    JsonWriter& writer,
    std::string_view name,
    std::chrono::microseconds duration
) {
    const auto milliseconds = std::chrono::round<std::chrono::milliseconds>(duration);
    writer.member_integer(name, milliseconds.count());
}

void append_status(JsonWriter& writer, std::string_view name, std::int64_t status) {
    writer.key(name);
    status == 0 ? writer.null() : writer.integer(status);
}

std::string_view error_text(storage::AttemptError error) {
    return error == storage::AttemptError::none ? std::string_view{} : to_text(error);
}

}  // namespace

Result<std::vector<DeliveryView>, StoreError>
view_deliveries(storage::Connection& connection, std::vector<DeliveryRow> rows) {
    std::map<EndpointId, EndpointFacts> known;
    std::vector<DeliveryView> views;
    for (DeliveryRow& row : rows) {
        if (known.find(row.endpoint) == known.end()) {
            const auto facts = load_facts(connection, row.endpoint);
            if (!facts) return facts.error();
            known[row.endpoint] = *facts;
        }
        const EndpointFacts& facts = known[row.endpoint];
        const auto event = storage::find_event(connection, row.event);
        if (!event) return event.error();
        DeliveryView view{
            .row = std::move(row),
            .event_type = {},
            .endpoint_status = facts.status,
            .not_before = facts.not_before};
        if (*event) view.event_type = storage::type_name(**event);
        views.push_back(std::move(view));
    }
    return views;
}

void begin_delivery(JsonWriter& writer, const DeliveryView& view, const DeliveryNames& names) {
    const DeliveryRow& row = view.row;
    writer.begin_object();
    writer.member("id", names.ids.encode(row.id));
    writer.member("object", "delivery");
    writer.member("event_id", names.ids.encode(row.event));
    writer.member("endpoint_id", names.ids.encode(row.endpoint));
    writer.member_or_null("event_type", view.event_type);
    writer.member("state", state_text(view, names.dispatcher));
    writer.member_boolean("held", row.queue == DeliveryQueue::held);
    writer.member_or_null("reason", row.reason);
    writer.member_integer("sequence", row.sequence);
    writer.member_integer("attempts", row.attempts);
    writer.key("next_attempt_at");
    append_time_or_null(writer, next_attempt_at(view));
    append_status(writer, "last_status", row.last_status);
    writer.member_or_null("last_error", error_text(row.last_error));
    writer.member("trigger", to_text(row.trigger));
    writer.member("created_at", to_iso8601(row.created_at));
    writer.key("finished_at");
    append_time_or_null(writer, row.finished_at);
}

void append_delivery(JsonWriter& writer, const DeliveryView& view, const DeliveryNames& names) {
    begin_delivery(writer, view, names);
    writer.end_object();
}

void append_attempt(JsonWriter& writer, const storage::AttemptRow& row, const IdCodec& ids) {
    writer.begin_object();
    writer.member("id", ids.encode(row.id));
    writer.member_integer("number", row.number);
    writer.member("started_at", to_iso8601(row.started_at));
    writer.member("trigger", to_text(row.trigger));
    append_status(writer, "status", row.status);
    writer.member_or_null("error", error_text(row.error));
    writer.key("phases");
    writer.begin_object();
    append_milliseconds(writer, "dns_ms", row.phases.dns);
    append_milliseconds(writer, "connect_ms", row.phases.connect);
    append_milliseconds(writer, "tls_ms", row.phases.tls);
    append_milliseconds(writer, "first_byte_ms", row.phases.first_byte);
    append_milliseconds(writer, "total_ms", row.phases.total);
    writer.end_object();
    append_response(writer, {.headers = row.response_headers, .body = row.response_body});
    append_traceparent(writer, row.trace);
    writer.end_object();
}

void append_response(JsonWriter& writer, const ResponseText& response) {
    writer.key("response_headers");
    append_header_object(writer, parse_header_text(response.headers));
    writer.member("response_body", response.body);
    // As much as is kept of any: whether there was more is not known, so it is said.
    const std::size_t kept_max = net::OutboundRequest{}.body_bytes_kept;
    writer.member_boolean("response_body_truncated", response.body.size() >= kept_max);
}

}  // namespace postern::daemon
