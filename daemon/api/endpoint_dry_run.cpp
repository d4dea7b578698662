#include "daemon/api/body_reader.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/gateway_names.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/event_repository.hpp"

namespace postern::daemon {

using dispatch::EndpointSettings;
using dispatch::EventContent;

namespace {

constexpr std::size_t kEventsLookedAt = 100;

// What may be tried out: these fields over the endpoint's own settings, or over the defaults.
std::optional<ApiError> read_trial(std::string_view text, EndpointSettings& settings) {
    BodyReader body{text};
    for (const char* field : {"event_types", "channels", "filter"}) body.value(field);
    if (auto error = body.finish()) return error;
    if (!body.object().exists()) return std::nullopt;
    body.complain(dispatch::read_settings(body.object(), settings));
    return body.complaints();
}

// Which of the settings keeps this event away; empty: none does.
std::string_view obstacle(const EndpointSettings& settings, const EventContent& event) {
    if (dispatch::is_subscribed(settings, event)) return {};
    EndpointSettings without = settings;
    without.filter.reset();
    if (dispatch::is_subscribed(without, event)) return "filter";
    without.channels.clear();
    return dispatch::is_subscribed(without, event) ? "channels" : "event_types";
}

Result<std::vector<EventContent>, storage::StoreError> load_last_events(
    storage::Connection& connection,
    const storage::EndpointOwner& owner,
    const IdCodec& ids
) {
    storage::EventFilter filter;
    filter.account = owner.account;
    filter.livemode = owner.livemode;
    const auto page = storage::list_events(
        connection,
        filter,
        {.after = {}, .order = storage::Order::newest_first, .rows_max = kEventsLookedAt}
    );
    if (!page) return page.error();
    const auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    const auto name_of = [&gateways](storage::GatewayNumber number) {
        return std::string{gateways->name(number)};
    };
    std::vector<EventContent> events;
    for (const storage::EventRow& row : page->rows) {
        events.push_back(dispatch::content_of(row, ids, name_of));
    }
    return events;
}

HttpReply trial_reply(
    const IdCodec& ids,
    const EndpointSettings& settings,
    const std::vector<EventContent>& events
) {
    std::int64_t matched = 0;
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.key("data");
    writer.begin_array();
    for (const EventContent& event : events) {
        const std::string_view reason = obstacle(settings, event);
        if (reason.empty()) ++matched;
        writer.begin_object();
        writer.member("event_id", ids.encode(event.id));
        writer.member("event_type", event.type);
        writer.member("created_at", to_iso8601(event.created_at));
        writer.member_boolean("matches", reason.empty());
        writer.member_or_null("reason", reason);
        writer.end_object();
    }
    writer.end_array();
    writer.member_integer("looked_at", static_cast<std::int64_t>(events.size()));
    writer.member_integer("matched", matched);
    writer.end_object();
    return json_reply(std::move(body));
}

net::Task<HttpReply> try_out(const ApiCall& call, EndpointSettings settings) {
    if (const auto error = read_trial(call.request.body, settings)) co_return error_reply(*error);
    const IdCodec& ids = call.around.store.ids;
    std::vector<EventContent> events;
    const ReadWork work = [&call, &ids, &events](storage::Connection& connection) -> StoreResult {
        auto loaded = load_last_events(connection, owner_of(call), ids);
        if (!loaded) return loaded.error();
        events = std::move(*loaded);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return trial_reply(ids, settings, events);
}

}  // namespace

net::Task<HttpReply> dry_run_webhook_filter(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    EndpointSettings settings;
    auto trying = try_out(call, std::move(settings));
    co_return co_await std::move(trying);
}

net::Task<HttpReply> dry_run_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    auto loading = load_endpoint(call, *name);
    auto loaded = co_await std::move(loading);
    if (!loaded) co_return std::move(loaded.error());
    auto trying = try_out(call, std::move(loaded->endpoint.settings));
    co_return co_await std::move(trying);
}

}  // namespace postern::daemon
