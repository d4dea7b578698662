#include "daemon/faces/svix/message.hpp"

#include "core/json_document.hpp"
#include "daemon/faces/svix/ids.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon::svix {

using storage::DeliveryRow;
using storage::DeliveryState;
using storage::EventRow;

namespace {

constexpr std::array<std::string_view, 5> kStatusNames =
    {"success", "pending", "fail", "sending", "canceled"};

bool has_channel(const EventRow& row, std::string_view channel) {
    const auto channels = JsonDocument::parse(row.channels.empty() ? "[]" : row.channels);
    if (!channels) return false;
    const auto items = channels->root().items();
    return std::any_of(items.begin(), items.end(), [channel](const JsonValue& item) {
        return item.string() == channel;
    });
}

}  // namespace

std::string message_id_of(const EventRow& row, const IdCodec& ids) {
    if (row.kind == storage::StoredEventKind::message) return ids.encode(MessageId{row.id.value});
    return ids.encode(row.id);
}

void append_message_members(
    JsonWriter& writer,
    const EventRow& row,
    const IdCodec& ids,
    Content content
) {
    writer.member("id", message_id_of(row, ids));
    writer.member_or_null("eventId", row.external_id);
    writer.member("eventType", storage::type_name(row));
    writer.key("payload");
    writer.raw(content == Content::shown ? row.object : "{}");
    writer.key("channels");
    row.channels.empty() ? writer.null() : writer.raw(row.channels);
    writer.member("timestamp", to_iso8601(row.created_at));
    writer.member_or_null("tags", {});
    writer.member_or_null("deliverAt", {});
}

void append_message(JsonWriter& writer, const EventRow& row, const IdCodec& ids, Content content) {
    writer.begin_object();
    append_message_members(writer, row, ids, content);
    writer.end_object();
}

std::string_view to_text(MessageStatus status) {
    return kStatusNames[static_cast<std::size_t>(status)];
}

std::optional<MessageStatus> message_status_from_number(std::int64_t number) {
    if (number < 0 || number >= static_cast<std::int64_t>(kStatusNames.size())) return std::nullopt;
    return static_cast<MessageStatus>(number);
}

MessageStatus status_of(const DeliveryRow& row, const dispatch::Dispatcher& dispatcher) {
    switch (row.state) {
        case DeliveryState::pending:
        case DeliveryState::waiting:
            return dispatcher.is_sending(row.id) ? MessageStatus::sending : MessageStatus::pending;
        case DeliveryState::delivered: return MessageStatus::success;
        case DeliveryState::dead: return MessageStatus::fail;
        case DeliveryState::canceled:
        case DeliveryState::skipped:
        case DeliveryState::superseded: return MessageStatus::canceled;
    }
    return MessageStatus::canceled;
}

void append_progress(
    JsonWriter& writer,
    const DeliveryRow& row,
    const dispatch::Dispatcher& dispatcher
) {
    const MessageStatus status = status_of(row, dispatcher);
    writer.member_integer("status", static_cast<std::int64_t>(status));
    writer.member("statusText", to_text(status));
    const bool open = storage::is_open(row.state);
    writer.member_or_null("nextAttempt", open ? to_iso8601(row.due_at) : "");
}

bool MessageFilter::admits(const EventRow& row) const {
    const auto type = std::find(types.begin(), types.end(), storage::type_name(row));
    if (!types.empty() && type == types.end()) return false;
    if (channel && !has_channel(row, *channel)) return false;
    if (before && row.created_at >= *before) return false;
    return !after || row.created_at > *after;
}

MessageFilter read_message_filter(Query& query) {
    MessageFilter filter;
    filter.types = query.texts("event_types");
    filter.channel = query.text("channel");
    filter.before = query.time("before");
    filter.after = query.time("after");
    if (query.text("tag")) query.complain("tag", "messages have no tags here; use channels");
    return filter;
}

}  // namespace postern::daemon::svix
