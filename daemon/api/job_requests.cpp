#include "daemon/api/body_reader.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/gateway_names.hpp"
#include "daemon/api/job_json.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/delivery_service.hpp"
#include "daemon/write_once.hpp"

// The calls that begin a job.
namespace postern::daemon {

using storage::StoreError;
using Only = JobParameters::Only;

namespace {

constexpr std::size_t kWordBytesMax = 256;
constexpr int kAccepted = 202;

// What every job has: from when, until when, how fast.
JobParameters read_common(BodyReader& body, TimePoint now) {
    const JobLimits limits;
    JobParameters wanted;
    const bool has_since = body.value("since").exists();
    const auto since = body.time("since");
    if (!has_since) body.complain("since", "is required: how far back to look");
    const auto until = body.time("until");
    const auto rate = body.integer("rate_per_second", {.min = 1, .max = limits.rate_max});
    wanted.rate_per_second = rate.value_or(limits.rate_default);
    wanted.until = std::min(until.value_or(now), now);
    wanted.since = since.value_or(now);
    if (since && *since < now - limits.reach) {
        body.complain(
            "since", "must be at most " + std::to_string(limits.reach.count()) + " days ago"
        );
    } else if (since && *since >= wanted.until) {
        body.complain("since", "must be in the past and before until");
    }
    return wanted;
}

Only read_only(BodyReader& body) {
    const auto sent = body.text("only", kWordBytesMax);
    if (!sent) return Only::all;
    if (*sent == "failed") return Only::failed;
    if (*sent == "missing") return Only::missing;
    body.complain("only", "must be failed or missing; leave it out for both");
    return Only::all;
}

struct JobRequest {
    WantedJob wanted;
    std::optional<std::string> gateway;  // its name; found in the transaction
};

// The names of gateways are the store's, so they are looked up where the job is made.
Served<storage::JobRow> create_named(storage::Transaction& transaction, const JobRequest& request) {
    WantedJob wanted = request.wanted;
    if (request.gateway) {
        const auto gateways = GatewayNames::load(transaction.connection());
        if (!gateways) return gateways.error();
        wanted.parameters.gateway = gateways->find(*request.gateway, wanted.owner.account);
        if (!wanted.parameters.gateway) return unknown_gateway_error();
    }
    return create_job(transaction, wanted);
}

net::Task<HttpReply> begin_job(const ApiCall& call, const JobRequest& request) {
    const OnceWork work = [&call, &request](storage::Transaction& transaction) {
        const auto job = create_named(transaction, request);
        if (!job) return refusal_of(job.error());
        HttpReply reply = job_reply(*job, call.around.store.ids);
        reply.status = kAccepted;
        return Result<HttpReply, StoreError>{std::move(reply)};
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    if (reply.status == kAccepted) call.around.jobs.wake();
    co_return reply;
}

}  // namespace

net::Task<HttpReply> recover_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    BodyReader body{call.request.body};
    JobRequest request;
    request.wanted.owner = name->owner;
    request.wanted.kind = storage::JobKind::recover;
    request.wanted.endpoint = name->id;
    request.wanted.parameters = read_common(body, call.around.clock.now());
    request.wanted.parameters.only = read_only(body);
    if (const auto error = body.finish()) co_return error_reply(*error);
    auto beginning = begin_job(call, request);
    co_return co_await std::move(beginning);
}

net::Task<HttpReply> resend_events(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    BodyReader body{call.request.body};
    JobRequest request;
    request.wanted.owner = owner_of(call);
    request.wanted.kind = storage::JobKind::resend;
    request.wanted.endpoint = body.id<EndpointId>("endpoint_id", call.around.store.ids);
    request.wanted.parameters = read_common(body, call.around.clock.now());
    request.wanted.parameters.type = body.text("type", kWordBytesMax).value_or("");
    request.gateway = body.text("gateway", kWordBytesMax);
    if (const auto error = body.finish()) co_return error_reply(*error);
    auto beginning = begin_job(call, request);
    co_return co_await std::move(beginning);
}

}  // namespace postern::daemon
