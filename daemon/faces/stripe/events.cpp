#include "core/numbers.hpp"
#include "daemon/api/gateway_names.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/faces/stripe/functions.hpp"
#include "daemon/faces/stripe/parameters.hpp"
#include "daemon/faces/stripe/replies.hpp"
#include "dispatch/event_body.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/event_repository.hpp"

#include <algorithm>

namespace postern::daemon::stripe {

using storage::EventRow;
using storage::Order;
using storage::Page;

namespace {

constexpr std::string_view kWhat = "event";
constexpr std::string_view kListUrl = "/v1/events";
constexpr std::size_t kTypesMax = 20;  // Stripe's own bound
// Ids hold milliseconds in 43 bits, so a moment outside cannot become a border in the table.
constexpr std::int64_t kSecondsMax = 7'258'118'400;  // the year 2200

struct EventWish {
    storage::EventFilter filter;
    std::vector<EventType> types;  // empty: every one
    ListWish<EventId> list;
};

// By either name: "payment_intent.succeeded", "payment.succeeded", "charge.*".
std::vector<EventType> types_named(std::string_view name) {
    std::vector<EventType> types;
    for (const EventType type : all_event_types()) {
        const std::string_view unified = to_text(type);
        const bool meant = dispatch::type_matches(name, dispatch::stripe_type_of(unified))
                           || dispatch::type_matches(name, unified);
        if (meant) types.push_back(type);
    }
    return types;
}

void add_types(Parameters& parameters, const RequestMember& named, EventWish& wish) {
    const std::vector<EventType> types = types_named(named.node.text);
    if (types.empty()) {
        parameters.complain(
            {.message = "Invalid event type: " + named.node.text, .parameter = named.name}
        );
    }
    for (const EventType type : types) {
        const auto found = std::find(wish.types.begin(), wish.types.end(), type);
        if (found == wish.types.end()) wish.types.push_back(type);
    }
}

void read_types(Parameters& parameters, EventWish& wish) {
    if (auto type = parameters.text("type")) {
        add_types(parameters, {"type", {RequestNode::Kind::text, std::move(*type), {}}}, wish);
    }
    const auto types = parameters.texts("types");
    if (!types) return;
    if (types->size() > kTypesMax) {
        parameters.complain({.message = "Give at most 20 types", .parameter = "types"});
    }
    for (const std::string& type : *types) {
        add_types(parameters, {"types", {RequestNode::Kind::text, type, {}}}, wish);
    }
}

// Borders are whole seconds here and milliseconds in the filter: since is included, until is not.
void set_border(storage::EventFilter& filter, std::string_view name, std::int64_t seconds) {
    if (name == "gt") filter.since = from_unix_seconds(seconds + 1);
    if (name == "gte") filter.since = from_unix_seconds(seconds);
    if (name == "lt") filter.until = from_unix_seconds(seconds);
    if (name == "lte") filter.until = from_unix_seconds(seconds + 1);
}

void read_border(Parameters& parameters, const RequestMember& border, EventWish& wish) {
    constexpr std::string_view kNames[] = {"gt", "gte", "lt", "lte"};
    const std::string name = bracketed("created", border);
    if (std::find(std::begin(kNames), std::end(kNames), border.name) == std::end(kNames)) {
        return parameters.complain(
            {.code = "parameter_unknown",
             .message = "Received unknown parameter: " + name,
             .parameter = name}
        );
    }
    const auto seconds = parse_integer(border.node.text);
    if (!seconds || *seconds < 0 || *seconds > kSecondsMax) {
        return parameters.complain(
            {.code = "parameter_invalid_integer",
             .message = "Invalid integer: " + border.node.text,
             .parameter = name}
        );
    }
    set_border(wish.filter, border.name, *seconds);
}

void read_created(Parameters& parameters, EventWish& wish) {
    const RequestNode* created = parameters.table("created");
    if (created == nullptr) return;
    if (created->kind == RequestNode::Kind::text) {  // exactly that second
        read_border(parameters, {"gte", *created}, wish);
        read_border(parameters, {"lte", *created}, wish);
    }
    for (const RequestMember& border : created->members) read_border(parameters, border, wish);
}

EventWish read_wish(Parameters& parameters, const ApiCall& call) {
    EventWish wish;
    wish.filter.account = call.identity.account;
    wish.filter.livemode = call.identity.livemode;
    wish.filter.kind = storage::StoredEventKind::unified;
    read_types(parameters, wish);
    read_created(parameters, wish);
    wish.list = read_list<EventId>(parameters, call.around.store.ids, kWhat);
    return wish;
}

void append_page(Page<EventRow>& all, Page<EventRow> page) {
    if (page.more == Page<EventRow>::More::yes) all.more = page.more;
    std::move(page.rows.begin(), page.rows.end(), std::back_inserter(all.rows));
}

void cut_to_page(Page<EventRow>& page, const storage::PageRequest<EventId>& wish) {
    const bool ascending = wish.order == Order::oldest_first;
    const auto before = [ascending](const EventRow& a, const EventRow& b) {
        return ascending ? a.id < b.id : b.id < a.id;
    };
    std::sort(page.rows.begin(), page.rows.end(), before);
    if (page.rows.size() <= wish.rows_max) return;
    page.rows.resize(wish.rows_max);
    page.more = Page<EventRow>::More::yes;
}

// One list for each type, because the index is by type and then by id.
Result<Page<EventRow>, storage::StoreError>
read_events(storage::Connection& connection, const EventWish& wish) {
    if (wish.types.empty()) return storage::list_events(connection, wish.filter, wish.list.page);
    Page<EventRow> all;
    for (const EventType type : wish.types) {
        storage::EventFilter filter = wish.filter;
        filter.type = type;
        auto page = storage::list_events(connection, filter, wish.list.page);
        if (!page) return page.error();
        append_page(all, std::move(*page));
    }
    cut_to_page(all, wish.list.page);
    return all;
}

struct FoundEvents {
    Page<EventRow> page;
    GatewayNames gateways{{}};
};

void append_event(
    std::string& body,
    const EventRow& row,
    const ApiCall& call,
    const FoundEvents& of
) {
    const dispatch::GatewayNameOf name = [&of](storage::GatewayNumber number) {
        return std::string{of.gateways.name(number)};
    };
    const IdCodec& ids = call.around.store.ids;
    const auto content = dispatch::content_of(row, ids, name);
    dispatch::append_stripe_event(body, content, ids, api_version_of(call.request));
}

bool may_see(const Identity& identity, const EventRow& row) {
    return row.account == identity.account && row.livemode == identity.livemode
           && row.kind == storage::StoredEventKind::unified;
}

}  // namespace

net::Task<HttpReply> list_events(const ApiCall& call) {
    const auto query = read_form(call.request.query);
    if (!query) co_return complaint_reply(query.error());
    Parameters parameters{*query};
    const EventWish wish = read_wish(parameters, call);
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    FoundEvents found;
    const ReadWork work = [&wish, &found](storage::Connection& connection) -> StoreResult {
        auto page = read_events(connection, wish);
        if (!page) return page.error();
        found.page = std::move(*page);
        auto gateways = GatewayNames::load(connection);
        if (!gateways) return gateways.error();
        found.gateways = std::move(*gateways);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    newest_first(found.page, wish.list.direction);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const EventRow& row : found.page.rows) {
        std::string event;
        append_event(event, row, call, found);
        writer.raw(event);
    }
    end_list(writer, {.url = kListUrl, .has_more = found.page.more == Page<EventRow>::More::yes});
    co_return json_reply(std::move(body));
}

net::Task<HttpReply> get_event(const ApiCall& call) {
    const auto query = read_form(call.request.query);
    if (!query) co_return complaint_reply(query.error());
    Parameters parameters{*query};
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    const std::string& text = call.path_parameters.front();
    const auto id = call.around.store.ids.decode<EventId>(text);
    if (!id) co_return missing_reply({.what = kWhat, .id = text});
    FoundEvents found;
    const ReadWork work = [id = *id, &found](storage::Connection& connection) -> StoreResult {
        auto row = storage::find_event(connection, id);
        if (!row) return row.error();
        if (*row) found.page.rows.push_back(std::move(**row));
        auto gateways = GatewayNames::load(connection);
        if (!gateways) return gateways.error();
        found.gateways = std::move(*gateways);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (found.page.rows.empty() || !may_see(call.identity, found.page.rows.front())) {
        co_return missing_reply({.what = kWhat, .id = text});
    }
    std::string body;
    append_event(body, found.page.rows.front(), call, found);
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon::stripe
