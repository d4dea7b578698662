#include "daemon/api.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "daemon/admission.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/api_metrics.hpp"
#include "daemon/faces/face.hpp"
#include "daemon/faces/stripe/replies.hpp"
#include "daemon/payment_side.hpp"
#include "daemon/request_journal.hpp"
#include "daemon/request_record.hpp"
#include "daemon/retry_after.hpp"
#include "daemon/route_table.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace postern::daemon {

using storage::StoreError;

namespace {

constexpr int kRequestIdTimeBits = 48;
constexpr std::size_t kRequestIdRandomBytes = 6;
constexpr std::string_view kRequestIdField = "X-Request-ID";

HttpReply no_route_reply(const RouteTable::Found& found) {
    if (found.allowed.empty()) {
        return error_reply(
            {.status = 404,
             .code = "NOT_FOUND",
             .message = "There is nothing at this address; /openapi.json lists what there is"}
        );
    }
    HttpReply reply = error_reply(
        {.status = 405,
         .code = "METHOD_NOT_ALLOWED",
         .message = "This address takes " + found.allowed}
    );
    reply.fields.push_back({"Allow", found.allowed});
    return reply;
}

bool is_named(const HttpReply& reply) {
    return std::any_of(reply.fields.begin(), reply.fields.end(), [](const HttpReplyField& field) {
        return field.name == kRequestIdField;
    });
}

// What is known of a request when its answer is there.
struct Visit {
    std::optional<Identity> identity = std::nullopt;
    std::optional<RateGrant> grant = std::nullopt;
    std::optional<TraceContext> trace = std::nullopt;
};

net::Task<HttpReply>
answer(ApiSurroundings& around, const HttpRequest& request, net::IoThread& thread, Visit& visit) {
    if (auto refusal = refuse_request(face_of(request.path), request)) {
        co_return std::move(*refusal);
    }
    const std::string_view path = routed_path(request.path);
    RouteTable::Found found = around.routes->find(request.method, path);
    if (found.route == nullptr) co_return no_route_reply(found);
    auto admitting = admit(around, request, thread, *found.route);
    Admission admission = co_await std::move(admitting);
    visit.identity = admission.identity;
    visit.grant = admission.grant;
    if (admission.refusal) co_return std::move(*admission.refusal);
    ApiCall call{
        .around = around,
        .request = request,
        .thread = thread,
        .identity = admission.identity.value_or(Identity{}),
        .path_parameters = std::move(found.path_parameters),
        .route = found.route,
        .request_id = make_request_id(),
        .trace = visit.trace};
    auto running =
        call.route->payment == nullptr ? call.route->run(call) : around.payments->answer(call);
    HttpReply reply = co_await std::move(running);
    if (!is_named(reply)) {
        reply.fields.push_back({std::string{kRequestIdField}, std::move(call.request_id)});
    }
    co_return reply;
}

// Of what is in the log, for whoever may read it there.
void tell_log(const ApiSurroundings& around, const HttpRequest& request, HttpReply& reply) {
    if (around.payments == nullptr || face_of(request.path) != Face::stripe) return;
    const std::string_view url = around.payments->public_url();
    if (!url.empty()) stripe::add_log_url(reply, url);
}

}  // namespace

std::string make_request_id() {
    const auto milliseconds = static_cast<std::uint64_t>(unix_milliseconds(SystemClock{}.now()));
    std::string bytes;
    for (int shift = kRequestIdTimeBits - 8; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((milliseconds >> shift) & 0xff);
    }
    return "req_" + to_hex(bytes + random_bytes(kRequestIdRandomBytes));
}

HttpReply error_reply(const ApiError& error) {
    const std::string request_id = make_request_id();
    HttpReply reply;
    reply.status = error.status;
    reply.content_type = kJsonContentType;
    reply.fields.push_back({std::string{kRequestIdField}, request_id});
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    writer.member("code", error.code);
    writer.member("message", error.message);
    writer.key("details");
    writer.begin_array();
    for (const ApiError::Detail& detail : error.details) {
        writer.begin_object();
        writer.member("field", detail.field);
        writer.member("message", detail.message);
        writer.end_object();
    }
    writer.end_array();
    writer.member("request_id", request_id);
    writer.end_object();
    writer.end_object();
    return reply;
}

HttpReply store_error_reply(StoreError error) {
    // A unit of work that broke a rule of the schema would break it again.
    if (error == StoreError::constraint) {
        return error_reply(
            {.status = 500,
             .code = "INTERNAL_ERROR",
             .message = "Something went wrong on our side; nothing was changed"}
        );
    }
    HttpReply reply = error_reply(
        {.status = 503,
         .code = "UNAVAILABLE",
         .message = "The store cannot answer now; please ask again later"}
    );
    reply.fields.push_back({"Retry-After", std::to_string(retry_after(error))});
    return reply;
}

HttpReply finished_reply(const HttpRequest& request, HttpReply reply) {
    if (!is_named(reply)) reply.fields.push_back({std::string{kRequestIdField}, make_request_id()});
    reply = in_words_of(face_of(request.path), request, std::move(reply));
    // What a key may see must not stay in a cache that others can read.
    reply.fields.push_back({"Cache-Control", "no-store"});
    return reply;
}

net::Task<HttpReply> handle_api(
    ApiSurroundings& around,
    const HttpRequest& request,
    net::IoThread& thread,
    std::optional<TraceContext> trace
) {
    const TimePoint arrived_at = around.clock.now();
    const auto begun = std::chrono::steady_clock::now();
    Visit visit{.trace = trace};
    auto answering = answer(around, request, thread, visit);
    HttpReply reply = co_await std::move(answering);
    if (visit.grant) tell_limits(reply, *visit.grant);
    reply = finished_reply(request, std::move(reply));
    const auto duration = std::chrono::steady_clock::now() - begun;
    if (around.metrics != nullptr) around.metrics->observe(reply.status, duration);
    if (visit.identity && around.journal != nullptr) {
        tell_log(around, request, reply);
        around.journal->note(request_record(
            {.request = request,
             .reply = reply,
             .identity = *visit.identity,
             .arrived_at = arrived_at,
             .duration = std::chrono::duration_cast<std::chrono::microseconds>(duration)}
        ));
    }
    co_return reply;
}

}  // namespace postern::daemon
