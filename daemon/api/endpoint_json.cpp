#include "daemon/api/endpoint_json.hpp"

namespace postern::daemon {

using storage::EndpointHealthRow;

void append_time_or_null(JsonWriter& writer, const std::optional<TimePoint>& at) {
    at ? writer.string(to_iso8601(*at)) : writer.null();
}

void append_health(
    JsonWriter& writer,
    const std::optional<EndpointHealthRow>& health,
    TimePoint now
) {
    const EndpointHealthRow known = health.value_or(EndpointHealthRow{});
    const bool paused = known.not_before && *known.not_before > now;
    const std::string_view failing = known.failing_since ? "failing" : "healthy";
    writer.begin_object();
    writer.member("state", paused ? "paused" : failing);
    writer.key("failing_since");
    append_time_or_null(writer, known.failing_since);
    writer.key("not_before");
    append_time_or_null(writer, paused ? known.not_before : std::nullopt);
    writer.end_object();
}

void append_endpoint(JsonWriter& writer, const EndpointView& view, const ViewedAt& at) {
    const storage::EndpointRow& row = view.row;
    writer.begin_object();
    writer.member("id", at.ids.encode(row.id));
    writer.member("object", "webhook_endpoint");
    writer.member_or_null("uid", row.uid);
    writer.member("url", row.url);
    writer.member("status", to_text(row.status));
    writer.member_or_null("disabled_reason", row.disabled_reason);
    writer.member_boolean("livemode", row.livemode == storage::Livemode::live);
    dispatch::append_settings(writer, view.settings);
    if (!view.secret.empty()) writer.member("secret", view.secret);
    writer.key("health");
    append_health(writer, view.health, at.now);
    writer.member("created_at", to_iso8601(row.created_at));
    writer.member("updated_at", to_iso8601(row.updated_at));
    writer.end_object();
}

}  // namespace postern::daemon
