#pragma once

#include "daemon/api.hpp"
#include "daemon/api/event_json.hpp"
#include "storage/inbox_repository.hpp"

#include <optional>
#include <vector>

namespace postern::daemon {

// One received webhook with everything that belongs to it, of one moment.
struct InboxItem {
    storage::InboxRow row;
    std::vector<storage::EventRow> events;
    GatewayNames gateways;
};

// nullopt: absent, or not this caller's to see.
[[nodiscard]] Result<std::optional<InboxItem>, storage::StoreError>
load_inbox_item(storage::Connection& connection, InboxId id, const Identity& identity);

// The events that came of this row so far.
[[nodiscard]] Result<std::vector<storage::EventRow>, storage::StoreError>
load_events_of(storage::Connection& connection, const storage::InboxRow& row);

// What a list shows: without headers and body.
void append_inbox_summary(JsonWriter& writer, const storage::InboxRow& row, const RowNames& names);
void append_inbox_item(JsonWriter& writer, const InboxItem& item, const IdCodec& ids);

// Reads the item and answers it.
net::Task<HttpReply> inbox_item_reply(const ApiCall& call, InboxId id);

}  // namespace postern::daemon
