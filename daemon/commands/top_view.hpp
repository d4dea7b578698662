#pragma once

#include "core/json_document.hpp"
#include "daemon/commands/metric_rates.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What `postern top` shows, made of a daemon's answers; without a connection or a terminal.
namespace postern::daemon::commands {

enum class FigureUnit : std::uint8_t { count, per_second, seconds, bytes };

struct Figure {
    std::string_view name;
    std::optional<double> value;  // absent: nothing happened that it could be of
    FigureUnit unit = FigureUnit::count;
};

struct FigureGroup {
    std::string_view title;
    std::vector<Figure> figures;
};

// Of a gateway that something came from since the daemon started; a second.
struct GatewayRow {
    std::string id;
    double received = 0;
    double refused = 0;
    double duplicates = 0;
    double shed = 0;
    double received_ever = 0;
};

struct EndpointRow {
    std::string id;
    std::string state;               // "failing"; empty: well, or not known
    std::string url;                 // empty: not known
    std::optional<double> attempts;  // a second
    std::optional<double> failures;  // a second
    std::optional<double> seconds;   // of one attempt
};

struct TopView {
    std::string address;
    std::string version;
    std::string state;          // "ready", or why not
    double uptime_seconds = 0;  // 0: it does not answer
    double span_seconds = 0;    // what rates are over
    std::vector<FigureGroup> groups;
    std::vector<GatewayRow> gateways;    // the busiest first
    std::vector<EndpointRow> endpoints;  // those that fail first, then the slowest
    std::string notice;                  // what is missing, and why; empty: nothing
};

// "ready", or "not ready: …", of /readyz.
std::string readiness_text(JsonValue answer);

// Those that the daemon knows no such metric of are left out.
std::vector<FigureGroup> figure_groups(const MetricsSpan& span);
std::vector<GatewayRow> gateway_rows(const MetricsSpan& span);

// The items of /api/v2/webhook-endpoints.
void append_endpoints(JsonValue list, std::vector<EndpointRow>& endpoints);
// Of these and those that have metrics of their own: the ones to look at.
std::vector<EndpointRow>
endpoint_rows(const MetricsSpan& span, const std::vector<EndpointRow>& known);

// What is shown while the daemon is away: what it told last, and that it does not answer.
TopView view_without_answer(TopView last, const Complaint& complaint);

std::string view_json(const TopView& view);

}  // namespace postern::daemon::commands
