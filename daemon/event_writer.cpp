#include "daemon/event_writer.hpp"

#include "storage/event_repository.hpp"

namespace postern::daemon {

using payments::Announcement;
using storage::EventRow;
using storage::StoredEventKind;
using storage::StoreError;

namespace {

EventRow row_of(storage::Transaction& transaction, const Announcement& told) {
    EventRow row;
    row.id = EventId{transaction.next_id()};
    row.account = told.owner.account;
    row.livemode = told.owner.livemode;
    row.kind = told.type ? StoredEventKind::unified : StoredEventKind::stripe;
    if (told.type) row.type = *told.type;
    if (!told.type) row.own_type = told.stripe_type;
    row.gateway = told.gateway;
    row.created_at = transaction.now();
    row.object = told.object;
    row.subject = told.subject;
    row.stripe_type = told.stripe_type;
    row.stripe_object = told.stripe_object;
    row.stripe_previous = told.stripe_previous;
    row.request_id = told.request.request_id;
    row.idempotency_key = told.request.idempotency_key;
    row.trace = told.request.trace;
    return row;
}

}  // namespace

Result<EventId, StoreError>
EventWriter::announce(storage::Transaction& transaction, const Announcement& announcement) {
    const EventRow row = row_of(transaction, announcement);
    const auto inserted = storage::insert_event(transaction, row);
    if (!inserted) return inserted.error();
    made_.push_back(row.id);
    if (parts_.endpoints.of({row.account, row.livemode})->empty()) return row.id;
    auto content = dispatch::content_of(row, parts_.ids, parts_.gateway_name);
    if (deliveries_ == Deliveries::left) {
        undelivered_.push_back(std::move(content));
        return row.id;
    }
    const auto made = dispatch::fan_out(transaction, parts_.endpoints, content);
    if (!made) return made.error();
    nudges_.insert(nudges_.end(), made->begin(), made->end());
    return row.id;
}

}  // namespace postern::daemon
