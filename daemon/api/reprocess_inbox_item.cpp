#include "daemon/api/functions.hpp"
#include "daemon/api/inbox_item.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/reprocess.hpp"

namespace postern::daemon {

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
    const WriteWork apply = [&store, id, gateway, &reading](storage::Transaction& transaction) {
        return apply_reading(transaction, store.database.keys(), *id, *gateway, *reading);
    };
    auto writing = write_store(store, call.thread, apply);
    const WriteResult written = co_await std::move(writing);
    if (!written) co_return store_error_reply(written.error());
    auto replying = inbox_item_reply(call, *id);
    co_return co_await std::move(replying);
}

}  // namespace postern::daemon
