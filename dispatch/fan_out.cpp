#include "dispatch/fan_out.hpp"

#include "core/json_document.hpp"
#include "core/log.hpp"
#include "dispatch/stored_deliveries.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace postern::dispatch {

using storage::DeliveryQueue;
using storage::DeliveryRow;
using storage::EventRow;
using storage::EventTurn;
using storage::IngestItem;
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

// Hands what each subscribed endpoint is to get to `plan`.
template <class Plan>
void plan_deliveries(
    const EndpointDirectory::Group& group,
    const EventContent& event,
    std::optional<EndpointId> except,
    Plan plan
) {
    Subscribers subscribers{event};
    for (const auto& endpoint : group) {
        if (endpoint->id == except || !subscribers.includes(*endpoint)) continue;
        plan(new_delivery(*endpoint, event));
    }
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

// All of the batch is planned before anything is asked or locked, so that both happen once.
Result<void, StoreError> FanOut::run(Transaction& transaction, std::span<IngestItem* const> items) {
    std::vector<Planned> planned;
    for (IngestItem* item : items) plan(*item, transaction.now(), planned);
    if (planned.empty()) return {};
    std::vector<NewDelivery> wanted;
    wanted.reserve(planned.size());
    for (const Planned& one : planned) wanted.push_back(one.wanted);
    StoredDeliveries table{transaction};
    const auto rows = schedule_deliveries(table, wanted);
    if (!rows) return rows.error();
    for (std::size_t i = 0; i < planned.size(); ++i) keep(planned[i], (*rows)[i]);
    return {};
}

void FanOut::plan(IngestItem& item, TimePoint now, std::vector<Planned>& planned) {
    fresh_.erase(&item);
    if (auto before = before_.extract(&item)) {
        for (EventContent& event : before.mapped()) {
            auto content = std::make_shared<const EventContent>(std::move(event));
            plan_event({&item, std::nullopt, std::move(content), {}}, planned);
        }
    }
    // Whoever read the request before us may have found other owners than the gateway's.
    const bool is_of_gateway = item.outcome.turns.empty();
    const EndpointDirectory::Owner owner{item.request.account, item.request.livemode};
    if (is_of_gateway && parts_.endpoints.of(owner)->empty()) return;
    for (std::size_t i = 0; i < item.request.events.size(); ++i) {
        if (item.outcome.event_ids[i].value == 0 || is_told_before(item, i)) continue;
        EventContent content = draft(item, i);
        content.created_at = now;
        plan_event(
            {&item, i, std::make_shared<const EventContent>(std::move(content)), {}}, planned
        );
    }
}

void FanOut::plan_event(Planned draft, std::vector<Planned>& planned) const {
    const EventContent& event = *draft.content;
    const auto group = parts_.endpoints.of({event.account, event.livemode});
    plan_deliveries(*group, event, std::nullopt, [&draft, &planned](NewDelivery wanted) {
        draft.wanted = std::move(wanted);
        planned.push_back(draft);
    });
}

void FanOut::keep(const Planned& planned, const DeliveryRow& row) {
    if (planned.event_index) {
        planned.item->outcome.deliveries.push_back(
            {.id = row.id,
             .endpoint = row.endpoint,
             .event_index = *planned.event_index,
             .fence = row.fence,
             .sequence = row.sequence,
             .order_key = row.order_key,
             .due_at = row.due_at,
             .queue = row.queue}
        );
    }
    if (row.queue != DeliveryQueue::fresh) return;
    fresh_[planned.item].push_back(
        {.id = row.id,
         .endpoint = row.endpoint,
         .fence = row.fence,
         .sequence = row.sequence,
         .order_key = row.order_key,
         .due_at = row.due_at,
         .content = planned.content}
    );
}

void FanOut::put_before(const IngestItem& item, std::vector<EventContent> events) {
    if (events.empty()) {
        before_.erase(&item);
    } else {
        before_[&item] = std::move(events);
    }
}

void FanOut::committed(std::span<const IngestItem* const> items) noexcept {
    std::vector<FreshDelivery> fresh;
    for (const IngestItem* item : items) {
        const auto made = fresh_.find(item);
        if (made == fresh_.end()) continue;
        std::move(made->second.begin(), made->second.end(), std::back_inserter(fresh));
    }
    fresh_.clear();
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

Result<std::vector<Nudge>, StoreError> fan_out_all(
    Transaction& transaction,
    const EndpointDirectory& endpoints,
    const std::vector<ToldTo>& events
) {
    std::vector<NewDelivery> wanted;
    for (const ToldTo& told : events) {
        const auto group = endpoints.of({told.event.account, told.event.livemode});
        plan_deliveries(*group, told.event, told.except, [&wanted](NewDelivery one) {
            wanted.push_back(std::move(one));
        });
    }
    StoredDeliveries table{transaction};
    const auto rows = schedule_deliveries(table, wanted);
    if (!rows) return rows.error();
    std::vector<Nudge> nudges;
    for (const DeliveryRow& row : *rows) {
        if (row.queue != DeliveryQueue::fresh) continue;
        nudges.push_back(
            {.endpoint = row.endpoint, .queue = DeliveryQueue::fresh, .due_at = row.due_at}
        );
    }
    return nudges;
}

Result<std::vector<Nudge>, StoreError> fan_out(
    Transaction& transaction,
    const EndpointDirectory& endpoints,
    const EventContent& event,
    std::optional<EndpointId> except
) {
    return fan_out_all(transaction, endpoints, {{.event = event, .except = except}});
}

Result<EventContent, StoreError>
insert_own_event(Transaction& transaction, EventRow row, const IdCodec& ids) {
    row.id = EventId{transaction.next_id()};
    row.created_at = transaction.now();
    const auto inserted = storage::insert_event(transaction, row);
    if (!inserted) return inserted.error();
    const auto no_gateway = [](storage::GatewayNumber) {
        return std::string{};
    };
    return content_of(row, ids, no_gateway);
}

Result<CreatedEvent, StoreError> create_event(
    Transaction& transaction,
    const EndpointDirectory& endpoints,
    EventRow row,
    const IdCodec& ids,
    std::optional<EndpointId> except
) {
    const auto content = insert_own_event(transaction, std::move(row), ids);
    if (!content) return content.error();
    auto nudges = fan_out(transaction, endpoints, *content, except);
    if (!nudges) return nudges.error();
    return CreatedEvent{content->id, std::move(*nudges)};
}

}  // namespace postern::dispatch
