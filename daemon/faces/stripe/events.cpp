#include "core/numbers.hpp"
#include "daemon/api/gateway_names.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/event_lists.hpp"
#include "daemon/faces/stripe/functions.hpp"
#include "daemon/faces/stripe/parameters.hpp"
#include "daemon/faces/stripe/replies.hpp"
#include "dispatch/event_body.hpp"
#include "dispatch/fan_out.hpp"
#include "storage/delivery_repository.hpp"
#include "storage/event_repository.hpp"

#include <algorithm>

namespace postern::daemon::stripe {

using storage::EventRow;
using storage::Page;

namespace {

constexpr std::string_view kWhat = "event";
constexpr std::string_view kListUrl = "/v1/events";
constexpr std::size_t kTypesMax = 20;  // Stripe's own bound
// Ids hold milliseconds in 43 bits, so a moment outside cannot become a border in the table.
constexpr std::int64_t kSecondsMax = 7'258'118'400;  // the year 2200

struct EventWish {
    storage::EventFilter filter;
    std::vector<WantedType> types;  // empty: every one
    ListWish<EventId> list;
};

// By either name: "payment_intent.succeeded", "payment.succeeded", "charge.*".
std::vector<WantedType> types_named(std::string_view name) {
    std::vector<WantedType> types;
    for (const EventType type : all_event_types()) {
        const std::string_view unified = to_text(type);
        const bool meant = dispatch::type_matches(name, dispatch::stripe_type_of(unified))
                           || dispatch::type_matches(name, unified);
        if (meant) types.push_back({.type = type});
    }
    for (WantedType& own : stripes_own_types(name)) types.push_back(std::move(own));
    return types;
}

void add_types(Parameters& parameters, const RequestMember& named, EventWish& wish) {
    if (named.node.text == "*") return;
    std::vector<WantedType> types = types_named(named.node.text);
    if (types.empty()) {
        parameters.complain(
            {.message = "Invalid event type: " + named.node.text, .parameter = named.name}
        );
    }
    for (WantedType& type : types) {
        const auto found = std::find(wish.types.begin(), wish.types.end(), type);
        if (found == wish.types.end()) wish.types.push_back(std::move(type));
    }
}

void read_types(Parameters& parameters, EventWish& wish) {
    if (auto type = parameters.text("type")) {
        add_types(parameters, {"type", {RequestNode::Kind::text, std::move(*type), {}}}, wish);
    }
    const auto types = parameters.texts("types");
    if (!types) return;
    if (parameters.has("type")) {
        parameters.complain({.message = "You may pass either type or types, but not both."});
    }
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

std::optional<std::int64_t>
read_seconds(Parameters& parameters, const std::string& name, const RequestNode& sent) {
    const auto seconds = parse_integer(sent.text);
    if (seconds && *seconds >= 0 && *seconds <= kSecondsMax) return *seconds;
    parameters.complain(
        {.code = "parameter_invalid_integer",
         .message = "Invalid integer: " + sent.text,
         .parameter = name}
    );
    return std::nullopt;
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
    const auto seconds = read_seconds(parameters, name, border.node);
    if (seconds) set_border(wish.filter, border.name, *seconds);
}

void read_created(Parameters& parameters, EventWish& wish) {
    const RequestNode* created = parameters.table("created");
    if (created == nullptr) return;
    if (created->kind == RequestNode::Kind::text) {  // exactly that second
        const auto seconds = read_seconds(parameters, "created", *created);
        if (!seconds) return;
        set_border(wish.filter, "gte", *seconds);
        set_border(wish.filter, "lte", *seconds);
    }
    for (const RequestMember& border : created->members) read_border(parameters, border, wish);
}

EventWish read_wish(Parameters& parameters, const ApiCall& call) {
    EventWish wish;
    wish.filter.account = call.identity.account;
    wish.filter.livemode = call.identity.livemode;
    wish.filter.kinds = storage::EventFilter::Kinds::of_payments;
    read_types(parameters, wish);
    read_created(parameters, wish);
    if (const auto arrived = parameters.flag("delivery_success")) {
        using Arrival = storage::EventFilter::Arrival;
        wish.filter.arrival = *arrived ? Arrival::everywhere : Arrival::not_everywhere;
    }
    wish.list = read_list<EventId>(parameters, call.around.store.ids, kWhat);
    expand_nothing(parameters);
    return wish;
}

struct FoundEvents {
    Page<EventRow> page;
    std::vector<std::int64_t> pending_webhooks;  // of each row
    GatewayNames gateways{{}};
};

StoreResult complete(storage::Connection& connection, FoundEvents& found) {
    for (const EventRow& row : found.page.rows) {
        const auto count = storage::count_open_deliveries(connection, row.id);
        if (!count) return count.error();
        found.pending_webhooks.push_back(*count);
    }
    auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    found.gateways = std::move(*gateways);
    return {};
}

void append_event(
    std::string& body,
    const FoundEvents& of,
    std::size_t index,
    const ApiCall& call
) {
    const dispatch::GatewayNameOf name = [&of](storage::GatewayNumber number) {
        return std::string{of.gateways.name(number)};
    };
    const IdCodec& ids = call.around.store.ids;
    const auto content = dispatch::content_of(of.page.rows[index], ids, name);
    const dispatch::StripeForm form{
        .type = dispatch::stripe_type_of(content),
        .api_version = api_version_of(call.request),
        .pending_webhooks = of.pending_webhooks[index]};
    dispatch::append_stripe_event(body, content, ids, form);
}

bool may_see(const Identity& identity, const EventRow& row) {
    return row.account == identity.account && row.livemode == identity.livemode
           && (row.kind == storage::StoredEventKind::unified
               || row.kind == storage::StoredEventKind::stripe);
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
        auto page = list_events_of(connection, wish.filter, wish.types, wish.list.page);
        if (!page) return page.error();
        found.page = std::move(*page);
        newest_first(found.page, wish.list.direction);
        return complete(connection, found);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (std::size_t i = 0; i < found.page.rows.size(); ++i) {
        std::string event;
        append_event(event, found, i, call);
        writer.raw(event);
    }
    end_list(writer, {.url = kListUrl, .has_more = found.page.more == Page<EventRow>::More::yes});
    co_return json_reply(std::move(body));
}

net::Task<HttpReply> get_event(const ApiCall& call) {
    const auto query = read_form(call.request.query);
    if (!query) co_return complaint_reply(query.error());
    Parameters parameters{*query};
    expand_nothing(parameters);
    if (const auto complaint = parameters.finish()) co_return complaint_reply(*complaint);
    const std::string& text = call.path_parameters.front();
    const auto id = call.around.store.ids.decode<EventId>(text);
    if (!id) co_return missing_reply({.what = kWhat, .id = text});
    FoundEvents found;
    const ReadWork work = [id = *id, &found](storage::Connection& connection) -> StoreResult {
        auto row = storage::find_event(connection, id);
        if (!row) return row.error();
        if (*row) found.page.rows.push_back(std::move(**row));
        return complete(connection, found);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (found.page.rows.empty() || !may_see(call.identity, found.page.rows.front())) {
        co_return missing_reply({.what = kWhat, .id = text});
    }
    std::string body;
    append_event(body, found, 0, call);
    co_return json_reply(std::move(body));
}

}  // namespace postern::daemon::stripe
