#pragma once

#include "core/http_message.hpp"
#include "core/trace.hpp"
#include "daemon/api_keys.hpp"
#include "daemon/gateways.hpp"
#include "daemon/job_runner.hpp"
#include "daemon/neighbours.hpp"
#include "daemon/retention_periods.hpp"
#include "daemon/secret_box.hpp"
#include "daemon/store.hpp"
#include "dispatch/dispatcher.hpp"
#include "dispatch/endpoint_directory.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments {
struct Route;
}

namespace postern::daemon {

class ApiLimits;
class ApiMetrics;
class PaymentSide;
class RequestJournal;
class RouteTable;
struct Route;

// All routes of this program that do not depend on how it is configured.
std::shared_ptr<const RouteTable> native_route_table();

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
    PaymentSide* payments = nullptr;         // null: this daemon has no payment API
    ApiLimits* limits = nullptr;             // null: everybody may ask as much as they like
    RequestJournal* journal = nullptr;       // null: nobody keeps a log
    ApiMetrics* metrics = nullptr;           // null: nobody counts
    const Neighbours* neighbours = nullptr;  // null: nobody else works with this store
    RetentionPeriods kept = {};
    std::shared_ptr<const RouteTable> routes = native_route_table();
    std::unique_ptr<ProvenKeys> proven_keys = std::make_unique<ProvenKeys>();
};

struct ApiCall {
    ApiSurroundings& around;
    const HttpRequest& request;
    net::IoThread& thread;
    Identity identity;
    std::vector<std::string> path_parameters;  // decoded, in the order of the pattern
    const Route* route = nullptr;
    std::string request_id = {};  // what the answer says, unless it makes one of its own
    std::optional<TraceContext> trace = {};
};

using ApiFunction = net::Task<HttpReply> (*)(const ApiCall& call);

enum class Access {
    open,         // no key
    publishable,  // any key, one that the merchant shows to the world too
    reading,      // any key but that
    writing,      // a key that is not restricted
};

// "/api/v2/inbox/{id}": a part in braces matches one segment.
struct Route {
    std::string_view method;
    std::string_view pattern;
    Access access;
    ApiFunction run = nullptr;
    const payments::Route* payment = nullptr;  // of the payment API, which then answers
};

std::span<const Route> api_routes();

// "req_" and 24 hexadecimal digits, the first of which tell the time, so that ids that are made one
// after the other stand side by side in an index.
std::string make_request_id();

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

// An answer as it leaves: named, in the words of the face that the request's path chooses, and kept
// out of caches. For refusals that no route has made too.
HttpReply finished_reply(const HttpRequest& request, HttpReply reply);

// Answers everything under /api/, /v1/ and /openapi.json but the providers' webhooks: finds the
// route, checks the key, counts and logs the request, calls the function; 404, 405 with Allow, 401,
// 403, 429. Each face in its words.
net::Task<HttpReply> handle_api(
    ApiSurroundings& around,
    const HttpRequest& request,
    net::IoThread& thread,
    std::optional<TraceContext> trace = std::nullopt
);

}  // namespace postern::daemon
