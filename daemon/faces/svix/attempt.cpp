#include "daemon/faces/svix/attempt.hpp"

#include "core/utf8.hpp"
#include "daemon/faces/svix/ids.hpp"

#include <algorithm>

namespace postern::daemon::svix {

using storage::AttemptError;
using storage::AttemptRow;

namespace {

constexpr int kClassWidth = 100;
constexpr std::int64_t kClassMax = 500;

MessageStatus status_of(const AttemptRow& row) {
    return row.error == AttemptError::none ? MessageStatus::success : MessageStatus::fail;
}

// What was answered, or why nothing was.
std::string_view response_of(const AttemptRow& row) {
    if (row.status != 0 || row.error == AttemptError::none) return row.response_body;
    return storage::to_text(row.error);
}

std::int64_t milliseconds(std::chrono::microseconds duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

}  // namespace

void append_attempt(
    JsonWriter& writer,
    const WholeAttempt& attempt,
    const IdCodec& ids,
    const AttemptView& view
) {
    const AttemptRow& row = attempt.row;
    const MessageStatus status = status_of(row);
    writer.begin_object();
    writer.member("id", ids.encode(AttemptId{row.id.value}));
    writer.member("endpointId", ids.encode(EndpointId{attempt.delivery.endpoint.value}));
    writer.member("msgId", message_id_of(attempt.event, ids));
    if (view.message) {
        writer.key("msg");
        append_message(writer, attempt.event, ids, *view.message);
    }
    writer.member("url", attempt.url);
    writer.member("response", view.content == Content::shown ? response_of(row) : "");
    writer.member_integer("responseStatusCode", row.status);
    writer.member_integer("responseDurationMs", milliseconds(row.phases.total));
    writer.member_integer("status", static_cast<std::int64_t>(status));
    writer.member("statusText", to_text(status));
    const bool manual = row.trigger == storage::AttemptTrigger::manual;
    writer.member_integer("triggerType", manual ? 1 : 0);
    writer.member("timestamp", to_iso8601(row.started_at));
    writer.end_object();
}

bool AttemptFilter::admits(const WholeAttempt& attempt) const {
    if (status && status_of(attempt.row) != *status) return false;
    if (status_code_class) {
        const std::int64_t its_class = attempt.row.status / kClassWidth * kClassWidth;
        if (its_class != *status_code_class) return false;
    }
    MessageFilter of_message = message;
    of_message.before.reset();
    of_message.after.reset();
    if (!of_message.admits(attempt.event)) return false;
    if (message.before && attempt.row.started_at >= *message.before) return false;
    return !message.after || attempt.row.started_at > *message.after;
}

AttemptFilter read_attempt_filter(Query& query) {
    AttemptFilter filter;
    if (const auto status = query.integer("status")) {
        filter.status = message_status_from_number(*status);
        if (!filter.status) query.complain("status", "must be from 0 to 4");
    }
    filter.status_code_class = query.integer("status_code_class");
    if (filter.status_code_class) {
        const std::int64_t wanted = *filter.status_code_class;
        if (wanted < 0 || wanted > kClassMax || wanted % kClassWidth != 0) {
            query.complain("status_code_class", "must be 0, 100, 200, 300, 400 or 500");
        }
    }
    filter.message = read_message_filter(query);
    return filter;
}

}  // namespace postern::daemon::svix
