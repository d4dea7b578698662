#include "daemon/delivery_service.hpp"

#include "core/assert.hpp"
#include "daemon/api/gateway_names.hpp"
#include "dispatch/fan_out.hpp"
#include "dispatch/stored_deliveries.hpp"
#include "storage/change_repository.hpp"
#include "storage/event_repository.hpp"

namespace postern::daemon {

using dispatch::DeliveryTable;
using dispatch::Nudge;
using dispatch::StoredDeliveries;
using storage::AttemptTrigger;
using storage::Connection;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::EndpointOwner;
using storage::EndpointRow;
using storage::EndpointStatus;
using storage::StoreError;
using storage::Transaction;

namespace {

constexpr std::string_view kCanceledByHand = "manual";
constexpr std::size_t kRunningJobsMax = 20;

ApiError not_found(std::string_view what) {
    std::string message = "There is no ";
    message += what;
    message += " of this id";
    return {.status = 404, .code = "NOT_FOUND", .message = std::move(message)};
}

ApiError conflict(std::string message) {
    return {.status = 409, .code = "CONFLICT", .message = std::move(message)};
}

template <class Row>
bool belongs_to(const Row& row, const EndpointOwner& owner) {
    return row.account == owner.account && row.livemode == owner.livemode;
}

// Nothing is scheduled for an endpoint that is gone or that nobody wants to be called.
std::optional<ApiError> refuse_endpoint(const std::optional<EndpointRow>& row) {
    if (!row || row->deleted_at) {
        return conflict("The webhook endpoint was deleted, so nothing can be sent to it");
    }
    if (row->status == EndpointStatus::disabled) {
        return conflict("The webhook endpoint is disabled; enable it first, then ask again");
    }
    return std::nullopt;
}

Served<DeliveryRow> find_owned(Connection& connection, const DeliveryName& name) {
    auto row = storage::find_delivery(connection, name.id);
    if (!row) return row.error();
    if (!*row || !belongs_to(**row, name.owner)) return not_found("delivery");
    return std::move(**row);
}

Result<DeliveryRow, StoreError> read_again(DeliveryTable& table, DeliveryId id) {
    auto row = table.find(id);
    if (!row) return row.error();
    POSTERN_ASSERT(row->has_value());  // this transaction has just written it
    return std::move(**row);
}

ApiError not_cancelable(storage::DeliveryState state) {
    std::string message = "This delivery is ";
    message += to_text(state);
    message += ", so there is nothing left to cancel";
    return conflict(std::move(message));
}

Served<Deliveries> after_change(DeliveryTable& table, DeliveryId id, std::optional<Nudge> nudge) {
    auto row = read_again(table, id);
    if (!row) return row.error();
    Deliveries done;
    done.rows.push_back(std::move(*row));
    if (nudge) done.nudges.push_back(*nudge);
    return done;
}

Served<dispatch::EventContent>
find_event_content(Connection& connection, const IdCodec& ids, const Resend& resend) {
    const auto row = storage::find_event(connection, resend.event);
    if (!row) return row.error();
    if (!*row || !belongs_to(**row, resend.owner)) return not_found("event");
    const auto gateways = GatewayNames::load(connection);
    if (!gateways) return gateways.error();
    const auto name_of = [&gateways](storage::GatewayNumber number) {
        return std::string{gateways->name(number)};
    };
    return dispatch::content_of(**row, ids, name_of);
}

// Whom the event goes to: the one that is named, or all whom it concerns.
Served<dispatch::EndpointDirectory::Group> receivers_of(
    DeliveryTable& table,
    const dispatch::EndpointDirectory& endpoints,
    const dispatch::EventContent& event,
    const Resend& resend
) {
    dispatch::EndpointDirectory::Group receivers;
    const dispatch::EndpointDirectory::Owner owner{resend.owner.account, resend.owner.livemode};
    for (const auto& endpoint : *endpoints.of(owner)) {
        const bool enabled = endpoint->status == EndpointStatus::enabled;
        if (resend.endpoint) {
            if (endpoint->id != *resend.endpoint) continue;
            if (!enabled) {
                return conflict("The webhook endpoint is disabled; enable it first, then ask again"
                );
            }
            receivers.push_back(endpoint);
            continue;
        }
        if (!enabled) continue;
        bool concerned = dispatch::is_subscribed(endpoint->settings, event);
        if (!concerned) {
            const auto before = table.find_of({event.id, endpoint->id});
            if (!before) return before.error();
            concerned = before->has_value();
        }
        if (concerned) receivers.push_back(endpoint);
    }
    if (resend.endpoint && receivers.empty()) return not_found("webhook endpoint");
    return receivers;
}

}  // namespace

Served<Deliveries> retry_delivery_of(Transaction& transaction, const DeliveryName& name) {
    const auto row = find_owned(transaction.connection(), name);
    if (!row) return row.error();
    const auto endpoint = storage::find_endpoint(transaction.connection(), row->endpoint);
    if (!endpoint) return endpoint.error();
    if (auto refusal = refuse_endpoint(*endpoint)) return std::move(*refusal);
    StoredDeliveries table{transaction};
    auto nudge = dispatch::retry_delivery(table, name.id, AttemptTrigger::manual);
    if (!nudge) return nudge.error();
    return after_change(table, name.id, std::move(*nudge));
}

Served<Deliveries> cancel_delivery_of(Transaction& transaction, const DeliveryName& name) {
    const auto row = find_owned(transaction.connection(), name);
    if (!row) return row.error();
    if (!is_open(row->state)) return not_cancelable(row->state);
    // Another node may hold it until it is due; what its lane is told can be lost on the way. Noted
    // first, because the turn is taken before rows are locked.
    const auto noted =
        storage::note_change(transaction, {storage::ChangeKind::delivery, name.id.value});
    if (!noted) return noted.error();
    StoredDeliveries table{transaction};
    auto canceled = dispatch::cancel_delivery(table, name.id, kCanceledByHand);
    if (!canceled) return canceled.error();
    if (canceled->kind == dispatch::Canceled::Kind::not_open) {
        // Its end was written on another connection since it was read.
        const auto ended = read_again(table, name.id);
        if (!ended) return ended.error();
        return not_cancelable(ended->state);
    }
    auto done = after_change(table, name.id, std::move(canceled->successor));
    if (done && canceled->withdrawn) done->nudges.push_back(*canceled->withdrawn);
    return done;
}

Result<SentAgain, StoreError> send_again(
    DeliveryTable& table,
    const dispatch::Endpoint& endpoint,
    const dispatch::EventContent& event,
    dispatch::NewDelivery::Pace pace
) {
    dispatch::NewDelivery wanted = dispatch::new_delivery(endpoint, event);
    wanted.trigger = AttemptTrigger::manual;
    wanted.pace = pace;
    wanted.first_delay = {};
    const auto before = table.find_of({event.id, endpoint.id});
    if (!before) return before.error();
    if (*before) {
        const DeliveryId id = (*before)->id;
        auto nudge = pace == dispatch::NewDelivery::Pace::live
                         ? dispatch::retry_delivery(table, id, AttemptTrigger::manual)
                         : dispatch::reopen_in_line(table, id, wanted.order);
        if (!nudge) return nudge.error();
        auto row = read_again(table, id);
        if (!row) return row.error();
        return SentAgain{.row = std::move(*row), .nudge = std::move(*nudge)};
    }
    auto row = dispatch::schedule_delivery(table, wanted);
    if (!row) return row.error();
    SentAgain sent{.row = std::move(*row), .nudge = {}};
    if (sent.row.queue && *sent.row.queue != DeliveryQueue::held) {
        sent.nudge =
            Nudge{.endpoint = endpoint.id, .queue = *sent.row.queue, .due_at = sent.row.due_at};
    }
    return sent;
}

Served<Deliveries> resend_event(
    Transaction& transaction,
    const dispatch::EndpointDirectory& endpoints,
    const IdCodec& ids,
    const Resend& resend
) {
    const auto event = find_event_content(transaction.connection(), ids, resend);
    if (!event) return event.error();
    StoredDeliveries table{transaction};
    const auto receivers = receivers_of(table, endpoints, *event, resend);
    if (!receivers) return receivers.error();
    Deliveries done;
    for (const auto& endpoint : *receivers) {
        auto sent = send_again(table, *endpoint, *event, dispatch::NewDelivery::Pace::live);
        if (!sent) return sent.error();
        done.rows.push_back(std::move(sent->row));
        if (sent->nudge) done.nudges.push_back(*sent->nudge);
    }
    return done;
}

Served<storage::JobRow> create_job(Transaction& transaction, const WantedJob& wanted) {
    Connection& connection = transaction.connection();
    if (wanted.endpoint) {
        const auto endpoint = storage::find_endpoint(connection, *wanted.endpoint);
        if (!endpoint) return endpoint.error();
        const bool visible = *endpoint && !(*endpoint)->deleted_at;
        if (!visible || !belongs_to(**endpoint, wanted.owner)) return not_found("webhook endpoint");
        if (auto refusal = refuse_endpoint(*endpoint)) return std::move(*refusal);
    }
    const storage::JobFilter running{
        .account = wanted.owner.account,
        .livemode = wanted.owner.livemode,
        .state = storage::JobState::running,
        .endpoint = {}};
    const auto others = storage::list_jobs(connection, running, {.rows_max = kRunningJobsMax});
    if (!others) return others.error();
    if (others->rows.size() >= kRunningJobsMax) {
        return conflict(
            "This account has as many running jobs as it may have, "
            + std::to_string(kRunningJobsMax) + "; wait for one or cancel it"
        );
    }
    storage::JobRow job = new_job(wanted.kind, wanted.parameters);
    job.account = wanted.owner.account;
    job.livemode = wanted.owner.livemode;
    job.endpoint = wanted.endpoint;
    job.created_at = transaction.now();
    job.updated_at = transaction.now();
    const auto id = storage::insert_job(transaction, job);
    if (!id) return id.error();
    job.id = *id;
    return job;
}

}  // namespace postern::daemon
