#pragma once

#include "daemon/endpoint_service.hpp"

#include <functional>
#include <optional>
#include <string>

// What the calls about one webhook endpoint have in common.
namespace postern::daemon {

storage::EndpointOwner owner_of(const ApiCall& call);
// The endpoint that the path names; nullopt: no id of ours.
std::optional<EndpointName> endpoint_in_path(const ApiCall& call);
HttpReply no_endpoint_reply();

// Is it there and this caller's? For reads that need none of its secrets.
[[nodiscard]] Result<bool, storage::StoreError>
is_endpoint_of(storage::Connection& connection, const EndpointName& name);

// An endpoint as it is now, with its health.
struct EndpointState {
    OpenEndpoint endpoint;
    std::optional<storage::EndpointHealthRow> health;
};
[[nodiscard]] Result<std::optional<EndpointState>, storage::StoreError> load_endpoint_state(
    storage::Connection& connection,
    const SecretBox& secrets,
    const EndpointName& name
);

// The same for a coroutine; the error is the reply to give.
net::Task<Result<EndpointState, HttpReply>>
load_endpoint(const ApiCall& call, const EndpointName& name);

enum class SecretShown { no, yes };
std::string endpoint_body(const ApiCall& call, const EndpointState& state, SecretShown shown);

// What a call changes; what it gives back is published and answered.
struct EndpointChange {
    std::function<Served<OpenEndpoint>(storage::Transaction&)> run;
    int status = 200;
    SecretShown shown = SecretShown::no;
};
net::Task<HttpReply> change_and_answer(const ApiCall& call, const EndpointChange& change);

}  // namespace postern::daemon
