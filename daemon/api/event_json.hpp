#pragma once

#include "core/json_writer.hpp"
#include "core/trace.hpp"
#include "daemon/api/gateway_names.hpp"
#include "storage/event_repository.hpp"

#include <optional>

namespace postern::daemon {

// What ids and numbers in rows look like outside.
struct RowNames {
    const IdCodec& ids;
    const GatewayNames& gateways;
};

// The member "traceparent"; null where no trace is known.
void append_traceparent(JsonWriter& writer, const std::optional<TraceContext>& trace);

// A unified event as it is shown and delivered.
void append_event(JsonWriter& writer, const storage::EventRow& row, const RowNames& names);

}  // namespace postern::daemon
