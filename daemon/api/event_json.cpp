#include "daemon/api/event_json.hpp"

namespace postern::daemon {

void append_event(JsonWriter& writer, const storage::EventRow& row, const RowNames& names) {
    writer.begin_object();
    writer.member("id", names.ids.encode(row.id));
    writer.member("type", to_text(row.type));
    writer.member("timestamp", to_iso8601(row.created_at));
    writer.member("account_id", names.ids.encode(row.account));
    writer.member_boolean("livemode", row.livemode == storage::Livemode::live);
    writer.member("gateway", names.gateways.name(row.gateway));
    writer.member_or_null("gateway_event_id", row.gateway_event_id);
    writer.member_or_null("gateway_event_type", row.gateway_event_type);
    writer.member("trace_id", names.ids.encode(row.inbox));
    writer.key("data");
    writer.begin_object();
    writer.key("object");
    writer.raw(row.object);
    writer.end_object();
    writer.end_object();
}

}  // namespace postern::daemon
