#include "dispatch/delivery_book.hpp"

#include "core/assert.hpp"

#include <map>
#include <set>
#include <utility>

namespace postern::dispatch {
namespace {

using storage::DeliveryChange;
using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::DeliveryState;
using storage::StoreError;

using Key = std::pair<EndpointId, std::int64_t>;

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

// Rows are read to be changed and changed in one transaction, so the fence fits. Should it not, the
// whole transaction is to be tried again.
Result<void, StoreError> apply(DeliveryTable& table, const DeliveryChange& change) {
    const auto applied = table.change(change);
    if (!applied) return applied.error();
    if (!*applied) return StoreError::busy;
    return {};
}

Result<std::optional<DeliveryRow>, StoreError>
find_one_to_change(DeliveryTable& table, DeliveryId id) {
    auto found = table.find_to_change({id});
    if (!found) return found.error();
    return std::move(found->front());
}

DeliveryChange promoted(const DeliveryRow& held, TimePoint now) {
    DeliveryChange change = change_of(held);
    change.queue = DeliveryQueue::fresh;
    change.due_at = now;
    // The time it was held is not its own: its age and its hold on the payment count from here.
    change.round_started_at = now;
    return change;
}

// Lets the next event of each payment go, once nothing of it stands before that. One that is under
// way or waits for a retry (also by a person's wish) goes first, and calls this when it ends.
Result<std::map<Key, Nudge>, StoreError>
promote_successors(DeliveryTable& table, const std::set<Key>& released) {
    std::map<Key, Nudge> nudges;
    std::vector<storage::KeyAtEndpoint> keys;
    for (const auto& [endpoint, order_key] : released) {
        if (order_key != 0) keys.push_back({.endpoint = endpoint, .order_key = order_key});
    }
    if (keys.empty()) return nudges;
    const auto first = table.first_open_of(keys);
    if (!first) return first.error();
    const TimePoint now = table.now();
    std::vector<DeliveryChange> changes;
    for (const auto& row : *first) {
        if (!row || row->queue != DeliveryQueue::held) continue;
        changes.push_back(promoted(*row, now));
        const Nudge nudge{.endpoint = row->endpoint, .queue = DeliveryQueue::fresh, .due_at = now};
        nudges.emplace(Key{row->endpoint, row->order_key}, nudge);
    }
    const auto changed = table.change_all(changes);
    if (!changed) return changed.error();
    return nudges;
}

Result<std::optional<Nudge>, StoreError>
promote_successor(DeliveryTable& table, const DeliveryRow& ended) {
    const auto nudges = promote_successors(table, {{ended.endpoint, ended.order_key}});
    if (!nudges) return nudges.error();
    if (nudges->empty()) return std::optional<Nudge>{};
    return std::optional{nudges->begin()->second};
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

bool keeps_order(const NewDelivery& wanted) {
    return wanted.order == NewDelivery::Order::kept && wanted.order_key != 0;
}

// Retention took it meanwhile: nobody waits for it any more.
Recorded vanished(DeliveryId id) {
    DeliveryRow row;
    row.id = id;
    row.state = DeliveryState::canceled;
    return {.kind = Recorded::Kind::stale, .row = std::move(row), .successor = std::nullopt};
}

// The keys whose order counts for one of them, and of which something is open already.
Result<std::set<Key>, StoreError>
find_open_keys(DeliveryTable& table, const std::vector<NewDelivery>& wanted) {
    std::set<Key> keys;
    for (const NewDelivery& one : wanted) {
        const bool is_sent = one.fate == NewDelivery::Fate::send;
        if (is_sent && keeps_order(one)) keys.insert({one.endpoint, one.order_key});
    }
    std::set<Key> open;
    if (keys.empty()) return open;
    std::vector<storage::KeyAtEndpoint> asked;
    for (const auto& [endpoint, order_key] : keys) asked.push_back({endpoint, order_key});
    const auto first = table.first_open_of(asked);
    if (!first) return first.error();
    for (const auto& row : *first) {
        if (row) open.insert({row->endpoint, row->order_key});
    }
    return open;
}

// The next number of each endpoint.
using NextSequences = std::map<EndpointId, std::int64_t>;

Result<NextSequences, StoreError>
take_sequences_for(DeliveryTable& table, const std::vector<NewDelivery>& wanted) {
    std::map<EndpointId, std::int64_t> counts;
    for (const NewDelivery& one : wanted) counts[one.endpoint] += 1;
    std::vector<storage::SequenceDraw> draws;
    for (const auto& [endpoint, count] : counts) draws.push_back({endpoint, count});
    const auto last = table.take_sequences(draws);
    if (!last) return last.error();
    NextSequences next;
    for (std::size_t i = 0; i < draws.size(); ++i) {
        next[draws[i].endpoint] = (*last)[i] - draws[i].count + 1;
    }
    return next;
}

DeliveryRow drafted_row(const NewDelivery& wanted, TimePoint now) {
    DeliveryRow row;
    row.event = wanted.event;
    row.endpoint = wanted.endpoint;
    row.account = wanted.account;
    row.livemode = wanted.livemode;
    row.order_key = wanted.order_key;
    row.due_at = now;
    row.round_started_at = now;
    row.trigger = wanted.trigger;
    row.created_at = now;
    if (wanted.fate == NewDelivery::Fate::record_only) {
        row.state = DeliveryState::skipped;
        row.reason = kEndpointDisabled;
        row.finished_at = now;
    }
    return row;
}

// `open` are the keys of which something is open, and what this adds to them.
void put_in_line(DeliveryRow& row, const NewDelivery& wanted, std::set<Key>& open) {
    if (wanted.fate == NewDelivery::Fate::record_only) return;
    const bool is_held =
        keeps_order(wanted) && !open.insert({wanted.endpoint, wanted.order_key}).second;
    const auto queue =
        wanted.pace == NewDelivery::Pace::live ? DeliveryQueue::fresh : DeliveryQueue::retry;
    row.queue = is_held ? DeliveryQueue::held : queue;
    if (!is_held) row.due_at += wanted.first_delay;
}

}  // namespace

DeliveryTable::Answer<std::vector<std::int64_t>> DeliveryTable::take_sequences(
    const std::vector<storage::SequenceDraw>& draws
) {
    std::vector<std::int64_t> last;
    for (const storage::SequenceDraw& draw : draws) {
        std::int64_t taken = 0;
        for (std::int64_t i = 0; i < draw.count; ++i) {
            const auto next = next_sequence(draw.endpoint);
            if (!next) return next.error();
            taken = *next;
        }
        last.push_back(taken);
    }
    return last;
}

DeliveryTable::Answer<DeliveryTable::Found> DeliveryTable::find_to_change(
    const std::vector<DeliveryId>& ids
) {
    Found found;
    for (const DeliveryId id : ids) {
        auto row = find(id);
        if (!row) return row.error();
        found.push_back(std::move(*row));
    }
    return found;
}

DeliveryTable::Answer<DeliveryTable::Found> DeliveryTable::first_open_of(
    const std::vector<storage::KeyAtEndpoint>& keys
) {
    Found found;
    for (const storage::KeyAtEndpoint& key : keys) {
        auto row = first_open(key);
        if (!row) return row.error();
        found.push_back(std::move(*row));
    }
    return found;
}

DeliveryTable::Answer<std::vector<DeliveryId>> DeliveryTable::insert_all(
    const std::vector<DeliveryRow>& rows
) {
    std::vector<DeliveryId> ids;
    for (const DeliveryRow& row : rows) {
        const auto id = insert(row);
        if (!id) return id.error();
        ids.push_back(*id);
    }
    return ids;
}

DeliveryTable::Answer<void> DeliveryTable::insert_attempts(
    const std::vector<storage::AttemptRow>& rows
) {
    for (const storage::AttemptRow& row : rows) {
        const auto inserted = insert_attempt(row);
        if (!inserted) return inserted.error();
    }
    return {};
}

DeliveryTable::Answer<void> DeliveryTable::change_all(const std::vector<DeliveryChange>& changes) {
    for (const DeliveryChange& one : changes) {
        const auto applied = apply(*this, one);
        if (!applied) return applied.error();
    }
    return {};
}

// The sequences come first: who took them also decides alone about the order of the payments.
Result<std::vector<DeliveryRow>, StoreError>
schedule_deliveries(DeliveryTable& table, const std::vector<NewDelivery>& wanted) {
    std::vector<DeliveryRow> rows;
    if (wanted.empty()) return rows;
    auto sequences = take_sequences_for(table, wanted);
    if (!sequences) return sequences.error();
    auto open = find_open_keys(table, wanted);
    if (!open) return open.error();
    for (const NewDelivery& one : wanted) {
        DeliveryRow row = drafted_row(one, table.now());
        row.sequence = (*sequences)[one.endpoint]++;
        put_in_line(row, one, *open);
        rows.push_back(std::move(row));
    }
    const auto ids = table.insert_all(rows);
    if (!ids) return ids.error();
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i].id = (*ids)[i];
    return rows;
}

Result<DeliveryRow, StoreError> schedule_delivery(DeliveryTable& table, const NewDelivery& wanted) {
    auto rows = schedule_deliveries(table, {wanted});
    if (!rows) return rows.error();
    return std::move(rows->front());
}

namespace {

using FoundRows = std::map<DeliveryId, std::optional<DeliveryRow>>;

Result<FoundRows, StoreError>
find_all(DeliveryTable& table, const std::vector<const FinishedDelivery*>& finished) {
    FoundRows rows;
    for (const FinishedDelivery* one : finished) rows.emplace(one->delivery, std::nullopt);
    std::vector<DeliveryId> ids;
    for (const auto& [id, row] : rows) ids.push_back(id);
    auto found = table.find_to_change(ids);
    if (!found) return found.error();
    for (std::size_t i = 0; i < ids.size(); ++i) rows[ids[i]] = std::move((*found)[i]);
    return rows;
}

struct Writes {
    std::vector<storage::AttemptRow> attempts;
    std::vector<DeliveryChange> changes;
};

// Without the successor. `row` becomes what it is after it.
Recorded record_one(
    const FinishedDelivery& finished,
    TimePoint now,
    std::optional<DeliveryRow>& row,
    Writes& writes
) {
    POSTERN_ASSERT(finished.disposition.state != DeliveryState::pending);
    if (!row) return vanished(finished.delivery);
    if (finished.attempt) {
        writes.attempts.push_back(*finished.attempt);
        writes.attempts.back().delivery = finished.delivery;
    }
    if (row->fence != finished.fence || !is_open(row->state)) {
        return {.kind = Recorded::Kind::stale, .row = *row, .successor = std::nullopt};
    }
    writes.changes.push_back(change_after(finished, *row, now));
    row = changed_row(*row, writes.changes.back());
    return {.row = *row, .successor = std::nullopt};
}

Result<void, StoreError> write(DeliveryTable& table, const Writes& writes) {
    const auto inserted = table.insert_attempts(writes.attempts);
    if (!inserted) return inserted.error();
    return table.change_all(writes.changes);
}

}  // namespace

Result<std::vector<Recorded>, StoreError>
record_all(DeliveryTable& table, const std::vector<const FinishedDelivery*>& finished) {
    auto rows = find_all(table, finished);
    if (!rows) return rows.error();
    std::vector<Recorded> all;
    Writes writes;
    std::map<Key, std::size_t> released;  // and by whose end, the last time
    for (std::size_t i = 0; i < finished.size(); ++i) {
        auto& row = (*rows)[finished[i]->delivery];
        const std::int64_t key_before = row ? row->order_key : 0;
        Recorded recorded = record_one(*finished[i], table.now(), row, writes);
        const bool applied = recorded.kind == Recorded::Kind::applied;
        if (applied && (!is_open(row->state) || row->order_key != key_before)) {
            released[{row->endpoint, key_before}] = i;
        }
        all.push_back(std::move(recorded));
    }
    const auto written = write(table, writes);
    if (!written) return written.error();
    std::set<Key> keys;
    for (const auto& [key, by] : released) keys.insert(key);
    const auto nudges = promote_successors(table, keys);
    if (!nudges) return nudges.error();
    for (const auto& [key, nudge] : *nudges) all[released[key]].successor = nudge;
    return all;
}

Result<Recorded, StoreError>
record_finished(DeliveryTable& table, const FinishedDelivery& finished) {
    auto recorded = record_all(table, {&finished});
    if (!recorded) return recorded.error();
    return std::move(recorded->front());
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
    const auto found = find_one_to_change(table, id);
    if (!found) return found.error();
    if (!*found || is_open((*found)->state)) return std::optional<Nudge>{};
    const DeliveryRow& row = **found;
    bool is_held = false;
    if (order == NewDelivery::Order::kept && row.order_key != 0) {
        const auto open = table.first_open_of({{row.endpoint, row.order_key}});
        if (!open) return open.error();
        const auto& first = open->front();
        is_held = first && first->sequence < row.sequence;
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
    const auto found = find_one_to_change(table, id);
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
    const auto found = find_one_to_change(table, id);
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
    auto successor = promote_successor(table, row);
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
