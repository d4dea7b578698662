#pragma once

#include "core/http_message.hpp"
#include "daemon/api_keys.hpp"
#include "daemon/gateways.hpp"
#include "daemon/job_runner.hpp"
#include "daemon/secret_box.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/endpoint_directory.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::daemon {

// What every API function works with.
struct ApiSurroundings {
    Store& store;
    const GatewayDirectory& gateways;
    const Clock& clock;
    dispatch::EndpointDirectory& endpoints;
    dispatch::Dispatcher& dispatcher;
    JobRunner& jobs;
    const SecretBox& secrets;
    const std::shared_ptr<const dispatch::AsymmetricKey>& signing_key;
    std::unique_ptr<ProvenKeys> proven_keys = std::make_unique<ProvenKeys>();
};

struct ApiCall {
    ApiSurroundings& around;
    const HttpRequest& request;
    net::IoThread& thread;
    Identity identity;
    std::vector<std::string> path_parameters;  // decoded, in the order of the pattern
};

using ApiFunction = net::Task<HttpReply> (*)(const ApiCall& call);

enum class Access {
    open,     // no key
    reading,  // any key
    writing,  // a key that is not restricted
};

// "/api/v2/inbox/{id}": a part in braces matches one segment.
struct Route {
    std::string_view method;
    std::string_view pattern;
    Access access;
    ApiFunction run;
};

std::span<const Route> api_routes();

// The R Commerce error envelope.
struct ApiError {
    int status = 400;
    std::string_view code;
    std::string message;
    struct Detail {
        std::string field;
        std::string message;
    };
    std::vector<Detail> details = {};
};
// With a request id of its own, in the body and as X-Request-ID.
HttpReply error_reply(const ApiError& error);
// For a store that cannot answer now: 503 with Retry-After, never a wrong answer.
HttpReply store_error_reply(storage::StoreError error);

// Answers everything under /api/, /v1/ and /openapi.json but the providers' webhooks: finds the
// route, checks the key, calls the function; 404, 405 with Allow, 401, 403. Each face in its words.
net::Task<HttpReply>
handle_api(ApiSurroundings& around, const HttpRequest& request, net::IoThread& thread);

}  // namespace postern::daemon
