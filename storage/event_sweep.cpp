#include "storage/event_sweep.hpp"

#include "storage/delivery_values.hpp"
#include "storage/row_locks.hpp"

#include <string>
#include <vector>

namespace postern::storage {
namespace {

// The id tells the time.
constexpr Sql kOldSql{"SELECT id FROM events WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3"};

constexpr Sql kNeededSql{
    "SELECT 1 FROM deliveries AS own WHERE event_id = $1 AND (state IN (0, 1) OR finished_at >= $2"
    " OR (order_key <> 0 AND EXISTS (SELECT 1 FROM deliveries AS other"
    " WHERE other.endpoint_id = own.endpoint_id AND other.order_key = own.order_key"
    " AND other.order_key <> 0 AND other.queue IS NOT NULL))) LIMIT 1"};
static_assert(static_cast<int>(DeliveryState::pending) == 0);
static_assert(static_cast<int>(DeliveryState::waiting) == 1);

constexpr Sql kForgetAttemptsSql{
    "DELETE FROM attempts WHERE id IN (SELECT attempts.id FROM deliveries"
    " JOIN attempts ON attempts.delivery_id = deliveries.id"
    " WHERE deliveries.event_id = $1 LIMIT $2)"};
constexpr Sql kForgetDeliveriesSql{"DELETE FROM deliveries WHERE event_id = $1"};
constexpr Sql kForgetEventSql{"DELETE FROM events WHERE id = $1"};

constexpr std::int64_t kEventsMax = 128;
constexpr std::int64_t kRowsMax = 256;

Result<std::vector<EventId>, StoreError>
old_events(Transaction& transaction, const EventSweep& sweep) {
    auto query = transaction.query(kOldSql);
    query.bind(sweep.after.value).bind(first_id_at(sweep.before)).bind(kEventsMax);
    std::vector<EventId> events;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return events;
        events.push_back(EventId{query.integer(0)});
    }
}

Result<bool, StoreError> is_needed(Transaction& transaction, EventId event, TimePoint before) {
    auto query = transaction.query(kNeededSql);
    query.bind(event.value).bind(before);
    const auto step = query.step();
    if (!step) return step.error();
    return *step == Step::row;
}

Result<std::int64_t, StoreError>
forget_rows(Transaction& transaction, const Sql& sql, EventId event) {
    auto query = transaction.query(sql);
    query.bind(event.value);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows();
}

Result<std::int64_t, StoreError> forget_attempts_of(Transaction& transaction, EventId event) {
    auto query = transaction.query(kForgetAttemptsSql);
    query.bind(event.value).bind(kRowsMax);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows();
}

// The same for a store to which each question is a round trip: a few for a whole step. Whether a
// payment has an open delivery is a value here, since EXISTS may be answered by reading everything
// that is open once, which looks cheap to statistics from before a backlog.
constexpr Sql kManyOldSql{
    "SELECT old.id, EXISTS (SELECT 1 FROM deliveries AS own WHERE own.event_id = old.id"
    " AND (own.state IN (0, 1) OR own.finished_at >= $1"
    " OR (own.order_key <> 0 AND (SELECT TRUE FROM deliveries AS other"
    " WHERE other.endpoint_id = own.endpoint_id AND other.order_key = own.order_key"
    " AND other.order_key <> 0 AND other.queue IS NOT NULL"
    " ORDER BY other.sequence LIMIT 1))))::int::bigint"
    " FROM (SELECT id FROM events WHERE id > $2 AND id < $3 ORDER BY id LIMIT $4) AS old"
    " ORDER BY old.id"};
constexpr Sql kForgetManyAttemptsSql{
    "DELETE FROM attempts WHERE id = ANY (ARRAY (SELECT id FROM attempts"
    " WHERE delivery_id = ANY (ARRAY (SELECT id FROM deliveries"
    " WHERE event_id = ANY ($1::bigint[]))) LIMIT $2))"};
constexpr Sql kForgetManyDeliveriesSql{
    "DELETE FROM deliveries WHERE event_id = ANY ($1::bigint[])"};
constexpr Sql kForgetManyEventsSql{"DELETE FROM events WHERE id = ANY ($1::bigint[])"};

constexpr std::int64_t kEventsOfManyMax = 1024;
constexpr std::int64_t kRowsOfManyMax = 4096;

enum class Forgotten { in_part, whole };

// Attempts go first, in as many steps as they need: without some of them an event is the same.
Result<Forgotten, StoreError>
forget_event(Transaction& transaction, EventId event, ForgottenEvents& gone) {
    const auto attempts = forget_attempts_of(transaction, event);
    if (!attempts) return attempts.error();
    gone.attempts += *attempts;
    if (*attempts == kRowsMax) return Forgotten::in_part;
    const auto deliveries = forget_rows(transaction, kForgetDeliveriesSql, event);
    if (!deliveries) return deliveries.error();
    gone.deliveries += *deliveries;
    const auto events = forget_rows(transaction, kForgetEventSql, event);
    if (!events) return events.error();
    gone.events += *events;
    return Forgotten::whole;
}

struct OldEvents {
    std::int64_t found = 0;
    EventId last;
    std::vector<std::int64_t> unneeded = {};
};

Result<OldEvents, StoreError> many_old_events(Transaction& transaction, const EventSweep& sweep) {
    auto query = transaction.query(kManyOldSql);
    query.bind(sweep.before).bind(sweep.after.value).bind(first_id_at(sweep.before));
    query.bind(kEventsOfManyMax);
    OldEvents old{.last = sweep.after};
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return old;
        old.found += 1;
        old.last = EventId{query.integer(0)};
        if (query.integer(1) == 0) old.unneeded.push_back(old.last.value);
    }
}

Result<std::int64_t, StoreError>
forget_listed(Transaction& transaction, const Sql& sql, std::string_view list) {
    auto query = transaction.query(sql);
    query.bind(list);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows();
}

Result<std::int64_t, StoreError>
forget_listed_attempts(Transaction& transaction, std::string_view list) {
    auto query = transaction.query(kForgetManyAttemptsSql);
    query.bind(list).bind(kRowsOfManyMax);
    const auto done = query.run();
    if (!done) return done.error();
    return query.changed_rows();
}

Result<ForgottenEvents, StoreError>
forget_many_events(Transaction& transaction, const EventSweep& sweep) {
    const auto old = many_old_events(transaction, sweep);
    if (!old) return old.error();
    ForgottenEvents gone{.reached = sweep.after, .rest = ForgottenEvents::Rest::some};
    if (!old->unneeded.empty()) {
        const std::string list = number_list(old->unneeded);
        const auto attempts = forget_listed_attempts(transaction, list);
        if (!attempts) return attempts.error();
        gone.attempts = *attempts;
        if (*attempts == kRowsOfManyMax) return gone;
        const auto deliveries = forget_listed(transaction, kForgetManyDeliveriesSql, list);
        if (!deliveries) return deliveries.error();
        gone.deliveries = *deliveries;
        const auto events = forget_listed(transaction, kForgetManyEventsSql, list);
        if (!events) return events.error();
        gone.events = *events;
    }
    gone.reached = old->last;
    if (old->found < kEventsOfManyMax) gone.rest = ForgottenEvents::Rest::none;
    return gone;
}

}  // namespace

Result<ForgottenEvents, StoreError>
forget_events(Transaction& transaction, const EventSweep& sweep) {
    if (transaction.connection().writers() == Writers::many)
        return forget_many_events(transaction, sweep);
    const auto old = old_events(transaction, sweep);
    if (!old) return old.error();
    ForgottenEvents gone{.reached = sweep.after, .rest = ForgottenEvents::Rest::some};
    for (const EventId event : *old) {
        if (gone.rows() >= kRowsMax) return gone;
        const auto needed = is_needed(transaction, event, sweep.before);
        if (!needed) return needed.error();
        if (!*needed) {
            const auto forgotten = forget_event(transaction, event, gone);
            if (!forgotten) return forgotten.error();
            if (*forgotten == Forgotten::in_part) return gone;
        }
        gone.reached = event;
    }
    const auto found = static_cast<std::int64_t>(old->size());
    if (found < kEventsMax) gone.rest = ForgottenEvents::Rest::none;
    return gone;
}

}  // namespace postern::storage
