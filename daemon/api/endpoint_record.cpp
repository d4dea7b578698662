#include "core/numbers.hpp"
#include "daemon/api/delivery_json.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/endpoint_json.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

// What an endpoint has received and what it has not: figures and proof.
namespace postern::daemon {

using storage::DeliveryCounts;
using storage::EndpointRow;
using storage::Gap;

namespace {

constexpr std::chrono::hours kStatsSpan{24};

struct Stats {
    std::optional<EndpointRow> row;
    std::optional<storage::EndpointHealthRow> health;
    DeliveryCounts counts;
};

StoreResult load_stats(
    storage::Connection& connection,
    const EndpointName& name,
    TimePoint since,
    Stats& stats
) {
    const auto known = is_endpoint_of(connection, name);
    if (!known) return known.error();
    if (!*known) return {};
    auto row = storage::find_endpoint(connection, name.id);
    if (!row) return row.error();
    auto health = storage::find_endpoint_health(connection, name.id);
    if (!health) return health.error();
    const auto counts = storage::count_deliveries(connection, name.id, since);
    if (!counts) return counts.error();
    stats = {.row = std::move(*row), .health = std::move(*health), .counts = *counts};
    return {};
}

void append_counts(JsonWriter& writer, const DeliveryCounts& counts) {
    const std::int64_t total = counts.pending + counts.waiting + counts.delivered + counts.dead
                               + counts.canceled + counts.skipped + counts.superseded;
    writer.begin_object();
    writer.member_integer("total", total);
    writer.member_integer("pending", counts.pending);
    writer.member_integer("waiting", counts.waiting);
    writer.member_integer("delivered", counts.delivered);
    writer.member_integer("dead", counts.dead);
    writer.member_integer("canceled", counts.canceled);
    writer.member_integer("skipped", counts.skipped);
    writer.member_integer("superseded", counts.superseded);
    writer.end_object();
}

HttpReply stats_reply(const ApiCall& call, const Stats& stats, TimePoint since) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("endpoint_id", call.around.store.ids.encode(stats.row->id));
    writer.member("since", to_iso8601(since));
    writer.key("deliveries");
    append_counts(writer, stats.counts);
    writer.key("health");
    append_health(writer, stats.health, call.around.clock.now());
    writer.end_object();
    return json_reply(std::move(body));
}

struct Gaps {
    std::optional<EndpointRow> row;
    DeliveryCounts counts;
    std::vector<Gap> gaps;
};

StoreResult load_gaps(
    storage::Connection& connection,
    const EndpointName& name,
    const storage::GapQuery& query,
    Gaps& answer
) {
    const auto known = is_endpoint_of(connection, name);
    if (!known) return known.error();
    if (!*known) return {};
    auto row = storage::find_endpoint(connection, name.id);
    if (!row) return row.error();
    const auto counts = storage::count_deliveries(connection, name.id, from_unix_seconds(0));
    if (!counts) return counts.error();
    auto gaps = storage::list_gaps(connection, query);
    if (!gaps) return gaps.error();
    answer = {.row = std::move(*row), .counts = *counts, .gaps = std::move(*gaps)};
    return {};
}

void append_gap(JsonWriter& writer, const Gap& gap, const IdCodec& ids) {
    writer.begin_object();
    writer.member_integer("sequence", gap.sequence);
    writer.member("delivery_id", ids.encode(gap.delivery));
    writer.member("event_id", ids.encode(gap.event));
    writer.member("state", to_text(gap.state));
    writer.end_object();
}

// One gap more than asked for tells whether there is another page.
HttpReply gaps_reply(const ApiCall& call, Gaps answer, std::size_t limit) {
    const IdCodec& ids = call.around.store.ids;
    const bool more = answer.gaps.size() > limit;
    if (more) answer.gaps.resize(limit);
    const std::int64_t last = answer.row->last_sequence;
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("endpoint_id", ids.encode(answer.row->id));
    writer.key("sequence");
    writer.begin_object();
    writer.member_integer("from", last == 0 ? 0 : 1);
    writer.member_integer("to", last);
    writer.end_object();
    writer.member_integer("delivered", answer.counts.delivered);
    writer.key("data");
    writer.begin_array();
    for (const Gap& gap : answer.gaps) append_gap(writer, gap, ids);
    writer.end_array();
    writer.member_boolean("has_more", more);
    writer.key("next_cursor");
    more ? writer.string(std::to_string(answer.gaps.back().sequence)) : writer.null();
    writer.end_object();
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> get_webhook_stats(const ApiCall& call) {
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    ParameterReader parameters{call.request.query};
    const TimePoint otherwise = call.around.clock.now() - kStatsSpan;
    const TimePoint since = parameters.time("since").value_or(otherwise);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    Stats stats;
    const ReadWork work = [&name, &stats, since](storage::Connection& connection) {
        return load_stats(connection, *name, since, stats);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!stats.row) co_return no_endpoint_reply();
    co_return stats_reply(call, stats, since);
}

net::Task<HttpReply> list_webhook_gaps(const ApiCall& call) {
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    ParameterReader parameters{call.request.query};
    const std::size_t limit = parameters.limit();
    const std::int64_t after = parameters.position("cursor");
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const storage::GapQuery query{
        .endpoint = name->id, .after_sequence = after, .rows_max = limit + 1};
    Gaps answer;
    const ReadWork work = [&name, &query, &answer](storage::Connection& connection) {
        return load_gaps(connection, *name, query, answer);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!answer.row) co_return no_endpoint_reply();
    co_return gaps_reply(call, std::move(answer), limit);
}

}  // namespace postern::daemon
