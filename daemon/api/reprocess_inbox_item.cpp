#include "daemon/api/functions.hpp"
#include "daemon/api/inbox_item.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/payment_side.hpp"
#include "daemon/reprocess.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon {
namespace {

struct Reprocessing {
    InboxId id;
    const Gateway& gateway;
    const Reading& reading;
};

Result<HttpReply, storage::StoreError> reprocess_in(
    storage::Transaction& transaction,
    const ApiCall& call,
    const Reprocessing& wanted,
    std::vector<dispatch::Nudge>& nudges
) {
    Store& store = call.around.store;
    PaymentSide* payments = call.around.payments;
    const ReprocessSurroundings around{
        .keys = store.database.keys(),
        .ids = store.ids,
        .endpoints = call.around.endpoints,
        .desk = payments == nullptr ? nullptr : &payments->provider_desk()};
    auto applied = apply_reading(transaction, around, wanted.id, wanted.gateway, wanted.reading);
    if (!applied) return applied.error();
    nudges = std::move(*applied);
    const auto item = load_inbox_item(transaction.connection(), wanted.id, call.identity);
    if (!item) return item.error();
    if (!*item) return not_found_reply("received webhook");
    std::string body;
    JsonWriter writer{body};
    append_inbox_item(writer, **item, store.ids);
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> reprocess_inbox_item(const ApiCall& call) {
    Store& store = call.around.store;
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    if (const auto error = check_body_is_empty(call.request.body)) co_return error_reply(*error);
    const auto id = store.ids.decode<InboxId>(call.path_parameters.front());
    if (!id) co_return not_found_reply("received webhook");
    std::optional<InboxItem> item;
    const ReadWork load = [&item, &call, id](storage::Connection& connection) -> StoreResult {
        auto loaded = load_inbox_item(connection, *id, call.identity);
        if (!loaded) return loaded.error();
        item = std::move(*loaded);
        return {};
    };
    auto reading_store = read_store(store, call.thread, load);
    const StoreResult read = co_await std::move(reading_store);
    if (!read) co_return store_error_reply(read.error());
    if (!item) co_return not_found_reply("received webhook");
    const Gateway* gateway = call.around.gateways.find(item->row.gateway);
    if (gateway == nullptr) {
        co_return conflict_reply(
            "The gateway of this webhook is no longer configured, so nothing can read it"
        );
    }
    const auto reading = read_again(item->row, *gateway);
    if (!reading) co_return conflict_reply(reading.error().message);
    const Reprocessing wanted{.id = *id, .gateway = *gateway, .reading = *reading};
    std::vector<dispatch::Nudge> nudges;
    const OnceWork work = [&call, &wanted, &nudges](storage::Transaction& transaction) {
        return reprocess_in(transaction, call, wanted, nudges);
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    const bool applied = reply.status == 200 && !is_replayed(reply);
    if (applied && !nudges.empty()) call.around.dispatcher.nudge(std::move(nudges));
    co_return reply;
}

}  // namespace postern::daemon
