#pragma once

#include "core/json_writer.hpp"
#include "daemon/api.hpp"
#include "daemon/faces/svix/application.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/event_repository.hpp"

#include <string>
#include <string_view>

namespace postern::daemon::svix {

// "msg_…" for a merchant's own, the event's id for a provider's: what is delivered as webhook-id.
std::string message_id_of(const storage::EventRow& row, const IdCodec& ids);

enum class Content { shown, hidden };

// The members of a message, without the braces: lists of deliveries say more about each.
void append_message_members(
    JsonWriter& writer,
    const storage::EventRow& row,
    const IdCodec& ids,
    Content content
);
void append_message(
    JsonWriter& writer,
    const storage::EventRow& row,
    const IdCodec& ids,
    Content content
);

// Svix's numbers.
enum class MessageStatus { success, pending, fail, sending, canceled };
std::string_view to_text(MessageStatus status);
std::optional<MessageStatus> message_status_from_number(std::int64_t number);
MessageStatus status_of(const storage::DeliveryRow& row, const dispatch::Dispatcher& dispatcher);
// "status", "statusText" and "nextAttempt".
void append_progress(
    JsonWriter& writer,
    const storage::DeliveryRow& row,
    const dispatch::Dispatcher& dispatcher
);

// Which messages a list shows: by type, channel and time.
struct MessageFilter {
    std::vector<std::string> types;  // empty: every one
    std::optional<std::string> channel;
    std::optional<TimePoint> before;
    std::optional<TimePoint> after;

    bool admits(const storage::EventRow& row) const;
};
MessageFilter read_message_filter(Query& query);

// The types, filters and pages of every list look at so many rows at most; the iterator goes on
// from the last one.
inline constexpr std::size_t kRowsLookedAtMax = 2'000;

}  // namespace postern::daemon::svix
