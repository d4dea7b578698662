#include "dispatch/delivery_book.hpp"

#include "core/assert.hpp"

namespace postern::dispatch {
namespace {

using storage::DeliveryChange;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::StoreError;

constexpr std::string_view kEndpointDisabled = "endpoint_disabled";

// A change that changes nothing but the fence: the start of every other one.
DeliveryChange change_of(const DeliveryRow& row) {
    return {
        .id = row.id,
        .fence = row.fence,
        .state = row.state,
        .queue = row.queue,
        .due_at = row.due_at,
        .order_key = row.order_key,
        .attempts = row.attempts,
        .round_attempts = row.round_attempts,
        .round_started_at = row.round_started_at,
        .trigger = row.trigger,
        .last_status = row.last_status,
        .last_error = row.last_error,
        .reason = row.reason,
        .finished_at = row.finished_at};
}

DeliveryRow changed_row(DeliveryRow row, const DeliveryChange& change) {
    row.state = change.state;
    row.queue = change.queue;
    row.due_at = change.due_at;
    row.fence = change.fence + 1;
    row.order_key = change.order_key;
    row.attempts = change.attempts;
    row.round_attempts = change.round_attempts;
    row.round_started_at = change.round_started_at;
    row.trigger = change.trigger;
    row.last_status = change.last_status;
    row.last_error = change.last_error;
    row.reason = change.reason;
    row.finished_at = change.finished_at;
    return row;
}

void close(DeliveryChange& change, DeliveryState state, TimePoint now) {
    change.state = state;
    change.queue = std::nullopt;
    change.finished_at = now;
}

// Rows are read and changed in one transaction, so the fence can only fail to fit where a store
// lets two of them run side by side: then the whole transaction is to be tried again.
Result<void, StoreError> apply(DeliveryTable& table, const DeliveryChange& change) {
    const auto applied = table.change(change);
    if (!applied) return applied.error();
    if (!*applied) return StoreError::busy;
    return {};
}

// Lets the payment's next event go, once nothing of it stands before that. One that is under way or
// waits for a retry (also by a person's wish) goes first, and calls this when it ends.
Result<std::optional<Nudge>, StoreError>
promote_successor(DeliveryTable& table, const storage::KeyAtEndpoint& key) {
    if (key.order_key == 0) return std::optional<Nudge>{};
    const auto first = table.first_open(key);
    if (!first) return first.error();
    if (!*first || (*first)->queue != DeliveryQueue::held) return std::optional<Nudge>{};
    const DeliveryRow& held = **first;
    const TimePoint now = table.now();
    DeliveryChange change = change_of(held);
    change.queue = DeliveryQueue::fresh;
    change.due_at = now;
    // The time it was held is not its own: its age and its hold on the payment count from here.
    change.round_started_at = now;
    if (const auto applied = apply(table, change); !applied) return applied.error();
    return std::optional<Nudge>{
        Nudge{.endpoint = held.endpoint, .queue = DeliveryQueue::fresh, .due_at = now}};
}

// One that will not be tried again within max_hold no longer holds its payment back. Waiting until
// max_hold has passed would help nobody.
bool must_be_set_aside(const FinishedDelivery& finished, const DeliveryRow& row) {
    if (row.order_key == 0 || finished.order == NewDelivery::Order::any) return false;
    if (finished.disposition.state != DeliveryState::waiting) return false;
    return finished.disposition.due_at > row.round_started_at + finished.max_hold;
}

DeliveryChange
change_after(const FinishedDelivery& finished, const DeliveryRow& row, TimePoint now) {
    const Disposition& disposition = finished.disposition;
    DeliveryChange change = change_of(row);
    change.reason = disposition.reason;
    if (disposition.state == DeliveryState::waiting) {
        change.state = DeliveryState::waiting;
        change.queue = DeliveryQueue::retry;
        change.due_at = disposition.due_at;
    } else {
        close(change, disposition.state, now);
    }
    if (finished.attempt) {
        change.attempts += 1;
        change.round_attempts += 1;
        change.last_status = finished.attempt->status;
        change.last_error = finished.attempt->error;
    }
    if (must_be_set_aside(finished, row)) change.order_key = 0;
    return change;
}

Result<bool, StoreError> is_behind_another(DeliveryTable& table, const NewDelivery& wanted) {
    if (wanted.order == NewDelivery::Order::any || wanted.order_key == 0) return false;
    const auto first =
        table.first_open({.endpoint = wanted.endpoint, .order_key = wanted.order_key});
    if (!first) return first.error();
    return first->has_value();
}

// Retention took it meanwhile: nobody waits for it any more.
Recorded vanished(DeliveryId id) {
    DeliveryRow row;
    row.id = id;
    row.state = DeliveryState::canceled;
    return {.kind = Recorded::Kind::stale, .row = std::move(row), .successor = std::nullopt};
}

}  // namespace

Result<DeliveryRow, StoreError> schedule_delivery(DeliveryTable& table, const NewDelivery& wanted) {
    const auto sequence = table.next_sequence(wanted.endpoint);
    if (!sequence) return sequence.error();
    const TimePoint now = table.now();
    DeliveryRow row;
    row.event = wanted.event;
    row.endpoint = wanted.endpoint;
    row.account = wanted.account;
    row.livemode = wanted.livemode;
    row.sequence = *sequence;
    row.order_key = wanted.order_key;
    row.due_at = now;
    row.round_started_at = now;
    row.trigger = wanted.trigger;
    row.created_at = now;
    if (wanted.fate == NewDelivery::Fate::record_only) {
        row.state = DeliveryState::skipped;
        row.reason = kEndpointDisabled;
        row.finished_at = now;
    } else {
        const auto is_held = is_behind_another(table, wanted);
        if (!is_held) return is_held.error();
        const auto open =
            wanted.pace == NewDelivery::Pace::live ? DeliveryQueue::fresh : DeliveryQueue::retry;
        row.queue = *is_held ? DeliveryQueue::held : open;
        if (!*is_held) row.due_at = now + wanted.first_delay;
    }
    const auto id = table.insert(row);
    if (!id) return id.error();
    row.id = *id;
    return row;
}

Result<Recorded, StoreError>
record_finished(DeliveryTable& table, const FinishedDelivery& finished) {
    POSTERN_ASSERT(finished.disposition.state != DeliveryState::pending);
    const auto found = table.find(finished.delivery);
    if (!found) return found.error();
    if (!*found) return vanished(finished.delivery);
    const DeliveryRow& row = **found;
    if (finished.attempt) {
        storage::AttemptRow attempt = *finished.attempt;
        attempt.delivery = finished.delivery;
        const auto inserted = table.insert_attempt(attempt);
        if (!inserted) return inserted.error();
    }
    if (row.fence != finished.fence || !is_open(row.state)) {
        return Recorded{.kind = Recorded::Kind::stale, .row = row, .successor = std::nullopt};
    }
    const DeliveryChange change = change_after(finished, row, table.now());
    if (const auto applied = apply(table, change); !applied) return applied.error();
    Recorded recorded{.row = changed_row(row, change), .successor = std::nullopt};
    const bool lets_go = !is_open(change.state) || change.order_key != row.order_key;
    if (!lets_go) return recorded;
    auto successor =
        promote_successor(table, {.endpoint = row.endpoint, .order_key = row.order_key});
    if (!successor) return successor.error();
    recorded.successor = *successor;
    return recorded;
}

namespace {

DeliveryChange opened_again(const DeliveryRow& row, TimePoint now) {
    DeliveryChange change = change_of(row);
    change.state = DeliveryState::pending;
    change.due_at = now;
    change.round_attempts = 0;
    change.round_started_at = now;
    change.reason = {};
    change.finished_at = std::nullopt;
    return change;
}

}  // namespace

Result<std::optional<Nudge>, StoreError>
reopen_in_line(DeliveryTable& table, DeliveryId id, NewDelivery::Order order) {
    const auto found = table.find(id);
    if (!found) return found.error();
    if (!*found || is_open((*found)->state)) return std::optional<Nudge>{};
    const DeliveryRow& row = **found;
    bool is_held = false;
    if (order == NewDelivery::Order::kept && row.order_key != 0) {
        const auto first = table.first_open({row.endpoint, row.order_key});
        if (!first) return first.error();
        is_held = *first && (*first)->id < row.id;
    }
    DeliveryChange change = opened_again(row, table.now());
    change.queue = is_held ? DeliveryQueue::held : DeliveryQueue::retry;
    change.trigger = storage::AttemptTrigger::manual;
    if (const auto applied = apply(table, change); !applied) return applied.error();
    if (is_held) return std::optional<Nudge>{};
    return std::optional<Nudge>{Nudge{
        .endpoint = row.endpoint,
        .queue = DeliveryQueue::retry,
        .due_at = change.due_at,
        .delivery = id}};
}

Result<std::optional<Nudge>, StoreError>
retry_delivery(DeliveryTable& table, DeliveryId id, storage::AttemptTrigger trigger) {
    const auto found = table.find(id);
    if (!found) return found.error();
    if (!*found) return std::optional<Nudge>{};
    const DeliveryRow& row = **found;
    const TimePoint now = table.now();
    DeliveryChange change = opened_again(row, now);
    change.queue = DeliveryQueue::fresh;
    change.trigger = trigger;
    if (const auto applied = apply(table, change); !applied) return applied.error();
    return std::optional<Nudge>{Nudge{
        .endpoint = row.endpoint, .queue = DeliveryQueue::fresh, .due_at = now, .delivery = id}};
}

Result<Canceled, StoreError>
cancel_delivery(DeliveryTable& table, DeliveryId id, std::string_view reason) {
    const auto found = table.find(id);
    if (!found) return found.error();
    if (!*found) return Canceled{};
    const DeliveryRow& row = **found;
    if (!is_open(row.state)) {
        return Canceled{.kind = Canceled::Kind::not_open, .withdrawn = {}, .successor = {}};
    }
    DeliveryChange change = change_of(row);
    close(change, DeliveryState::canceled, table.now());
    change.reason = reason;
    if (const auto applied = apply(table, change); !applied) return applied.error();
    auto successor =
        promote_successor(table, {.endpoint = row.endpoint, .order_key = row.order_key});
    if (!successor) return successor.error();
    const Nudge withdrawn{
        .endpoint = row.endpoint,
        .queue = row.queue.value_or(DeliveryQueue::held),
        .due_at = row.due_at,
        .delivery = id};
    return Canceled{
        .kind = Canceled::Kind::canceled, .withdrawn = withdrawn, .successor = *successor};
}

}  // namespace postern::dispatch
