#include "dispatch/fan_out.hpp"

#include "core/json_document.hpp"
#include "core/log.hpp"
#include "dispatch/stored_deliveries.hpp"

#include <utility>

namespace postern::dispatch {

using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::EventRow;
using storage::EventTurn;
using storage::IngestItem;
using storage::MadeDelivery;
using storage::StoreError;
using storage::Transaction;

namespace {

// One event against one owner's endpoints. Its object is parsed at most once, and only when some
// endpoint filters by what is in it.
class Subscribers {
 public:
    explicit Subscribers(const EventContent& event) : event_{event} {}

    bool includes(const Endpoint& endpoint) {
        if (!endpoint.settings.filter) return is_subscribed(endpoint.settings, event_);
        if (!object_) object_.emplace(JsonDocument::parse(event_.object));
        if (!*object_) return false;
        return is_subscribed(endpoint.settings, event_, (*object_)->root());
    }

 private:
    const EventContent& event_;
    std::optional<Result<JsonDocument, Complaint>> object_;
};

// Calls `made` with the row of each subscribed endpoint.
template <class Made>
Result<void, StoreError> deliver_to_all(
    Transaction& transaction,
    const EndpointDirectory::Group& group,
    const EventContent& event,
    Made made
) {
    StoredDeliveries table{transaction};
    Subscribers subscribers{event};
    for (const auto& endpoint : group) {
        if (!subscribers.includes(*endpoint)) continue;
        const auto row = schedule_delivery(table, new_delivery(*endpoint, event));
        if (!row) return row.error();
        made(*row);
    }
    return {};
}

std::vector<std::string> read_channels(std::string_view json) {
    std::vector<std::string> channels;
    if (json.empty()) return channels;
    const auto document = JsonDocument::parse(json);
    if (!document) return channels;
    for (const JsonValue item : document->root().items()) channels.emplace_back(item.string());
    return channels;
}

bool is_told_before(const IngestItem& item, std::size_t index) {
    const auto& turns = item.outcome.turns;
    return !turns.empty() && turns[index].fate == EventTurn::Fate::told_before;
}

// Of what no request told a trace for, the attempts belong together none the less.
TraceContext trace_of(const std::optional<TraceContext>& told, EventId id, const IdCodec& ids) {
    return told ? *told : trace_named_by(ids.encode(id));
}

EventKind kind_of(storage::StoredEventKind kind) {
    switch (kind) {
        case storage::StoredEventKind::unified: return EventKind::unified;
        case storage::StoredEventKind::message: return EventKind::message;
        case storage::StoredEventKind::operational: return EventKind::operational;
        case storage::StoredEventKind::stripe: return EventKind::stripe;
    }
    return EventKind::unified;
}

}  // namespace

NewDelivery new_delivery(const Endpoint& endpoint, const EventContent& event) {
    const EndpointSettings& settings = endpoint.settings;
    const bool keyed =
        settings.ordering == Ordering::payment || settings.deliver == Deliver::latest;
    const RetryPolicy& retry = retry_policy_of(settings, event.type);
    const bool enabled = endpoint.status == storage::EndpointStatus::enabled;
    return {
        .event = event.id,
        .endpoint = endpoint.id,
        .account = event.account,
        .livemode = event.livemode,
        .order_key = keyed ? order_key_of(event) : 0,
        .order = settings.ordering == Ordering::payment ? NewDelivery::Order::kept
                                                        : NewDelivery::Order::any,
        .fate = enabled ? NewDelivery::Fate::send : NewDelivery::Fate::record_only,
        .first_delay = retry.delays.empty() ? std::chrono::seconds{0} : retry.delays.front()};
}

EventContent FanOut::draft(const IngestItem& item, std::size_t index) const {
    const storage::IngestRequest& request = item.request;
    const storage::IngestEvent& event = request.events[index];
    EventContent content{
        .id = item.outcome.event_ids[index],
        .kind = EventKind::unified,
        .account = request.account,
        .livemode = request.livemode,
        .type = std::string{to_text(event.normalised->type)},
        .gateway = parts_.gateway_name(request.gateway),
        .gateway_event_id = std::string{event.gateway_event_id},
        .gateway_event_type = std::string{event.gateway_event_type},
        .trace_id = parts_.ids.encode(item.outcome.inbox),
        .created_at = {},
        .channels = {},
        .object = std::string{event.normalised->object}};
    content.trace = trace_of(request.trace, content.id, parts_.ids);
    if (item.outcome.turns.empty()) return content;
    const EventTurn& turn = item.outcome.turns[index];
    if (turn.fate != EventTurn::Fate::corrected) return content;
    content.account = turn.account;
    content.livemode = turn.livemode;
    content.object = turn.object;
    content.stripe_type = turn.stripe_type;
    content.stripe_object = turn.stripe_object;
    return content;
}

Result<void, StoreError> FanOut::run(Transaction& transaction, IngestItem& item) {
    // Whoever read the request before us may have found other owners than the gateway's.
    if (!item.outcome.turns.empty()) return deliver_each(transaction, item);
    const auto group = parts_.endpoints.of({item.request.account, item.request.livemode});
    return group->empty() ? Result<void, StoreError>{} : deliver_each(transaction, item);
}

Result<void, StoreError> FanOut::deliver_each(Transaction& transaction, IngestItem& item) {
    Contents& contents = contents_[&item];
    contents.assign(item.request.events.size(), nullptr);
    for (std::size_t i = 0; i < contents.size(); ++i) {
        if (item.outcome.event_ids[i].value == 0 || is_told_before(item, i)) continue;
        EventContent content = draft(item, i);
        content.created_at = transaction.now();
        const auto group = parts_.endpoints.of({content.account, content.livemode});
        const auto made = [&item, i](const DeliveryRow& row) {
            item.outcome.deliveries.push_back(
                {.id = row.id,
                 .endpoint = row.endpoint,
                 .event_index = i,
                 .fence = row.fence,
                 .sequence = row.sequence,
                 .order_key = row.order_key,
                 .due_at = row.due_at,
                 .queue = row.queue}
            );
        };
        const auto done = deliver_to_all(transaction, *group, content, made);
        if (!done) return done.error();
        contents[i] = std::make_shared<const EventContent>(std::move(content));
    }
    return {};
}

void FanOut::committed(std::span<const IngestItem* const> items) noexcept {
    std::vector<FreshDelivery> fresh;
    for (const IngestItem* item : items) {
        const auto contents = contents_.find(item);
        if (contents == contents_.end()) continue;
        for (const MadeDelivery& made : item->outcome.deliveries) {
            if (made.queue != DeliveryQueue::fresh) continue;
            fresh.push_back(
                {.id = made.id,
                 .endpoint = made.endpoint,
                 .fence = made.fence,
                 .sequence = made.sequence,
                 .order_key = made.order_key,
                 .due_at = made.due_at,
                 .content = contents->second[made.event_index]}
            );
        }
    }
    contents_.clear();
    if (!fresh.empty()) parts_.on_committed(std::move(fresh));
}

EventContent
content_of(const EventRow& row, const IdCodec& ids, const GatewayNameOf& gateway_name) {
    return {
        .id = row.id,
        .kind = kind_of(row.kind),
        .account = row.account,
        .livemode = row.livemode,
        .type = std::string{storage::type_name(row)},
        .gateway = row.gateway.value == 0 ? std::string{} : gateway_name(row.gateway),
        .gateway_event_id = row.gateway_event_id,
        .gateway_event_type = row.gateway_event_type,
        .trace_id = row.inbox.value == 0 ? ids.encode(row.id) : ids.encode(row.inbox),
        .created_at = row.created_at,
        .channels = read_channels(row.channels),
        .object = row.object.empty() ? row.stripe_object : row.object,
        .stripe_type = row.stripe_type,
        .stripe_object = row.stripe_object,
        .stripe_previous = row.stripe_previous,
        .request_id = row.request_id,
        .idempotency_key = row.idempotency_key,
        .trace = trace_of(row.trace, row.id, ids)};
}

Result<std::vector<Nudge>, StoreError> fan_out(
    Transaction& transaction,
    const EndpointDirectory& endpoints,
    const EventContent& event,
    std::optional<EndpointId> except
) {
    auto group = *endpoints.of({event.account, event.livemode});
    std::erase_if(group, [except](const auto& endpoint) { return endpoint->id == except; });
    std::vector<Nudge> nudges;
    const auto made = [&nudges](const DeliveryRow& row) {
        if (row.queue != DeliveryQueue::fresh) return;
        nudges.push_back(
            {.endpoint = row.endpoint, .queue = DeliveryQueue::fresh, .due_at = row.due_at}
        );
    };
    const auto done = deliver_to_all(transaction, group, event, made);
    if (!done) return done.error();
    return nudges;
}

Result<CreatedEvent, StoreError> create_event(
    Transaction& transaction,
    const EndpointDirectory& endpoints,
    EventRow row,
    const IdCodec& ids,
    std::optional<EndpointId> except
) {
    row.id = EventId{transaction.next_id()};
    row.created_at = transaction.now();
    const auto inserted = storage::insert_event(transaction, row);
    if (!inserted) return inserted.error();
    const auto no_gateway = [](storage::GatewayNumber) {
        return std::string{};
    };
    auto nudges = fan_out(transaction, endpoints, content_of(row, ids, no_gateway), except);
    if (!nudges) return nudges.error();
    return CreatedEvent{row.id, std::move(*nudges)};
}

}  // namespace postern::dispatch
