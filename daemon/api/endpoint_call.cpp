#include "daemon/api/endpoint_call.hpp"

#include "daemon/api/endpoint_json.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon {

using storage::Connection;
using storage::StoreError;
using storage::Transaction;

storage::EndpointOwner owner_of(const ApiCall& call) {
    return {call.identity.account, call.identity.livemode};
}

std::optional<EndpointName> endpoint_in_path(const ApiCall& call) {
    const auto id = call.around.store.ids.decode<EndpointId>(call.path_parameters.front());
    if (!id) return std::nullopt;
    return EndpointName{owner_of(call), *id};
}

HttpReply no_endpoint_reply() {
    return not_found_reply("webhook endpoint");
}

Result<bool, StoreError> is_endpoint_of(Connection& connection, const EndpointName& name) {
    const auto row = storage::find_endpoint(connection, name.id);
    if (!row) return row.error();
    return *row && !(*row)->deleted_at && (*row)->account == name.owner.account
           && (*row)->livemode == name.owner.livemode;
}

Result<std::optional<EndpointState>, StoreError>
load_endpoint_state(Connection& connection, const SecretBox& secrets, const EndpointName& name) {
    auto endpoint = find_open_endpoint(connection, secrets, name);
    if (!endpoint) return endpoint.error();
    if (!*endpoint) return std::optional<EndpointState>{};
    auto health = storage::find_endpoint_health(connection, name.id);
    if (!health) return health.error();
    return std::optional{EndpointState{std::move(**endpoint), std::move(*health)}};
}

net::Task<Result<EndpointState, HttpReply>>
load_endpoint(const ApiCall& call, const EndpointName& name) {
    std::optional<EndpointState> state;
    const ReadWork work = [&call, &name, &state](Connection& connection) -> StoreResult {
        auto loaded = load_endpoint_state(connection, call.around.secrets, name);
        if (!loaded) return loaded.error();
        state = std::move(*loaded);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!state) co_return no_endpoint_reply();
    co_return std::move(*state);
}

std::string endpoint_body(const ApiCall& call, const EndpointState& state, SecretShown shown) {
    const OpenEndpoint& endpoint = state.endpoint;
    std::string body;
    JsonWriter writer{body};
    EndpointView view{
        .row = endpoint.row, .settings = endpoint.settings, .health = state.health, .secret = {}};
    if (shown == SecretShown::yes) view.secret = endpoint.secrets.secrets.front().secret;
    append_endpoint(writer, view, {call.around.store.ids, call.around.clock.now()});
    return body;
}

net::Task<HttpReply> change_and_answer(const ApiCall& call, const EndpointChange& change) {
    std::optional<OpenEndpoint> changed;
    const OnceWork work = [&call, &change, &changed](Transaction& transaction) {
        changed.reset();
        auto endpoint = change.run(transaction);
        if (!endpoint) return refusal_of(endpoint.error());
        auto health = storage::find_endpoint_health(transaction.connection(), endpoint->row.id);
        if (!health) return Result<HttpReply, StoreError>{health.error()};
        const EndpointState state{*endpoint, std::move(*health)};
        HttpReply reply = json_reply(endpoint_body(call, state, change.shown));
        reply.status = change.status;
        changed = std::move(*endpoint);
        return Result<HttpReply, StoreError>{std::move(reply)};
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    const bool applied = reply.status == change.status && !is_replayed(reply);
    if (applied && changed) publish_endpoint(call.around, *changed);
    co_return reply;
}

}  // namespace postern::daemon
