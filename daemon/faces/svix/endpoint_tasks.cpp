#include "daemon/api/replies.hpp"
#include "daemon/delivery_service.hpp"
#include "daemon/faces/svix/application.hpp"
#include "daemon/faces/svix/functions.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "daemon/faces/svix/listing.hpp"

namespace postern::daemon::svix {

using storage::AccountRow;
using storage::Connection;
using storage::JobRow;
using storage::JobState;
using storage::Page;
using storage::Transaction;

namespace {

using Only = JobParameters::Only;

// Svix's tasks run, finish or fail; ours may be canceled as well.
std::string_view status_name(JobState state) {
    switch (state) {
        case JobState::running: return "running";
        case JobState::finished: return "finished";
        case JobState::canceled:
        case JobState::failed: return "failed";
    }
    return "failed";
}

std::string_view task_name(const JobRow& row) {
    if (row.kind == storage::JobKind::resend) return "endpoint.bulk-replay";
    const auto parameters = job_parameters_from_json(row.parameters);
    const bool missing = parameters && parameters->only == Only::missing;
    return missing ? "endpoint.replay" : "endpoint.recover";
}

void append_task(JsonWriter& writer, const JobRow& row, const IdCodec& ids) {
    writer.begin_object();
    writer.member("id", ids.encode(TaskId{row.id.value}));
    writer.member("status", status_name(row.state));
    writer.member("task", task_name(row));
    writer.key("data");
    writer.begin_object();
    writer.member_integer("messagesSent", row.scheduled);
    writer.end_object();
    writer.member("updatedAt", to_iso8601(row.updated_at));
    writer.end_object();
}

HttpReply task_reply(const ApiCall& call, const JobRow& row, int status) {
    std::string body;
    JsonWriter writer{body};
    append_task(writer, row, call.around.store.ids);
    HttpReply reply = json_reply(std::move(body));
    reply.status = status;
    return reply;
}

JobParameters read_parameters(Body& body, const ApiCall& call) {
    const TimePoint now = call.around.clock.now();
    const auto since = body.time("since");
    JobParameters parameters{.until = body.time("until").value_or(now)};
    if (!since && !body.value("since").exists()) body.complain("since", "is required");
    parameters.since = since.value_or(now);
    if (parameters.until > now) parameters.until = now;
    if (parameters.since > parameters.until) body.complain("since", "must be before until and now");
    if (since && *since < now - JobLimits{}.reach) {
        body.complain("since", "must be within the last 90 days");
    }
    return parameters;
}

// A bulk replay may name one type or none; the other choices of Svix's are none of ours.
void read_bulk_choice(Body& body, JobParameters& parameters) {
    const JsonValue types = body.value("eventTypes");
    if (types.size() > 1) body.complain("eventTypes", "name one type, or none for all of them");
    parameters.type = types[0].string();
    for (const char* name : {"channel", "tag", "status", "statusCodeClass"}) {
        body.refuse(name, "cannot be chosen by here");
    }
}

net::Task<HttpReply>
begin_task(const ApiCall& call, storage::JobKind kind, JobParameters parameters) {
    const WriteInApplication work = [&call, &parameters, kind](
                                        Transaction& transaction, const AccountRow& application
                                    ) -> StoredAnswer {
        const auto name = find_endpoint_name(
            transaction.connection(), call, application, call.path_parameters[1]
        );
        if (!name) return name.error();
        if (!*name) return not_found_reply();
        const WantedJob wanted{
            .owner = owner_of(call, application),
            .kind = kind,
            .endpoint = (*name)->id,
            .parameters = parameters};
        const auto job = create_job(transaction, wanted);
        if (!job) return refusal_of(job.error());
        return task_reply(call, *job, 202);
    };
    auto writing = write_in_application(call, work);
    HttpReply reply = co_await std::move(writing);
    if (was_done_now(reply)) call.around.jobs.wake();
    co_return reply;
}

net::Task<HttpReply> begin_recovery(const ApiCall& call, Only only) {
    Body body{call.request.body};
    JobParameters parameters = read_parameters(body, call);
    parameters.only = only;
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    auto beginning = begin_task(call, storage::JobKind::recover, std::move(parameters));
    co_return co_await std::move(beginning);
}

std::optional<JobState> read_state(Query& query) {
    const auto sent = query.text("status");
    if (!sent) return std::nullopt;
    for (const JobState state : {JobState::running, JobState::finished, JobState::failed}) {
        if (status_name(state) == *sent) return state;
    }
    query.complain("status", "must be running, finished or failed");
    return std::nullopt;
}

// A job of the key's own account or of one that it made.
Result<std::optional<JobRow>, storage::StoreError>
find_task(Connection& connection, const ApiCall& call, JobId id) {
    auto row = storage::find_job(connection, id);
    if (!row) return row.error();
    if (!*row || (*row)->livemode != call.identity.livemode) return std::optional<JobRow>{};
    const auto application = find_application(
        connection, call, call.around.store.ids.encode(ApplicationId{(*row)->account.value})
    );
    if (!application) return application.error();
    if (!*application) return std::optional<JobRow>{};
    return row;
}

// Svix counts the last 28 days unless it is told otherwise.
constexpr std::chrono::days kStatsReach{28};

struct StatsSpan {
    TimePoint since;
    std::optional<TimePoint> until;
};

Result<storage::DeliveryCounts, storage::StoreError>
count_between(Connection& connection, postern::EndpointId endpoint, const StatsSpan& span) {
    auto counts = storage::count_deliveries(connection, endpoint, span.since);
    if (!counts || !span.until) return counts;
    const auto later = storage::count_deliveries(connection, endpoint, *span.until);
    if (!later) return later.error();
    counts->pending -= later->pending;
    counts->waiting -= later->waiting;
    counts->delivered -= later->delivered;
    counts->dead -= later->dead;
    counts->canceled -= later->canceled;
    counts->skipped -= later->skipped;
    counts->superseded -= later->superseded;
    return counts;
}

HttpReply stats_reply(const storage::DeliveryCounts& counts) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member_integer("success", counts.delivered);
    writer.member_integer("pending", counts.pending + counts.waiting);
    // What is on the wire at this moment is among the pending ones.
    writer.member_integer("sending", 0);
    writer.member_integer("fail", counts.dead);
    writer.member_integer("canceled", counts.canceled + counts.skipped + counts.superseded);
    writer.end_object();
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> recover_endpoint(const ApiCall& call) {
    return begin_recovery(call, Only::failed);
}

net::Task<HttpReply> replay_missing(const ApiCall& call) {
    return begin_recovery(call, Only::missing);
}

net::Task<HttpReply> bulk_replay(const ApiCall& call) {
    Body body{call.request.body};
    JobParameters parameters = read_parameters(body, call);
    read_bulk_choice(body, parameters);
    if (const auto problems = body.finish(); !problems.empty()) co_return problems_reply(problems);
    auto beginning = begin_task(call, storage::JobKind::resend, std::move(parameters));
    co_return co_await std::move(beginning);
}

net::Task<HttpReply> get_endpoint_stats(const ApiCall& call) {
    Query query{call.request.query};
    const auto since = query.time("since");
    StatsSpan span{.since = {}, .until = query.time("until")};
    span.since = since.value_or(span.until.value_or(call.around.clock.now()) - kStatsReach);
    if (span.until && span.since > *span.until) query.complain("since", "must be before until");
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    const ReadInApplication work =
        [&call, &span](Connection& connection, const AccountRow& application) -> StoredAnswer {
        const auto endpoint = find_endpoint(connection, call, application, call.path_parameters[1]);
        if (!endpoint) return endpoint.error();
        if (!*endpoint) return not_found_reply();
        const auto counts = count_between(connection, (*endpoint)->row.id, span);
        if (!counts) return counts.error();
        return stats_reply(*counts);
    };
    auto reading = read_in_application(call, work);
    co_return co_await std::move(reading);
}

net::Task<HttpReply> list_tasks(const ApiCall& call) {
    Query query{call.request.query};
    const PageWish wish = read_page(query);
    const IdCodec& ids = call.around.store.ids;
    const auto request = page_request<JobId, TaskId>(query, wish, ids);
    const storage::FamilyJobFilter filter{
        .parent = call.identity.account,
        .livemode = call.identity.livemode,
        .state = read_state(query)};
    if (query.text("task")) query.complain("task", "tasks are not told apart here");
    if (const auto problems = query.finish(); !problems.empty()) {
        co_return problems_reply(problems);
    }
    Page<JobRow> page;
    const ReadWork work = [&filter, &request, &page](Connection& connection) -> StoreResult {
        auto read = storage::list_jobs_of_family(connection, filter, request);
        if (!read) return read.error();
        page = std::move(*read);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    in_shown_order(page.rows, wish);
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (const JobRow& row : page.rows) append_task(writer, row, ids);
    end_list(writer, borders_of<TaskId>(page, ids));
    co_return json_reply(std::move(body));
}

net::Task<HttpReply> get_task(const ApiCall& call) {
    const auto id = call.around.store.ids.decode<TaskId>(call.path_parameters.front());
    if (!id) co_return not_found_reply();
    std::optional<JobRow> row;
    const ReadWork work = [&call, &id, &row](Connection& connection) -> StoreResult {
        auto found = find_task(connection, call, JobId{id->value});
        if (!found) return found.error();
        row = std::move(*found);
        return {};
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return row ? task_reply(call, *row, 200) : not_found_reply();
}

}  // namespace postern::daemon::svix
