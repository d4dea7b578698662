#include "daemon/api/event_json.hpp"

#include "dispatch/event_body.hpp"
#include "dispatch/fan_out.hpp"

namespace postern::daemon {

void append_traceparent(JsonWriter& writer, const std::optional<TraceContext>& trace) {
    writer.key("traceparent");
    trace ? writer.string(to_traceparent(*trace).view()) : writer.null();
}

void append_event(JsonWriter& writer, const storage::EventRow& row, const RowNames& names) {
    const auto name_of = [&names](storage::GatewayNumber number) {
        return std::string{names.gateways.name(number)};
    };
    std::string json;
    dispatch::append_unified_event(json, dispatch::content_of(row, names.ids, name_of), names.ids);
    writer.raw(json);
}

}  // namespace postern::daemon
