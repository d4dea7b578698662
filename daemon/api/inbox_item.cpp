#include "daemon/api/inbox_item.hpp"

#include "core/bytes.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/header_text.hpp"

namespace postern::daemon {

using storage::EventRow;
using storage::InboxRow;
using storage::StoreError;

namespace {

void append_summary_members(JsonWriter& writer, const InboxRow& row, const RowNames& names) {
    writer.member("id", names.ids.encode(row.id));
    writer.member("gateway", names.gateways.name(row.gateway));
    writer.member_or_null("gateway_event_id", row.gateway_event_id);
    writer.member("received_at", to_iso8601(row.received_at));
    writer.member("verdict", to_text(row.verdict));
    writer.member_or_null("reason", row.reason);
    writer.key("duplicate_of");
    row.duplicate_of ? writer.string(names.ids.encode(*row.duplicate_of)) : writer.null();
    writer.key("event_ids");
    writer.begin_array();
    for (const EventId id : row.event_ids) writer.string(names.ids.encode(id));
    writer.end_array();
    writer.member("body_sha256", to_hex(row.body_sha256));
}

}  // namespace

Result<std::optional<InboxItem>, StoreError>
load_inbox_item(storage::Connection& connection, InboxId id, const Identity& identity) {
    auto row = storage::find_inbox(connection, id);
    if (!row) return row.error();
    if (!*row || (*row)->account != identity.account || (*row)->livemode != identity.livemode) {
        return std::optional<InboxItem>{};
    }
    auto events = load_events_of(connection, **row);
    if (!events) return events.error();
    auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    return std::optional{InboxItem{std::move(**row), std::move(*events), std::move(*gateways)}};
}

Result<std::vector<EventRow>, StoreError>
load_events_of(storage::Connection& connection, const InboxRow& row) {
    std::vector<EventRow> events;
    for (const EventId id : row.event_ids) {
        auto event = storage::find_event(connection, id);
        if (!event) return event.error();
        if (*event) events.push_back(std::move(**event));  // else: swept away by age
    }
    return events;
}

void append_inbox_summary(JsonWriter& writer, const InboxRow& row, const RowNames& names) {
    writer.begin_object();
    append_summary_members(writer, row, names);
    writer.end_object();
}

void append_inbox_item(JsonWriter& writer, const InboxItem& item, const IdCodec& ids) {
    const RowNames names{ids, item.gateways};
    writer.begin_object();
    append_summary_members(writer, item.row, names);
    writer.key("headers");
    append_header_object(writer, parse_header_text(item.row.headers));
    writer.member("body_base64", to_base64(item.row.body));
    append_traceparent(writer, item.row.trace);
    writer.key("events");
    writer.begin_array();
    for (const EventRow& event : item.events) append_event(writer, event, names);
    writer.end_array();
    writer.end_object();
}

net::Task<HttpReply> inbox_item_reply(const ApiCall& call, InboxId id) {
    std::optional<InboxItem> item;
    const ReadWork work = [&item, &call, id](storage::Connection& connection) -> StoreResult {
        auto loaded = load_inbox_item(connection, id, call.identity);
        if (!loaded) return loaded.error();
        item = std::move(*loaded);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!item) {
        const AgingThing wanted{"received webhook", id.value, call.around.kept.inbox};
        co_return not_found_reply(call, wanted);
    }
    std::string body;
    JsonWriter writer{body};
    append_inbox_item(writer, *item, call.around.store.ids);
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon
