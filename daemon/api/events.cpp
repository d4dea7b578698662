#include "daemon/api/event_json.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/event_lists.hpp"

namespace postern::daemon {

using storage::EventFilter;
using storage::EventRow;
using storage::Page;
using storage::PageRequest;

namespace {

constexpr std::string_view kAnyOfSubject = ".*";

bool is_wished(EventType type, std::string_view wish) {
    if (!wish.ends_with(kAnyOfSubject)) return to_text(type) == wish;
    return to_text(type).starts_with(wish.substr(0, wish.size() - 1));
}

// None: every type. A complaint leaves none as well, and ends the call.
std::vector<WantedType> read_types(ParameterReader& parameters) {
    const auto sent = parameters.text("type");
    std::vector<WantedType> types;
    if (!sent) return types;
    for (const EventType type : all_event_types()) {
        if (is_wished(type, *sent)) types.push_back({.type = type});
    }
    for (WantedType& own : stripes_own_types(*sent)) types.push_back(std::move(own));
    if (types.empty()) {
        parameters.complain(
            "type",
            "must be a type of /api/v2/event-types such as payment.succeeded, or payment.*, "
            "refund.*, dispute.*, payout.*"
        );
    }
    return types;
}

struct EventWish {
    EventFilter filter;
    std::vector<WantedType> types;
    std::optional<std::string> gateway;
    PageRequest<EventId> page;
    TimePoint asked_at;
};

EventWish read_wish(ParameterReader& parameters, const ApiCall& call) {
    EventWish wish;
    wish.filter.account = call.identity.account;
    wish.filter.livemode = call.identity.livemode;
    wish.filter.since = parameters.time("since");
    wish.filter.until = parameters.time("until");
    wish.types = read_types(parameters);
    wish.gateway = parameters.text("gateway");
    wish.page = parameters.page<EventId>(call.around.store.ids);
    wish.asked_at = call.around.clock.now();
    return wish;
}

struct EventAnswer {
    GatewayNames gateways{{}};
    std::optional<Page<EventRow>> page;  // absent: no gateway of the wished name
};

StoreResult find_wished(storage::Connection& connection, EventWish& wish, EventAnswer& answer) {
    auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    answer.gateways = std::move(*gateways);
    if (wish.gateway) {
        wish.filter.gateway = answer.gateways.find(*wish.gateway, *wish.filter.account);
        if (!wish.filter.gateway) return {};
    }
    wish.filter.until = storage::settled_until(
        connection, {.order = wish.page.order, .until = wish.filter.until, .now = wish.asked_at}
    );
    auto page = list_events_of(connection, wish.filter, wish.types, wish.page);
    if (!page) return page.error();
    answer.page = std::move(*page);
    return {};
}

HttpReply page_reply(const EventAnswer& answer, const IdCodec& ids) {
    const Page<EventRow>& page = *answer.page;
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const EventRow& row : page.rows) append_event(writer, row, {ids, answer.gateways});
    const bool more = page.more == Page<EventRow>::More::yes;
    end_list(writer, more ? std::optional{ids.encode(page.rows.back().id)} : std::nullopt);
    return json_reply(std::move(body));
}

struct SingleEvent {
    GatewayNames gateways{{}};
    std::optional<EventRow> row;
};

StoreResult find_single(storage::Connection& connection, EventId id, SingleEvent& single) {
    auto row = storage::find_event(connection, id);
    if (!row) return row.error();
    single.row = std::move(*row);
    auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    single.gateways = std::move(*gateways);
    return {};
}

bool may_see(const Identity& identity, const EventRow& row) {
    return row.account == identity.account && row.livemode == identity.livemode;
}

}  // namespace

net::Task<HttpReply> list_events(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    EventWish wish = read_wish(parameters, call);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    EventAnswer answer;
    const ReadWork work = [&wish, &answer](storage::Connection& connection) {
        return find_wished(connection, wish, answer);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!answer.page) co_return error_reply(unknown_gateway_error());
    co_return page_reply(answer, call.around.store.ids);
}

net::Task<HttpReply> get_event(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const IdCodec& ids = call.around.store.ids;
    const auto id = ids.decode<EventId>(call.path_parameters.front());
    if (!id) co_return not_found_reply("event");
    SingleEvent single;
    const ReadWork work = [id = *id, &single](storage::Connection& connection) {
        return find_single(connection, id, single);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!single.row || !may_see(call.identity, *single.row)) {
        const AgingThing wanted{"event", id->value, call.around.kept.events};
        co_return not_found_reply(call, wanted);
    }
    std::string body;
    JsonWriter writer{body};
    append_event(writer, *single.row, {ids, single.gateways});
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon
