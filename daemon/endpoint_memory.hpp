#pragma once

#include "daemon/secret_box.hpp"
#include "daemon/store.hpp"
#include "dispatch/endpoint_directory.hpp"

// The endpoints in memory, as they are in the store.
namespace postern::daemon {

// At start: everybody who is in the store. The complaint names an endpoint that cannot be read,
// because the secret key beside the store is another one.
[[nodiscard]] Result<void, Complaint>
fill_directory(Store& store, const SecretBox& secrets, dispatch::EndpointDirectory& directory);

struct EndpointMemory {
    const SecretBox& secrets;
    dispatch::EndpointDirectory& directory;
};
// One that another node changed. If its secrets cannot be opened it stays as it was known, with a
// line in the log.
[[nodiscard]] StoreResult
refresh_endpoint(storage::Connection& connection, const EndpointMemory& memory, EndpointId id);
// All, those that are gone included.
[[nodiscard]] StoreResult
refresh_directory(storage::Connection& connection, const EndpointMemory& memory);

}  // namespace postern::daemon
