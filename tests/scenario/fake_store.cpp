#include "tests/scenario/fake_store.hpp"

#include "core/assert.hpp"

#include <utility>

namespace postern::scenario {

using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::StoreError;
using Row = std::optional<DeliveryRow>;

void FakeStore::begin() {
    POSTERN_ASSERT(!in_unit_);
    in_unit_ = true;
    statement_ = 0;
}

void FakeStore::commit() {
    POSTERN_ASSERT(in_unit_);
    in_unit_ = false;
    failing_statement_ = 0;
    undo_.clear();
}

void FakeStore::roll_back() {
    for (auto step = undo_.rbegin(); step != undo_.rend(); ++step) undo(*step);
    commit();
}

bool FakeStore::next_statement_fails() {
    POSTERN_ASSERT(in_unit_);
    return ++statement_ == failing_statement_;
}

// ---------------------------------------------------------------- statements

FakeStore::Answer<std::int64_t> FakeStore::next_sequence(EndpointId endpoint) {
    if (next_statement_fails()) return StoreError::busy;
    std::int64_t& last = sequences_[endpoint];
    undo_.push_back({.what = Undo::What::sequence, .endpoint = endpoint, .sequence = last});
    return ++last;
}

FakeStore::Answer<DeliveryId> FakeStore::insert(const DeliveryRow& row) {
    if (next_statement_fails()) return StoreError::full;
    if (by_event_.contains({row.event, row.endpoint})) return StoreError::constraint;
    DeliveryRow made = row;
    made.id = DeliveryId{static_cast<std::int64_t>(rows_.size()) + 1};
    rows_.push_back(made);
    attempts_.push_back(0);
    by_event_[{made.event, made.endpoint}] = made.id;
    index(made);
    undo_.push_back({.what = Undo::What::row, .delivery = made.id});
    return made.id;
}

FakeStore::Answer<bool> FakeStore::change(const storage::DeliveryChange& change) {
    if (next_statement_fails()) return StoreError::busy;
    DeliveryRow& row = at(change.id);
    if (row.fence != change.fence) return false;
    undo_.push_back({.what = Undo::What::row, .delivery = row.id, .row = row});
    unindex(row);
    row.fence += 1;
    row.state = change.state;
    row.queue = change.queue;
    row.due_at = change.due_at;
    row.order_key = change.order_key;
    row.attempts = change.attempts;
    row.round_attempts = change.round_attempts;
    row.round_started_at = change.round_started_at;
    row.trigger = change.trigger;
    row.last_status = change.last_status;
    row.last_error = change.last_error;
    row.reason = change.reason;
    row.finished_at = change.finished_at;
    index(row);
    return true;
}

FakeStore::Answer<Row> FakeStore::find(DeliveryId id) {
    if (next_statement_fails()) return StoreError::failed;
    if (id.value < 1 || static_cast<std::size_t>(id.value) > rows_.size()) return Row{};
    return Row{at(id)};
}

FakeStore::Answer<Row> FakeStore::find_of(const storage::EventAtEndpoint& which) {
    if (next_statement_fails()) return StoreError::failed;
    const auto found = by_event_.find({which.event, which.endpoint});
    return found == by_event_.end() ? Row{} : Row{at(found->second)};
}

FakeStore::Answer<Row> FakeStore::first_open(const storage::KeyAtEndpoint& key) {
    if (next_statement_fails()) return StoreError::failed;
    const auto found = open_.find({key.endpoint, key.order_key});
    return found == open_.end() ? Row{} : first_of(found->second);
}

FakeStore::Answer<Row> FakeStore::first_held(const storage::KeyAtEndpoint& key) {
    if (next_statement_fails()) return StoreError::failed;
    const auto found = held_.find({key.endpoint, key.order_key});
    return found == held_.end() ? Row{} : first_of(found->second);
}

FakeStore::Answer<AttemptId> FakeStore::insert_attempt(const storage::AttemptRow& row) {
    if (next_statement_fails()) return StoreError::full;
    attempts_[static_cast<std::size_t>(row.delivery.value - 1)] += 1;
    undo_.push_back({.what = Undo::What::attempt, .delivery = row.delivery});
    return AttemptId{++attempt_count_};
}

void FakeStore::put_endpoint(const dispatch::Endpoint& endpoint) {
    Undo step{.what = Undo::What::endpoint, .endpoint = endpoint.id};
    const auto found = endpoints_.find(endpoint.id);
    if (found != endpoints_.end()) step.endpoint_before = found->second;
    undo_.push_back(std::move(step));
    endpoints_[endpoint.id] = endpoint;
}

void FakeStore::put_health(const storage::EndpointHealthRow& row) {
    undo_.push_back(
        {.what = Undo::What::health, .endpoint = row.endpoint, .health = health(row.endpoint)}
    );
    health_[row.endpoint] = row;
}

void FakeStore::put_event(EventPointer event) {
    undo_.push_back({.what = Undo::What::event, .event = event->id});
    events_[event->id] = std::move(event);
}

// ---------------------------------------------------------------- undoing and indices

void FakeStore::undo(const Undo& step) {
    switch (step.what) {
        case Undo::What::row:
            unindex(at(step.delivery));
            if (step.row) {
                at(step.delivery) = *step.row;
                index(*step.row);
                return;
            }
            by_event_.erase({rows_.back().event, rows_.back().endpoint});
            rows_.pop_back();
            attempts_.pop_back();
            return;
        case Undo::What::sequence: sequences_[step.endpoint] = step.sequence; return;
        case Undo::What::attempt:
            attempts_[static_cast<std::size_t>(step.delivery.value - 1)] -= 1;
            return;
        case Undo::What::endpoint:
            if (step.endpoint_before)
                endpoints_[step.endpoint] = *step.endpoint_before;
            else
                endpoints_.erase(step.endpoint);
            return;
        case Undo::What::health:
            if (step.health)
                health_[step.endpoint] = *step.health;
            else
                health_.erase(step.endpoint);
            return;
        case Undo::What::event: events_.erase(step.event); return;
    }
}

void FakeStore::index(const DeliveryRow& row) {
    if (row.queue) due_[{row.endpoint, *row.queue}].insert({row.due_at, row.id});
    if (!storage::is_open(row.state)) return;
    open_by_endpoint_[row.endpoint].insert(row.id);
    if (row.order_key == 0) return;
    open_[{row.endpoint, row.order_key}].insert(row.id);
    if (row.queue == DeliveryQueue::held) held_[{row.endpoint, row.order_key}].insert(row.id);
}

void FakeStore::unindex(const DeliveryRow& row) {
    if (row.queue) due_[{row.endpoint, *row.queue}].erase({row.due_at, row.id});
    if (!storage::is_open(row.state)) return;
    open_by_endpoint_[row.endpoint].erase(row.id);
    if (row.order_key == 0) return;
    open_[{row.endpoint, row.order_key}].erase(row.id);
    if (row.queue == DeliveryQueue::held) held_[{row.endpoint, row.order_key}].erase(row.id);
}

Row FakeStore::first_of(const std::set<DeliveryId>& ids) const {
    if (ids.empty()) return std::nullopt;
    return row(*ids.begin());
}

DeliveryRow& FakeStore::at(DeliveryId id) {
    return rows_.at(static_cast<std::size_t>(id.value - 1));
}

// ---------------------------------------------------------------- reads

storage::DueRows FakeStore::load_due(const storage::DueQuery& query) const {
    storage::DueRows answer;
    const auto queue = due_.find({query.endpoint, query.queue});
    if (queue == due_.end()) return answer;
    for (const auto& [due_at, id] : queue->second) {
        if (due_at > query.due_until || answer.rows.size() == query.rows_max) {
            answer.next_due = due_at;
            break;
        }
        answer.rows.push_back(row(id));
    }
    return answer;
}

std::optional<TimePoint> FakeStore::first_due(EndpointId endpoint, DeliveryQueue queue) const {
    const auto found = due_.find({endpoint, queue});
    if (found == due_.end() || found->second.empty()) return std::nullopt;
    return found->second.begin()->first;
}

std::vector<DeliveryId> FakeStore::due(EndpointId endpoint, TimePoint until) const {
    std::vector<DeliveryId> ids;
    for (const DeliveryQueue queue : {DeliveryQueue::fresh, DeliveryQueue::retry}) {
        const auto found = due_.find({endpoint, queue});
        if (found == due_.end()) continue;
        for (const auto& [due_at, id] : found->second) {
            if (due_at > until) break;
            ids.push_back(id);
        }
    }
    return ids;
}

bool FakeStore::has_newer_delivered(const DeliveryRow& row) const {
    if (row.order_key == 0) return false;
    for (std::size_t i = static_cast<std::size_t>(row.id.value); i < rows_.size(); ++i) {
        const DeliveryRow& other = rows_[i];
        if (other.endpoint == row.endpoint && other.order_key == row.order_key
            && other.state == storage::DeliveryState::delivered) {
            return true;
        }
    }
    return false;
}

const DeliveryRow& FakeStore::row(DeliveryId id) const {
    return rows_.at(static_cast<std::size_t>(id.value - 1));
}

std::vector<DeliveryId> FakeStore::open_of_key(const storage::KeyAtEndpoint& key) const {
    const auto found = open_.find({key.endpoint, key.order_key});
    if (found == open_.end()) return {};
    return {found->second.begin(), found->second.end()};
}

std::vector<DeliveryId> FakeStore::open_of(EndpointId endpoint, std::size_t count_max) const {
    std::vector<DeliveryId> ids;
    const auto found = open_by_endpoint_.find(endpoint);
    if (found == open_by_endpoint_.end()) return ids;
    for (const DeliveryId id : found->second) {
        if (ids.size() == count_max) break;
        ids.push_back(id);
    }
    return ids;
}

std::vector<storage::KeyAtEndpoint> FakeStore::keys_with_held() const {
    std::vector<storage::KeyAtEndpoint> keys;
    for (const auto& [key, ids] : held_) {
        if (!ids.empty()) keys.push_back({key.first, key.second});
    }
    return keys;
}

std::int64_t FakeStore::attempts_of(DeliveryId id) const {
    return attempts_.at(static_cast<std::size_t>(id.value - 1));
}

std::int64_t FakeStore::last_sequence(EndpointId endpoint) const {
    const auto found = sequences_.find(endpoint);
    return found == sequences_.end() ? 0 : found->second;
}

const dispatch::Endpoint& FakeStore::endpoint(EndpointId id) const {
    return endpoints_.at(id);
}

std::optional<storage::EndpointHealthRow> FakeStore::health(EndpointId id) const {
    const auto found = health_.find(id);
    if (found == health_.end()) return std::nullopt;
    return found->second;
}

FakeStore::EventPointer FakeStore::event(EventId id) const {
    const auto found = events_.find(id);
    return found == events_.end() ? nullptr : found->second;
}

}  // namespace postern::scenario
