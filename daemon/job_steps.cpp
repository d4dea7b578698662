#include "daemon/job_steps.hpp"

#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "daemon/api/gateway_names.hpp"
#include "daemon/delivery_service.hpp"
#include "dispatch/fan_out.hpp"
#include "dispatch/stored_deliveries.hpp"

#include <algorithm>

namespace postern::daemon {

using dispatch::Endpoint;
using dispatch::EndpointDirectory;
using dispatch::EventContent;
using dispatch::Nudge;
using dispatch::SkipReason;
using storage::AttemptTrigger;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::EventRow;
using storage::JobKind;
using storage::JobRow;
using storage::JobState;
using storage::Order;
using storage::StoreError;
using storage::Transaction;
using Only = JobParameters::Only;

namespace {

constexpr std::int64_t kPercentDone = 100;
// The directory loses a deleted endpoint a moment after the commit that deleted it.
constexpr std::chrono::milliseconds kLookAgain{200};

std::string_view to_text(Only only) {
    switch (only) {
        case Only::all: return "all";
        case Only::failed: return "failed";
        case Only::missing: return "missing";
    }
    return {};
}

// A recover job first walks the endpoint's deliveries, then the events. One number says where it
// is: 0 or less the delivery of that number without its sign, more than 0 the event.
bool is_among_deliveries(const JobRow& job, const JobParameters& parameters) {
    return job.kind == JobKind::recover && parameters.only != Only::missing && job.cursor <= 0;
}

std::int64_t first_event_cursor(const JobParameters& parameters) {
    return std::max<std::int64_t>(1, first_id_at(parameters.since) - 1);
}

struct Step {
    Transaction& transaction;
    const JobSurroundings& around;
    JobRow& job;
    JobParameters parameters;
    dispatch::StoredDeliveries table;
    std::vector<Nudge> nudges = {};
    std::int64_t scheduled = 0;
    std::chrono::microseconds pause{0};

    // No step schedules more than the job may in a second.
    std::size_t rows_max() const {
        const auto rate = static_cast<std::size_t>(parameters.rate_per_second);
        return std::min(JobLimits{}.rows_max, rate);
    }
    bool is_full() const { return scheduled >= static_cast<std::int64_t>(rows_max()); }
    void count(const std::optional<Nudge>& nudge) {
        ++scheduled;
        if (nudge) nudges.push_back(*nudge);
    }
};

void fail(JobRow& job, std::string_view why) {
    job.state = JobState::failed;
    job.error = why;
}

dispatch::NewDelivery::Order order_of(const Endpoint& endpoint) {
    return endpoint.settings.ordering == dispatch::Ordering::payment
               ? dispatch::NewDelivery::Order::kept
               : dispatch::NewDelivery::Order::any;
}

StoreResult open_again(Step& step, const Endpoint& endpoint, DeliveryId id) {
    auto nudge = dispatch::reopen_in_line(step.table, id, order_of(endpoint));
    if (!nudge) return nudge.error();
    step.count(*nudge);
    return {};
}

StoreResult send_event_again(Step& step, const Endpoint& endpoint, const EventContent& event) {
    auto sent = send_again(step.table, endpoint, event, dispatch::NewDelivery::Pace::catching_up);
    if (!sent) return sent.error();
    step.count(sent->nudge);
    return {};
}

StoreResult retry_failed_ones(Step& step, const Endpoint& endpoint) {
    JobRow& job = step.job;
    const storage::DeliveryFilter dead{
        .endpoint = *job.endpoint,
        .state = DeliveryState::dead,
        .since = step.parameters.since,
        .until = step.parameters.until};
    storage::PageRequest<DeliveryId> wanted{
        .after = {}, .order = Order::oldest_first, .rows_max = step.rows_max()};
    if (job.cursor < 0) wanted.after = DeliveryId{-job.cursor};
    const auto page = storage::list_deliveries(step.transaction.connection(), dead, wanted);
    if (!page) return page.error();
    for (const DeliveryRow& row : page->rows) {
        if (const auto opened = open_again(step, endpoint, row.id); !opened) return opened;
        ++job.looked_at;
        job.cursor = -row.id.value;
    }
    if (page->more == storage::Page<DeliveryRow>::More::yes) return {};
    if (step.parameters.only == Only::failed) {
        job.state = JobState::finished;
    } else {
        job.cursor = first_event_cursor(step.parameters);
    }
    return {};
}

// Was it skipped only because the endpoint was disabled when its event came?
bool was_missed(const DeliveryRow& row) {
    return row.state == DeliveryState::skipped
           && row.reason == dispatch::to_text(SkipReason::endpoint_disabled);
}

StoreResult recover_event(Step& step, const Endpoint& endpoint, const EventContent& event) {
    const auto row = step.table.find_of({event.id, endpoint.id});
    if (!row) return row.error();
    if (*row) return was_missed(**row) ? open_again(step, endpoint, (*row)->id) : StoreResult{};
    if (!dispatch::is_subscribed(endpoint.settings, event)) return {};
    return send_event_again(step, endpoint, event);
}

StoreResult resend_event_to(Step& step, const Endpoint& endpoint, const EventContent& event) {
    if (endpoint.status != storage::EndpointStatus::enabled) return {};
    if (!dispatch::is_subscribed(endpoint.settings, event)) return {};
    const auto row = step.table.find_of({event.id, endpoint.id});
    if (!row) return row.error();
    if (*row && is_open((*row)->state)) return {};  // it is on its way
    return send_event_again(step, endpoint, event);
}

bool type_is_wanted(const JobParameters& parameters, const EventRow& row) {
    return parameters.type.empty()
           || dispatch::type_matches(parameters.type, storage::type_name(row));
}

// Hands the next events to `handle`, as many as one step may look at.
template <class Handle>
StoreResult walk_events(Step& step, Handle handle) {
    JobRow& job = step.job;
    auto& connection = step.transaction.connection();
    const TimePoint until = step.parameters.until;
    // What is younger may not be all there yet, and nobody would come back for the rest.
    const auto settled = storage::settled_until(
        connection, {.order = Order::oldest_first, .until = until, .now = step.transaction.now()}
    );
    const storage::EventFilter filter{
        .account = job.account,
        .livemode = job.livemode,
        .type = event_type_from_text(step.parameters.type),
        .gateway = step.parameters.gateway,
        .since = step.parameters.since,
        .until = settled};
    const storage::PageRequest<EventId> wanted{
        .after = EventId{job.cursor},
        .order = Order::oldest_first,
        .rows_max = JobLimits{}.rows_max};
    const auto page = storage::list_events(connection, filter, wanted);
    if (!page) return page.error();
    const auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    const auto name_of = [&gateways](storage::GatewayNumber number) {
        return std::string{gateways->name(number)};
    };
    for (const EventRow& row : page->rows) {
        if (step.is_full()) return {};
        if (type_is_wanted(step.parameters, row)) {
            const auto content = dispatch::content_of(row, step.around.ids, name_of);
            if (const auto handled = handle(content); !handled) return handled;
        }
        ++job.looked_at;
        job.cursor = row.id.value;
    }
    if (page->more == storage::Page<EventRow>::More::yes) return {};
    if (settled < until) {
        step.pause = until - *settled;
    } else {
        job.state = JobState::finished;
    }
    return {};
}

// The endpoint that the job works for; null: it cannot, and the job says why.
EndpointDirectory::EndpointPointer working_endpoint(Step& step) {
    auto endpoint = step.around.endpoints.find(*step.job.endpoint);
    if (endpoint == nullptr) {
        fail(step.job, "The webhook endpoint was deleted");
    } else if (endpoint->status == storage::EndpointStatus::disabled) {
        fail(step.job, "The webhook endpoint was disabled; enable it and begin a new job");
        endpoint = nullptr;
    }
    return endpoint;
}

StoreResult recover(Step& step) {
    const auto endpoint = working_endpoint(step);
    if (endpoint == nullptr) return {};
    if (is_among_deliveries(step.job, step.parameters)) return retry_failed_ones(step, *endpoint);
    return walk_events(step, [&step, &endpoint](const EventContent& event) {
        return recover_event(step, *endpoint, event);
    });
}

StoreResult resend(Step& step) {
    EndpointDirectory::Group receivers;
    if (step.job.endpoint) {
        auto endpoint = working_endpoint(step);
        if (endpoint == nullptr) return {};
        receivers.push_back(std::move(endpoint));
    } else {
        receivers = *step.around.endpoints.of({step.job.account, step.job.livemode});
    }
    return walk_events(step, [&step, &receivers](const EventContent& event) -> StoreResult {
        for (const auto& endpoint : receivers) {
            const auto sent = resend_event_to(step, *endpoint, event);
            if (!sent) return sent;
        }
        return {};
    });
}

Result<std::size_t, StoreError> cancel_some(Step& step, DeliveryState state) {
    const storage::DeliveryFilter open{
        .endpoint = *step.job.endpoint, .state = state, .since = {}, .until = {}};
    const auto page = storage::list_deliveries(
        step.transaction.connection(),
        open,
        {.after = {}, .order = Order::oldest_first, .rows_max = JobLimits{}.rows_max}
    );
    if (!page) return page.error();
    for (const DeliveryRow& row : page->rows) {
        const auto canceled = dispatch::cancel_delivery(
            step.table, row.id, dispatch::to_text(SkipReason::endpoint_deleted)
        );
        if (!canceled) return canceled.error();
        ++step.job.looked_at;
        step.job.cursor = std::max(step.job.cursor, row.id.value);
    }
    return page->rows.size();
}

// Canceled rows leave the list, so the first page is always what is left. Only when fan-out no
// longer knows the endpoint can nothing be added behind our back.
StoreResult cancel_all(Step& step) {
    const bool unknown = step.around.endpoints.find(*step.job.endpoint) == nullptr;
    const auto age = step.transaction.now() - step.job.created_at;
    for (const DeliveryState state : {DeliveryState::pending, DeliveryState::waiting}) {
        const auto count = cancel_some(step, state);
        if (!count) return count.error();
        if (*count > 0) return {};
    }
    if (unknown && age >= step.around.others_know_after) {
        step.job.state = JobState::finished;
    } else {
        step.pause = kLookAgain;
    }
    return {};
}

StoreResult run_kind(Step& step) {
    switch (step.job.kind) {
        case JobKind::recover: return recover(step);
        case JobKind::resend: return resend(step);
        case JobKind::cancel_endpoint: return cancel_all(step);
    }
    return {};
}

StoreResult write_down(Step& step) {
    JobRow& job = step.job;
    job.scheduled += step.scheduled;
    job.updated_at = step.transaction.now();
    if (job.state == JobState::finished) job.total = job.looked_at;
    const auto updated = storage::update_job(step.transaction, job);
    if (!updated) return updated.error();
    // Somebody changed it since it was read in this transaction: all of it is to be done again.
    if (!*updated) return StoreError::busy;
    return {};
}

struct Span {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

std::int64_t percent_of(const Span& span, std::int64_t at) {
    if (span.to <= span.from) return 0;
    const std::int64_t inside = std::clamp(at, span.from, span.to) - span.from;
    return inside * kPercentDone / (span.to - span.from);
}

std::optional<Only> only_from_text(std::string_view text) {
    for (const Only only : {Only::all, Only::failed, Only::missing}) {
        if (to_text(only) == text) return only;
    }
    return std::nullopt;
}

}  // namespace

std::string to_json(const JobParameters& parameters) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member("only", to_text(parameters.only));
    writer.member("type", parameters.type);
    if (parameters.gateway) writer.member_integer("gateway", parameters.gateway->value);
    writer.member_integer("since_us", unix_microseconds(parameters.since));
    writer.member_integer("until_us", unix_microseconds(parameters.until));
    writer.member_integer("rate_per_second", parameters.rate_per_second);
    writer.end_object();
    return json;
}

std::optional<JobParameters> job_parameters_from_json(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    if (!document) return std::nullopt;
    const JsonValue root = document->root();
    const auto only = only_from_text(root["only"].string());
    const auto since = root["since_us"].integer();
    const auto until = root["until_us"].integer();
    const auto rate = root["rate_per_second"].integer();
    if (!only || !since || !until || !rate || *rate < 1) return std::nullopt;
    JobParameters parameters{
        .only = *only,
        .type = std::string{root["type"].string()},
        .gateway = {},
        .since = from_unix_microseconds(*since),
        .until = from_unix_microseconds(*until),
        .rate_per_second = *rate};
    if (const auto gateway = root["gateway"].integer()) {
        parameters.gateway = storage::GatewayNumber{*gateway};
    }
    return parameters;
}

JobRow new_job(JobKind kind, const JobParameters& parameters) {
    JobRow job;
    job.kind = kind;
    job.parameters = to_json(parameters);
    const bool begins_with_events =
        kind == JobKind::resend || (kind == JobKind::recover && parameters.only == Only::missing);
    if (begins_with_events) job.cursor = first_event_cursor(parameters);
    return job;
}

std::int64_t percent_done(const JobRow& job) {
    if (job.state == JobState::finished) return kPercentDone;
    const auto parameters = job_parameters_from_json(job.parameters);
    if (!parameters || job.cursor == 0) return 0;
    const Span span{first_id_at(parameters->since), first_id_at(parameters->until)};
    const std::int64_t percent = percent_of(span, std::abs(job.cursor));
    const bool has_two_parts = job.kind == JobKind::recover && parameters->only == Only::all;
    const std::int64_t of_all = has_two_parts ? percent / 2 + (job.cursor > 0 ? 50 : 0) : percent;
    return std::min(of_all, kPercentDone - 1);
}

Result<JobStep, StoreError>
run_job_step(Transaction& transaction, const JobSurroundings& around, JobId id) {
    auto found = storage::find_job(transaction.connection(), id);
    if (!found) return found.error();
    if (!*found || (*found)->state != JobState::running) return JobStep{};
    JobRow job = std::move(**found);
    const auto parameters = job_parameters_from_json(job.parameters);
    if (!parameters) fail(job, "The job's parameters cannot be read");
    Step step{
        .transaction = transaction,
        .around = around,
        .job = job,
        .parameters = parameters.value_or(JobParameters{}),
        .table = dispatch::StoredDeliveries{transaction}};
    if (parameters) {
        const auto run = run_kind(step);
        if (!run) return run.error();
    }
    const auto written = write_down(step);
    if (!written) return written.error();
    if (step.scheduled > 0) {
        step.pause = std::chrono::microseconds{std::chrono::seconds{step.scheduled}}
                     / step.parameters.rate_per_second;
    }
    return JobStep{.job = std::move(job), .nudges = std::move(step.nudges), .pause = step.pause};
}

}  // namespace postern::daemon
