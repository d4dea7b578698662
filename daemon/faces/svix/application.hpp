#pragma once

#include "core/json_writer.hpp"
#include "daemon/api.hpp"
#include "daemon/endpoint_service.hpp"
#include "daemon/faces/svix/input.hpp"
#include "storage/account_repository.hpp"
#include "storage/event_repository.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

// An application is an account: the key's own, or one that it made.
namespace postern::daemon::svix {

using StoredAnswer = Result<HttpReply, storage::StoreError>;

// The application of this id or uid that the key may act for.
[[nodiscard]] Result<std::optional<storage::AccountRow>, storage::StoreError>
find_application(storage::Connection& connection, const ApiCall& call, std::string_view name);

// The application that the path begins with, for what is read or written in it; 404 when it is not
// there. Writing is as once-only as write_once() makes it.
using ReadInApplication =
    std::function<StoredAnswer(storage::Connection&, const storage::AccountRow&)>;
using WriteInApplication =
    std::function<StoredAnswer(storage::Transaction&, const storage::AccountRow&)>;
net::Task<HttpReply> read_in_application(const ApiCall& call, ReadInApplication work);
net::Task<HttpReply> write_in_application(const ApiCall& call, WriteInApplication work);
// Did this call change the store, and may others be told?
bool was_done_now(const HttpReply& reply);

storage::EndpointOwner owner_of(const ApiCall& call, const storage::AccountRow& application);

// By id or uid, within the application; nullopt: not there.
[[nodiscard]] Result<std::optional<EndpointName>, storage::StoreError> find_endpoint_name(
    storage::Connection& connection,
    const ApiCall& call,
    const storage::AccountRow& application,
    std::string_view name
);
[[nodiscard]] Result<std::optional<OpenEndpoint>, storage::StoreError> find_endpoint(
    storage::Connection& connection,
    const ApiCall& call,
    const storage::AccountRow& application,
    std::string_view name
);
// By id, by the id that is delivered as webhook-id, or by the sender's eventId.
[[nodiscard]] Result<std::optional<storage::EventRow>, storage::StoreError> find_message(
    storage::Connection& connection,
    const ApiCall& call,
    const storage::AccountRow& application,
    std::string_view name
);

void append_application(JsonWriter& writer, const storage::AccountRow& row, const IdCodec& ids);

}  // namespace postern::daemon::svix
