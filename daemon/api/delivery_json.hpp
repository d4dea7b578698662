#pragma once

#include "core/json_writer.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/endpoint_repository.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// A delivery with what its answer needs from its neighbours.
struct DeliveryView {
    storage::DeliveryRow row;
    std::string event_type;  // empty: the event fell out of retention
    storage::EndpointStatus endpoint_status = storage::EndpointStatus::enabled;
    std::optional<TimePoint> not_before;  // the endpoint's breaker
};
[[nodiscard]] Result<std::vector<DeliveryView>, storage::StoreError>
view_deliveries(storage::Connection& connection, std::vector<storage::DeliveryRow> rows);

struct DeliveryNames {
    const IdCodec& ids;
    const dispatch::Dispatcher& dispatcher;
};
// Without closing the object, so that more members can follow.
void begin_delivery(JsonWriter& writer, const DeliveryView& view, const DeliveryNames& names);
void append_delivery(JsonWriter& writer, const DeliveryView& view, const DeliveryNames& names);
void append_attempt(JsonWriter& writer, const storage::AttemptRow& row, const IdCodec& ids);

// "response_headers", "response_body" and "response_body_truncated".
struct ResponseText {
    std::string_view headers;
    std::string_view body;
};
void append_response(JsonWriter& writer, const ResponseText& response);

}  // namespace postern::daemon
