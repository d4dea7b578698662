#pragma once

#include "core/json_writer.hpp"
#include "daemon/endpoint_service.hpp"

#include <optional>
#include <string_view>

namespace postern::daemon {

struct EndpointView {
    const storage::EndpointRow& row;
    const dispatch::EndpointSettings& settings;
    std::optional<storage::EndpointHealthRow> health;
    std::string_view secret = {};  // shown once: in the answers that made it; empty: not shown
};
// What else a view is written with.
struct ViewedAt {
    const IdCodec& ids;
    TimePoint now;
};

void append_endpoint(JsonWriter& writer, const EndpointView& view, const ViewedAt& at);
// {"state":"healthy|failing|paused","failing_since","not_before"}
void append_health(
    JsonWriter& writer,
    const std::optional<storage::EndpointHealthRow>& health,
    TimePoint now
);
void append_time_or_null(JsonWriter& writer, const std::optional<TimePoint>& at);

}  // namespace postern::daemon
