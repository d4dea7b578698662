#include "daemon/payment_news.hpp"

#include "core/log.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/service/news_filter.hpp"
#include "payments/service/provider_news.hpp"
#include "storage/event_repository.hpp"
#include "storage/inbox_repository.hpp"

#include <iterator>
#include <utility>

namespace postern::daemon {

using payments::Effect;
using payments::NewsEffect;
using storage::EventTurn;
using storage::IngestItem;
using storage::StoreError;
using storage::Transaction;

namespace {

// An object of ours is never empty, so a member can stand before its first.
std::string marked_stale(std::string_view object) {
    std::string marked{dispatch::kStaleMark};
    marked += object.substr(1);
    return marked;
}

EventTurn corrected(NewsEffect effect) {
    return {
        .fate = EventTurn::Fate::corrected,
        .account = effect.owner.account,
        .livemode = effect.owner.livemode,
        .subject = effect.subject,
        .object = std::move(effect.object),
        .stripe_type = std::move(effect.stripe_type),
        .stripe_object = std::move(effect.stripe_object),
        .told_by = {}};
}

EventTurn told_by(const NewsEffect& effect, std::vector<EventId> events) {
    EventTurn turn = corrected({.owner = effect.owner, .subject = effect.subject});
    turn.fate = EventTurn::Fate::told_before;
    turn.told_by = std::move(events);
    return turn;
}

// What becomes of the webhook's own event.
EventTurn turn_of(NewsEffect effect, const ToldEvent& told, const std::vector<EventId>& made) {
    switch (effect.effect) {
        case Effect::moved:
            if (effect.told_before) return told_by(effect, {*effect.told_before});
            if (!effect.object.empty()) return corrected(std::move(effect));
            if (!made.empty()) return told_by(effect, made);
            break;
        case Effect::already:
            if (effect.told_before) return told_by(effect, {*effect.told_before});
            break;
        case Effect::stale:
            effect.object = marked_stale(effect.object.empty() ? told.object : effect.object);
            if (!effect.stripe_object.empty()) {
                effect.stripe_object = marked_stale(effect.stripe_object);
            }
            return corrected(std::move(effect));
    }
    effect.object = told.object;
    return corrected(std::move(effect));
}

Result<void, StoreError>
write_turn(Transaction& transaction, const ToldEvent& told, const EventTurn& turn) {
    if (turn.fate == EventTurn::Fate::told_before) {
        return storage::withdraw_event(transaction, told.id);
    }
    return storage::correct_event(
        transaction,
        {.id = told.id,
         .account = turn.account,
         .livemode = turn.livemode,
         .subject = turn.subject,
         .object = turn.object,
         .stripe_type = turn.stripe_type,
         .stripe_object = turn.stripe_object}
    );
}

// The row of the webhook names what tells of it, and belongs to whom its first payment belongs to.
Result<void, StoreError> relink(Transaction& transaction, IngestItem& item) {
    storage::InboxLinks links{
        .id = item.outcome.inbox,
        .account = item.request.account,
        .livemode = item.request.livemode,
        .event_ids = {}};
    enum class Owner { gateways, payments } owner = Owner::gateways;
    for (std::size_t i = 0; i < item.outcome.turns.size(); ++i) {
        const EventTurn& turn = item.outcome.turns[i];
        if (turn.fate != EventTurn::Fate::as_told && owner == Owner::gateways) {
            owner = Owner::payments;
            links.account = turn.account;
            links.livemode = turn.livemode;
        }
        if (turn.fate == EventTurn::Fate::told_before) {
            links.event_ids.insert(links.event_ids.end(), turn.told_by.begin(), turn.told_by.end());
            item.outcome.event_ids[i] = turn.told_by.front();
        } else if (item.outcome.event_ids[i].value != 0) {
            links.event_ids.push_back(item.outcome.event_ids[i]);
        }
    }
    return storage::relink_inbox(transaction, links);
}

}  // namespace

Counter stale_news_counter(MetricRegistry& metrics) {
    return metrics.counter(
        {"postern_payments_stale_news_total", "Webhooks that could not move what they are about."}
    );
}

Result<bool, StoreError> PaymentNews::has_payments(Transaction& transaction) {
    if (payments_ == Payments::some) return true;
    if (looked_at_ == transaction.now()) return false;
    const auto some = payments::has_payments(transaction.connection());
    if (!some) return some.error();
    payments_ = *some ? Payments::some : Payments::none;
    looked_at_ = transaction.now();
    return *some;
}

std::vector<PaymentNews::Told> PaymentNews::told_by_gateways_of_ours(
    std::span<IngestItem* const> items
) const {
    std::vector<Told> told;
    for (IngestItem* item : items) {
        if (parts_->around.gateways.find(item->request.gateway) == nullptr) continue;
        for (std::size_t i = 0; i < item->request.events.size(); ++i) {
            const auto& normalised = item->request.events[i].normalised;
            const bool is_new = item->outcome.event_ids[i].value != 0;
            if (is_new && normalised && normalised->facts != nullptr) told.push_back({item, i});
        }
    }
    return told;
}

Result<std::vector<PaymentNews::Told>, StoreError>
PaymentNews::keep_ours(Transaction& transaction, const std::vector<Told>& told) const {
    std::vector<payments::ProviderNews> news;
    for (const auto& [item, index] : told) {
        news.push_back({item->request.gateway, *item->request.events[index].normalised->facts});
    }
    const auto places = payments::find_news_of_ours(transaction, parts_->around.ids, news);
    if (!places) return places.error();
    std::vector<Told> ours;
    for (const std::size_t place : *places) ours.push_back(told[place]);
    return ours;
}

// What a webhook moves is decided by what was read before, so it waits for its turn. Those that are
// about nothing of ours do not, which is nearly all where others take the payments.
Result<void, StoreError>
PaymentNews::run(Transaction& transaction, std::span<IngestItem* const> items) {
    if (!parts_) return {};
    for (const IngestItem* item : items) parts_->fan_out.put_before(*item, {});
    const std::vector<Told> told = told_by_gateways_of_ours(items);
    if (told.empty()) return {};
    const auto some = has_payments(transaction);
    if (!some) return some.error();
    if (!*some) return {};
    const auto ours = keep_ours(transaction, told);
    if (!ours) return ours.error();
    if (ours->empty()) return {};
    const auto turn = transaction.take_turn();
    if (!turn) return turn.error();
    return take_ours(transaction, *ours);
}

// In the order of the requests, and of the events in each. What else follows is left to the step
// after this one, so that a payment's events go out in their order whatever follows from the next.
Result<void, StoreError>
PaymentNews::take_ours(Transaction& transaction, const std::vector<Told>& ours) {
    std::vector<dispatch::EventContent> also;
    for (auto told = ours.begin(); told != ours.end(); ++told) {
        IngestItem& item = *told->item;
        const auto& normalised = item.request.events[told->event_index].normalised;
        EventWriter events = parts_->store.event_writer(EventWriter::Deliveries::left);
        auto turn = take_by(
            transaction,
            {.id = item.outcome.event_ids[told->event_index],
             .inbox = item.outcome.inbox,
             .account = item.request.account,
             .livemode = item.request.livemode,
             .gateway = item.request.gateway,
             .facts = *normalised->facts,
             .object = normalised->object},
            events
        );
        if (!turn) return turn.error();
        for (auto& event : events.take_undelivered()) also.push_back(std::move(event));
        if (turn->fate != EventTurn::Fate::as_told) {
            news_ = News::some;
            item.outcome.turns.resize(item.request.events.size());
            item.outcome.turns[told->event_index] = std::move(*turn);
        }
        const auto next = std::next(told);
        if (next != ours.end() && next->item == &item) continue;
        parts_->fan_out.put_before(item, std::exchange(also, {}));
        if (item.outcome.turns.empty()) continue;
        const auto linked = relink(transaction, item);
        if (!linked) return linked.error();
    }
    return {};
}

Result<ProviderDesk::Taken, StoreError>
PaymentNews::take(Transaction& transaction, const ToldEvent& told) {
    Taken taken;
    if (!parts_) return taken;
    EventWriter events = parts_->store.event_writer();
    auto turn = take_by(transaction, told, events);
    if (!turn) return turn.error();
    taken.turn = std::move(*turn);
    taken.nudges = events.take_nudges();
    return taken;
}

Result<EventTurn, StoreError>
PaymentNews::take_by(Transaction& transaction, const ToldEvent& told, EventWriter& events) {
    payments::Work work{
        .transaction = transaction,
        .around = parts_->around,
        .events = events,
        .owner = {.account = told.account, .livemode = told.livemode},
        .request = {}};
    auto effect = payments::take_provider_news(work, {told.gateway, told.facts});
    if (!effect) return effect.error();
    if (!*effect) return EventTurn{};
    if (!work.orders.empty()) orders_ = Orders::made;
    if ((*effect)->effect == Effect::stale) {
        parts_->stale.add();
        log::warn(
            "payments.stale_news",
            {{"type", to_text(told.facts.type)}, {"event", parts_->around.ids.encode(told.id)}}
        );
    }
    EventTurn turn = turn_of(std::move(**effect), told, events.made());
    const auto written = write_turn(transaction, told, turn);
    if (!written) return written.error();
    return turn;
}

void PaymentNews::committed(std::span<const IngestItem* const>) noexcept {
    looked_at_.reset();
    if (std::exchange(news_, News::none) == News::none) return;
    parts_->store.committed({});
    if (orders_.exchange(Orders::none) == Orders::made) parts_->orders.wake();
    parts_->orders.look_again();  // one may have been settled by it
}

}  // namespace postern::daemon
