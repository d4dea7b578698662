#include "daemon/commands/top_view.hpp"

#include "core/json_writer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>
#include <span>
#include <utility>

namespace postern::daemon::commands {
namespace {

enum class Kind : std::uint8_t { rate, gauge, median, slow, mean, times };

// slow: the 99th of a hundred. times: how often a histogram was told something, a second.
struct FigureRule {
    std::string_view name;
    Kind kind;
    Series series;
    FigureUnit unit = FigureUnit::per_second;
};

constexpr FigureRule kWebhooks[] = {
    {"received", Kind::rate, {"postern_webhooks_received_total"}},
    {"verified", Kind::rate, {"postern_webhooks_verified_total"}},
    {"duplicates", Kind::rate, {"postern_webhooks_duplicates_total"}},
    {"refused", Kind::rate, {"postern_webhooks_refused_total"}},
    {"shed", Kind::rate, {"postern_webhooks_shed_total"}},
    {"events", Kind::rate, {"postern_events_created_total"}},
    {"p50", Kind::median, {"postern_webhook_seconds"}, FigureUnit::seconds},
    {"p99", Kind::slow, {"postern_webhook_seconds"}, FigureUnit::seconds},
};
constexpr FigureRule kDelivery[] = {
    {"attempts", Kind::rate, {"postern_delivery_attempts_total"}},
    {"delivered", Kind::rate, {"postern_delivery_attempts_total", "error", "none"}},
    {"p50", Kind::median, {"postern_delivery_attempt_seconds"}, FigureUnit::seconds},
    {"p99", Kind::slow, {"postern_delivery_attempt_seconds"}, FigureUnit::seconds},
    {"first p99", Kind::slow, {"postern_delivery_first_seconds"}, FigureUnit::seconds},
    {"in flight", Kind::gauge, {"postern_delivery_in_flight"}, FigureUnit::count},
    {"window", Kind::gauge, {"postern_delivery_window_items"}, FigureUnit::count},
    {"paused endpoints", Kind::gauge, {"postern_delivery_breakers_open"}, FigureUnit::count},
    {"oldest due", Kind::gauge, {"postern_delivery_oldest_due_seconds"}, FigureUnit::seconds},
};
constexpr FigureRule kStore[] = {
    {"commits", Kind::times, {"postern_store_commit_seconds"}},
    {"p50", Kind::median, {"postern_store_commit_seconds"}, FigureUnit::seconds},
    {"p99", Kind::slow, {"postern_store_commit_seconds"}, FigureUnit::seconds},
    {"units each", Kind::mean, {"postern_store_batch_units"}, FigureUnit::count},
    {"queue", Kind::gauge, {"postern_store_queue_units"}, FigureUnit::count},
    {"queue size", Kind::gauge, {"postern_store_queue_bytes"}, FigureUnit::bytes},
    {"oldest", Kind::gauge, {"postern_store_oldest_waiting_seconds"}, FigureUnit::seconds},
};
// Only of a node that has neighbours.
constexpr FigureRule kCluster[] = {
    {"members", Kind::gauge, {"postern_cluster_members"}, FigureUnit::count},
    {"number", Kind::gauge, {"postern_cluster_node_number"}, FigureUnit::count},
    {"leads", Kind::gauge, {"postern_cluster_leader"}, FigureUnit::count},
    {"endpoints served", Kind::gauge, {"postern_lanes_held"}, FigureUnit::count},
    {"taken", Kind::rate, {"postern_lanes_claimed_total"}},
    {"lost", Kind::rate, {"postern_lanes_revoked_total"}},
    {"store reached", Kind::gauge, {"postern_store_reachable"}, FigureUnit::count},
    {"Redis up", Kind::gauge, {"postern_queue_up"}, FigureUnit::count},
};
// The private listener is left out: who looks would see himself.
constexpr FigureRule kListeners[] = {
    {"requests", Kind::rate, {"postern_http_requests_total", "listener", "public"}},
    {"TLS requests", Kind::rate, {"postern_http_requests_total", "listener", "tls"}},
    {"connections",
     Kind::gauge,
     {"postern_http_connections", "listener", "public"},
     FigureUnit::count},
    {"refused", Kind::rate, {"postern_http_refusals_total", "listener", "public"}},
    {"timeouts", Kind::rate, {"postern_http_timeouts_total", "listener", "public"}},
    {"rate limited", Kind::rate, {"postern_api_rate_limited_total"}},
    {"memory", Kind::gauge, {"process_resident_memory_bytes"}, FigureUnit::bytes},
};

struct GroupRule {
    std::string_view title;
    std::span<const FigureRule> figures;
};
constexpr GroupRule kGroups[] = {
    {"webhooks", kWebhooks},
    {"delivery", kDelivery},
    {"store", kStore},
    {"cluster", kCluster},
    {"requests", kListeners},
};

constexpr double kMedian = 0.5;
constexpr double kSlow = 0.99;

std::string with_ending(std::string_view name, std::string_view ending) {
    std::string whole{name};
    whole += ending;
    return whole;
}

bool is_histogram(Kind kind) {
    return kind != Kind::rate && kind != Kind::gauge;
}

bool is_known(const MetricsText& metrics, const FigureRule& rule) {
    if (is_histogram(rule.kind)) return metrics.has(with_ending(rule.series.name, "_count"));
    const auto samples = metrics.samples(rule.series.name);
    return std::any_of(samples.begin(), samples.end(), [&rule](const MetricSample& sample) {
        return belongs(sample, rule.series);
    });
}

std::optional<double> value_of(const MetricsSpan& span, const FigureRule& rule) {
    const std::string_view name = rule.series.name;
    switch (rule.kind) {
        case Kind::rate: return rate_per_second(span, rule.series);
        case Kind::gauge: return span.after.sum(rule.series);
        case Kind::median: return value_at(span, {name, kMedian});
        case Kind::slow: return value_at(span, {name, kSlow});
        case Kind::mean: return mean(span, name);
        case Kind::times: break;
    }
    const std::string count = with_ending(name, "_count");
    return rate_per_second(span, {.name = count});
}

// Of a counter by gateway; 0 where the daemon has none.
double gateway_rate(const MetricsSpan& span, std::string_view counter, const std::string& id) {
    return rate_per_second(span, {counter, "gateway", id}).value_or(0);
}

// These two are bounded in number: not every endpoint has them.
constexpr std::string_view kAttemptsByEndpoint = "endpoint_attempts_total";
constexpr std::string_view kSecondsByEndpoint = "endpoint_attempt_seconds_total";
constexpr std::string_view kTheRest = "other";

std::string endpoint_metric(std::string_view name) {
    std::string whole{"postern"};
    whole += '_';
    whole += name;
    return whole;
}

double failures_of(const MetricsSpan& span, const std::string& id) {
    return growth(span, endpoint_metric(kAttemptsByEndpoint), [&id](const MetricSample& sample) {
        return belongs(sample, {{}, "endpoint", id}) && belongs(sample, {{}, "outcome", "failed"});
    });
}

void fill_in(const MetricsSpan& span, EndpointRow& row) {
    const std::string attempts = endpoint_metric(kAttemptsByEndpoint);
    const std::string seconds = endpoint_metric(kSecondsByEndpoint);
    row.attempts = rate_per_second(span, {attempts, "endpoint", row.id});
    if (!row.attempts) return;
    const double length = span.length.count();
    row.failures = failures_of(span, row.id) / length;
    const double count = *row.attempts * length;
    if (count > 0) row.seconds = growth(span, {seconds, "endpoint", row.id}) / count;
}

bool is_worse(const EndpointRow& one, const EndpointRow& other) {
    const auto rank = [](const EndpointRow& row) {
        return std::array<double, 3>{
            row.state.empty() ? 0.0 : 1.0, row.failures.value_or(0), row.seconds.value_or(0)};
    };
    if (rank(one) != rank(other)) return rank(one) > rank(other);
    return one.id < other.id;
}

void write_number(JsonWriter& writer, std::string_view name, std::optional<double> value) {
    writer.key(name);
    if (!value || !std::isfinite(*value)) return writer.null();
    std::array<char, 64> buffer{};
    const int length = std::snprintf(buffer.data(), buffer.size(), "%.6g", *value);
    writer.raw({buffer.data(), static_cast<std::size_t>(length)});
}

// "first p99" of seconds is first_p99_seconds.
std::string member_name(const Figure& figure) {
    std::string name{figure.name};
    std::replace(name.begin(), name.end(), ' ', '_');
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    switch (figure.unit) {
        case FigureUnit::count: break;
        case FigureUnit::per_second: name += "_per_second"; break;
        case FigureUnit::seconds: name += "_seconds"; break;
        case FigureUnit::bytes: name += "_bytes"; break;
    }
    return name;
}

void write_group(JsonWriter& writer, const FigureGroup& group) {
    writer.key(group.title);
    writer.begin_object();
    for (const Figure& figure : group.figures) {
        write_number(writer, member_name(figure), figure.value);
    }
    writer.end_object();
}

void write_gateway(JsonWriter& writer, const GatewayRow& row) {
    writer.begin_object();
    writer.member("id", row.id);
    write_number(writer, "received_per_second", row.received);
    write_number(writer, "refused_per_second", row.refused);
    write_number(writer, "duplicates_per_second", row.duplicates);
    write_number(writer, "shed_per_second", row.shed);
    write_number(writer, "received", row.received_ever);
    writer.end_object();
}

void write_endpoint(JsonWriter& writer, const EndpointRow& row) {
    writer.begin_object();
    writer.member("id", row.id);
    writer.member_or_null("state", row.state);
    writer.member_or_null("url", row.url);
    write_number(writer, "attempts_per_second", row.attempts);
    write_number(writer, "failures_per_second", row.failures);
    write_number(writer, "attempt_seconds", row.seconds);
    writer.end_object();
}

}  // namespace

std::string readiness_text(JsonValue answer) {
    if (answer["status"].string() == "ready") return "ready";
    std::string text = "not ready";
    if (answer["reason"].is_string()) text += ": " + std::string{answer["reason"].string()};
    return text;
}

std::vector<FigureGroup> figure_groups(const MetricsSpan& span) {
    std::vector<FigureGroup> groups;
    for (const GroupRule& rule : kGroups) {
        FigureGroup group{.title = rule.title, .figures = {}};
        for (const FigureRule& figure : rule.figures) {
            if (!is_known(span.after, figure)) continue;
            group.figures.push_back({figure.name, value_of(span, figure), figure.unit});
        }
        if (!group.figures.empty()) groups.push_back(std::move(group));
    }
    return groups;
}

std::vector<GatewayRow> gateway_rows(const MetricsSpan& span) {
    constexpr std::string_view received = "postern_webhooks_received_total";
    std::vector<GatewayRow> rows;
    for (const std::string& id : span.after.values_of(received, "gateway")) {
        const double ever = span.after.sum({received, "gateway", id});
        if (ever <= 0) continue;
        rows.push_back(
            {.id = id,
             .received = gateway_rate(span, received, id),
             .refused = gateway_rate(span, "postern_webhooks_refused_total", id),
             .duplicates = gateway_rate(span, "postern_webhooks_duplicates_total", id),
             .shed = gateway_rate(span, "postern_webhooks_shed_total", id),
             .received_ever = ever}
        );
    }
    std::sort(rows.begin(), rows.end(), [](const GatewayRow& one, const GatewayRow& other) {
        if (one.received != other.received) return one.received > other.received;
        if (one.received_ever != other.received_ever)
            return one.received_ever > other.received_ever;
        return one.id < other.id;
    });
    return rows;
}

void append_endpoints(JsonValue list, std::vector<EndpointRow>& endpoints) {
    for (const JsonValue item : list.items()) {
        const std::string_view health = item["health"]["state"].string();
        const std::string_view reason = item["disabled_reason"].string();
        EndpointRow row;
        row.id = item["id"].string();
        row.url = item["url"].string();
        if (health == "failing" || health == "paused") row.state = health;
        // Who was switched off by hand is as somebody wants it.
        if (item["status"].string() == "disabled") row.state = reason == "manual" ? "" : "disabled";
        endpoints.push_back(std::move(row));
    }
}

std::vector<EndpointRow>
endpoint_rows(const MetricsSpan& span, const std::vector<EndpointRow>& known) {
    std::map<std::string, EndpointRow> by_id;
    for (const EndpointRow& row : known) by_id[row.id] = row;
    const auto measured = span.after.values_of(endpoint_metric(kAttemptsByEndpoint), "endpoint");
    for (const std::string& id : measured) {
        if (id == kTheRest) continue;
        EndpointRow& row = by_id[id];
        row.id = id;
        fill_in(span, row);
    }
    std::vector<EndpointRow> rows;
    for (auto& [id, row] : by_id) {
        if (!row.state.empty() || row.attempts.value_or(0) > 0) rows.push_back(std::move(row));
    }
    std::sort(rows.begin(), rows.end(), is_worse);
    return rows;
}

TopView view_without_answer(TopView last, const Complaint& complaint) {
    last.state = complaint.message.substr(0, complaint.message.find('\n'));
    last.uptime_seconds = 0;
    last.notice = last.groups.empty() ? "" : "what stands below is the last that it told";
    return last;
}

std::string view_json(const TopView& view) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("address", view.address);
    writer.member("version", view.version);
    writer.member("state", view.state);
    write_number(writer, "uptime_seconds", view.uptime_seconds);
    write_number(writer, "span_seconds", view.span_seconds);
    for (const FigureGroup& group : view.groups) write_group(writer, group);
    writer.key("gateways");
    writer.begin_array();
    for (const GatewayRow& row : view.gateways) write_gateway(writer, row);
    writer.end_array();
    writer.key("endpoints");
    writer.begin_array();
    for (const EndpointRow& row : view.endpoints) write_endpoint(writer, row);
    writer.end_array();
    writer.member_or_null("notice", view.notice);
    writer.end_object();
    json += '\n';
    return json;
}

}  // namespace postern::daemon::commands
