#include "daemon/faces/svix/application.hpp"

#include "daemon/faces/svix/ids.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::EventRow;
using storage::StoreError;
using storage::Transaction;

namespace {

bool may_act_for(const Identity& identity, const AccountRow& row) {
    return !row.deleted_at && (row.id == identity.account || row.parent == identity.account);
}

bool is_of(const ApiCall& call, const AccountRow& application, const EventRow& row) {
    return row.account == application.id && row.livemode == call.identity.livemode
           && row.kind != storage::StoredEventKind::operational;
}

// A message's own id, or a provider's event under the id that is delivered.
std::optional<EventId> message_id(const IdCodec& ids, std::string_view name) {
    if (const auto id = ids.decode<MessageId>(name)) return EventId{id->value};
    return ids.decode<EventId>(name);
}

}  // namespace

Result<std::optional<AccountRow>, StoreError>
find_application(Connection& connection, const ApiCall& call, std::string_view name) {
    const auto id = call.around.store.ids.decode<ApplicationId>(name);
    auto found = id ? storage::find_account(connection, AccountId{id->value})
                    : storage::find_account_by_uid(connection, call.identity.account, name);
    if (!found) return found.error();
    if (*found && !may_act_for(call.identity, **found)) return std::optional<AccountRow>{};
    return found;
}

net::Task<HttpReply> read_in_application(const ApiCall& call, ReadInApplication work) {
    HttpReply reply = not_found_reply();
    const ReadWork reading_work = [&call, &work, &reply](Connection& connection) -> StoreResult {
        const auto application = find_application(connection, call, call.path_parameters.front());
        if (!application) return application.error();
        if (!*application) return {};
        auto answer = work(connection, **application);
        if (!answer) return answer.error();
        reply = std::move(*answer);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, reading_work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return reply;
}

net::Task<HttpReply> write_in_application(const ApiCall& call, WriteInApplication work) {
    const OnceWork writing_work = [&call, &work](Transaction& transaction) -> StoredAnswer {
        const auto application =
            find_application(transaction.connection(), call, call.path_parameters.front());
        if (!application) return application.error();
        if (!*application) return not_found_reply();
        return work(transaction, **application);
    };
    auto writing = write_once(call, writing_work);
    co_return co_await std::move(writing);
}

bool was_done_now(const HttpReply& reply) {
    return reply.status < 300 && !is_replayed(reply);
}

storage::EndpointOwner owner_of(const ApiCall& call, const AccountRow& application) {
    return {.account = application.id, .livemode = call.identity.livemode};
}

Result<std::optional<EndpointName>, StoreError> find_endpoint_name(
    Connection& connection,
    const ApiCall& call,
    const AccountRow& application,
    std::string_view name
) {
    const storage::EndpointOwner owner = owner_of(call, application);
    if (const auto id = call.around.store.ids.decode<EndpointId>(name)) {
        return std::optional{EndpointName{.owner = owner, .id = postern::EndpointId{id->value}}};
    }
    const auto row = storage::find_endpoint_by_uid(connection, owner, name);
    if (!row) return row.error();
    if (!*row) return std::optional<EndpointName>{};
    return std::optional{EndpointName{.owner = owner, .id = (*row)->id}};
}

Result<std::optional<OpenEndpoint>, StoreError> find_endpoint(
    Connection& connection,
    const ApiCall& call,
    const AccountRow& application,
    std::string_view name
) {
    const auto named = find_endpoint_name(connection, call, application, name);
    if (!named) return named.error();
    if (!*named) return std::optional<OpenEndpoint>{};
    return find_open_endpoint(connection, call.around.secrets, **named);
}

Result<std::optional<EventRow>, StoreError> find_message(
    Connection& connection,
    const ApiCall& call,
    const AccountRow& application,
    std::string_view name
) {
    const auto id = message_id(call.around.store.ids, name);
    auto found =
        id ? storage::find_event(connection, *id)
           : storage::find_event_by_external_id(
               connection,
               {.account = application.id, .livemode = call.identity.livemode, .external_id = name}
           );
    if (!found) return found.error();
    if (*found && !is_of(call, application, **found)) return std::optional<EventRow>{};
    return found;
}

void append_application(JsonWriter& writer, const AccountRow& row, const IdCodec& ids) {
    writer.begin_object();
    writer.member("id", ids.encode(ApplicationId{row.id.value}));
    writer.member_or_null("uid", row.uid);
    writer.member("name", row.name);
    writer.member_or_null("throttleRate", {});
    writer.member_or_null("rateLimit", {});
    writer.key("metadata");
    writer.raw(row.metadata.empty() ? "{}" : row.metadata);
    writer.member("createdAt", to_iso8601(row.created_at));
    writer.member("updatedAt", to_iso8601(row.updated_at));
    writer.end_object();
}

}  // namespace postern::daemon::svix
