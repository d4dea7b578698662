#include "daemon/api/delivery_json.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"

#include <array>

namespace postern::daemon {

using storage::DeliveryFilter;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::Page;
using storage::PageRequest;

namespace {

constexpr std::array kStates = {
    DeliveryState::pending,
    DeliveryState::waiting,
    DeliveryState::delivered,
    DeliveryState::dead,
    DeliveryState::canceled,
    DeliveryState::skipped,
    DeliveryState::superseded};

std::optional<DeliveryState> read_state(ParameterReader& parameters) {
    const auto sent = parameters.text("state");
    if (!sent) return std::nullopt;
    const auto state = storage::delivery_state_from_text(*sent);
    if (state) return state;
    std::string allowed;
    for (const DeliveryState one : kStates) {
        if (!allowed.empty()) allowed += ", ";
        allowed += to_text(one);
    }
    parameters.complain("state", "must be one of " + allowed);
    return std::nullopt;
}

struct DeliveryWish {
    EndpointName endpoint;
    DeliveryFilter filter;
    PageRequest<DeliveryId> page;
    TimePoint asked_at;
};

struct DeliveryPage {
    enum class Endpoint { unknown, known } endpoint = Endpoint::unknown;
    std::vector<DeliveryView> views;
    std::optional<DeliveryId> next_after;
};

StoreResult
load_page(storage::Connection& connection, const DeliveryWish& wish, DeliveryPage& answer) {
    const auto known = is_endpoint_of(connection, wish.endpoint);
    if (!known) return known.error();
    if (!*known) return {};
    answer.endpoint = DeliveryPage::Endpoint::known;
    DeliveryFilter filter = wish.filter;
    filter.until = storage::settled_until(
        connection, {.order = wish.page.order, .until = filter.until, .now = wish.asked_at}
    );
    auto page = storage::list_deliveries(connection, filter, wish.page);
    if (!page) return page.error();
    if (page->more == Page<DeliveryRow>::More::yes) answer.next_after = page->rows.back().id;
    auto views = view_deliveries(connection, std::move(page->rows));
    if (!views) return views.error();
    answer.views = std::move(*views);
    return {};
}

HttpReply page_reply(const ApiCall& call, const DeliveryPage& answer) {
    const DeliveryNames names{call.around.store.ids, call.around.dispatcher};
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const DeliveryView& view : answer.views) append_delivery(writer, view, names);
    end_list(
        writer,
        answer.next_after ? std::optional{names.ids.encode(*answer.next_after)} : std::nullopt
    );
    return json_reply(std::move(body));
}

struct SingleDelivery {
    std::optional<DeliveryView> view;
    std::vector<storage::AttemptRow> attempts;
};

StoreResult load_single(
    storage::Connection& connection,
    const storage::EndpointOwner& owner,
    DeliveryId id,
    SingleDelivery& single
) {
    auto row = storage::find_delivery(connection, id);
    if (!row) return row.error();
    const bool visible =
        *row && (*row)->account == owner.account && (*row)->livemode == owner.livemode;
    if (!visible) return {};
    std::vector<DeliveryRow> rows;
    rows.push_back(std::move(**row));
    auto views = view_deliveries(connection, std::move(rows));
    if (!views) return views.error();
    auto attempts = storage::list_attempts(connection, id);
    if (!attempts) return attempts.error();
    single.view = std::move(views->front());
    single.attempts = std::move(*attempts);
    return {};
}

HttpReply single_reply(const ApiCall& call, const SingleDelivery& single) {
    const DeliveryNames names{call.around.store.ids, call.around.dispatcher};
    std::string body;
    JsonWriter writer{body};
    begin_delivery(writer, *single.view, names);
    writer.key("attempts_log");
    writer.begin_array();
    for (const storage::AttemptRow& row : single.attempts) append_attempt(writer, row, names.ids);
    writer.end_array();
    writer.end_object();
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> list_webhook_deliveries(const ApiCall& call) {
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    ParameterReader parameters{call.request.query};
    DeliveryWish wish{
        .endpoint = *name, .filter = {}, .page = {}, .asked_at = call.around.clock.now()};
    wish.filter.endpoint = name->id;
    wish.filter.state = read_state(parameters);
    wish.filter.since = parameters.time("since");
    wish.filter.until = parameters.time("until");
    wish.page = parameters.page<DeliveryId>(call.around.store.ids);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    DeliveryPage answer;
    const ReadWork work = [&wish, &answer](storage::Connection& connection) {
        return load_page(connection, wish, answer);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (answer.endpoint == DeliveryPage::Endpoint::unknown) co_return no_endpoint_reply();
    co_return page_reply(call, answer);
}

net::Task<HttpReply> get_delivery(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<DeliveryId>(call.path_parameters.front());
    if (!id) co_return not_found_reply("delivery");
    SingleDelivery single;
    const ReadWork work = [&call, &single, id = *id](storage::Connection& connection) {
        return load_single(connection, owner_of(call), id, single);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!single.view) {
        const AgingThing wanted{"delivery", id->value, call.around.kept.events};
        co_return not_found_reply(call, wanted);
    }
    co_return single_reply(call, single);
}

}  // namespace postern::daemon
