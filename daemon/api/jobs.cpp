#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/job_json.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/write_once.hpp"

#include <array>

namespace postern::daemon {

using storage::JobRow;
using storage::JobState;
using storage::Page;

namespace {

constexpr std::array kStates = {
    JobState::running,
    JobState::finished,
    JobState::canceled,
    JobState::failed};
constexpr std::string_view kWhat = "job";

std::optional<JobState> read_state(ParameterReader& parameters) {
    const auto sent = parameters.text("state");
    if (!sent) return std::nullopt;
    for (const JobState state : kStates) {
        if (*sent == to_text(state)) return state;
    }
    parameters.complain("state", "must be one of running, finished, canceled, failed");
    return std::nullopt;
}

storage::JobFilter read_filter(ParameterReader& parameters, const ApiCall& call) {
    storage::JobFilter filter;
    filter.account = call.identity.account;
    filter.livemode = call.identity.livemode;
    filter.state = read_state(parameters);
    if (const auto endpoint = parameters.text("endpoint_id")) {
        filter.endpoint = call.around.store.ids.decode<EndpointId>(*endpoint);
        if (!filter.endpoint) parameters.complain("endpoint_id", "is no id of this kind");
    }
    return filter;
}

HttpReply page_reply(const Page<JobRow>& page, const IdCodec& ids) {
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const JobRow& job : page.rows) append_job(writer, job, ids);
    const bool more = page.more == Page<JobRow>::More::yes;
    end_list(writer, more ? std::optional{ids.encode(page.rows.back().id)} : std::nullopt);
    return json_reply(std::move(body));
}

Result<std::optional<JobRow>, storage::StoreError>
find_owned(storage::Connection& connection, const Identity& identity, JobId id) {
    auto job = storage::find_job(connection, id);
    if (!job) return job.error();
    const bool visible =
        *job && (*job)->account == identity.account && (*job)->livemode == identity.livemode;
    if (!visible) return std::optional<JobRow>{};
    return std::move(*job);
}

// What it did stays done; a job that has ended stays as it ended.
Result<HttpReply, storage::StoreError>
cancel_in(storage::Transaction& transaction, const ApiCall& call, JobId id) {
    auto job = find_owned(transaction.connection(), call.identity, id);
    if (!job) return job.error();
    if (!*job) return not_found_reply(kWhat);
    JobRow& row = **job;
    if (row.kind == storage::JobKind::cancel_endpoint) {
        return conflict_reply(
            "The webhook endpoint is deleted, and this job has to tidy up after it"
        );
    }
    if (row.state == JobState::running) {
        row.state = JobState::canceled;
        row.updated_at = transaction.now();
        const auto updated = storage::update_job(transaction, row);
        if (!updated) return updated.error();
    }
    return job_reply(row, call.around.store.ids);
}

}  // namespace

net::Task<HttpReply> list_jobs(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    const storage::JobFilter filter = read_filter(parameters, call);
    const storage::PageRequest<JobId> wish = parameters.page<JobId>(call.around.store.ids);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    Page<JobRow> page;
    const ReadWork work = [&filter, &wish, &page](storage::Connection& connection) -> StoreResult {
        auto listed = storage::list_jobs(connection, filter, wish);
        if (!listed) return listed.error();
        page = std::move(*listed);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return page_reply(page, call.around.store.ids);
}

net::Task<HttpReply> get_job(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<JobId>(call.path_parameters.front());
    if (!id) co_return not_found_reply(kWhat);
    std::optional<JobRow> row;
    const ReadWork work = [&call, &row, id](storage::Connection& connection) -> StoreResult {
        auto found = find_owned(connection, call.identity, *id);
        if (!found) return found.error();
        row = std::move(*found);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    if (!row) {
        const AgingThing wanted{kWhat, id->value, call.around.kept.jobs};
        co_return not_found_reply(call, wanted);
    }
    co_return job_reply(*row, call.around.store.ids);
}

net::Task<HttpReply> cancel_job(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto id = call.around.store.ids.decode<JobId>(call.path_parameters.front());
    if (!id) co_return not_found_reply(kWhat);
    const OnceWork work = [&call, id](storage::Transaction& transaction) {
        return cancel_in(transaction, call, *id);
    };
    auto writing = write_once(call, work);
    co_return co_await std::move(writing);
}

}  // namespace postern::daemon
