#include "daemon/payment_news.hpp"

#include "core/log.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/service/provider_news.hpp"
#include "storage/event_repository.hpp"
#include "storage/inbox_repository.hpp"

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

Result<bool, StoreError>
PaymentNews::concerns_us(Transaction& transaction, const IngestItem& item) {
    if (!parts_ || item.request.events.empty()) return false;
    if (parts_->around.gateways.find(item.request.gateway) == nullptr) return false;
    if (payments_ == Payments::some) return true;
    if (looked_at_ == transaction.now()) return false;
    const auto some = payments::has_payments(transaction.connection());
    if (!some) return some.error();
    payments_ = *some ? Payments::some : Payments::none;
    looked_at_ = transaction.now();
    return *some;
}

Result<void, StoreError> PaymentNews::run(Transaction& transaction, IngestItem& item) {
    const auto ours = concerns_us(transaction, item);
    if (!ours) return ours.error();
    if (!*ours) return {};
    Nudges nudges;
    const auto taken = take_each(transaction, item, nudges);
    if (!taken) return taken.error();
    if (item.outcome.turns.empty()) return {};
    taken_[&item] = std::move(nudges);
    return relink(transaction, item);
}

Result<void, StoreError>
PaymentNews::take_each(Transaction& transaction, IngestItem& item, Nudges& nudges) {
    for (std::size_t i = 0; i < item.request.events.size(); ++i) {
        const auto& normalised = item.request.events[i].normalised;
        const EventId id = item.outcome.event_ids[i];
        if (id.value == 0 || !normalised || normalised->facts == nullptr) continue;
        auto taken = take(
            transaction,
            {.id = id,
             .inbox = item.outcome.inbox,
             .account = item.request.account,
             .livemode = item.request.livemode,
             .gateway = item.request.gateway,
             .facts = *normalised->facts,
             .object = normalised->object}
        );
        if (!taken) return taken.error();
        nudges.insert(nudges.end(), taken->nudges.begin(), taken->nudges.end());
        if (taken->turn.fate == EventTurn::Fate::as_told) continue;
        item.outcome.turns.resize(item.request.events.size());
        item.outcome.turns[i] = std::move(taken->turn);
    }
    return {};
}

Result<ProviderDesk::Taken, StoreError>
PaymentNews::take(Transaction& transaction, const ToldEvent& told) {
    Taken taken;
    if (!parts_) return taken;
    EventWriter events = parts_->store.event_writer();
    payments::Work work{
        .transaction = transaction,
        .around = parts_->around,
        .events = events,
        .owner = {.account = told.account, .livemode = told.livemode},
        .request = {}};
    auto effect = payments::take_provider_news(work, {told.gateway, told.facts});
    if (!effect) return effect.error();
    if (!*effect) return taken;
    if (!work.orders.empty()) orders_ = Orders::made;
    if ((*effect)->effect == Effect::stale) {
        parts_->stale.add();
        log::warn(
            "payments.stale_news",
            {{"type", to_text(told.facts.type)}, {"event", parts_->around.ids.encode(told.id)}}
        );
    }
    taken.turn = turn_of(std::move(**effect), told, events.made());
    taken.nudges = events.take_nudges();
    const auto written = write_turn(transaction, told, taken.turn);
    if (!written) return written.error();
    return taken;
}

void PaymentNews::committed(std::span<const IngestItem* const> items) noexcept {
    looked_at_.reset();
    if (taken_.empty()) return;
    Nudges nudges;
    for (const IngestItem* item : items) {
        const auto found = taken_.find(item);
        if (found == taken_.end()) continue;
        nudges.insert(nudges.end(), found->second.begin(), found->second.end());
    }
    taken_.clear();
    parts_->store.committed(std::move(nudges));
    if (orders_ == Orders::made) parts_->orders.wake();
    orders_ = Orders::none;
    parts_->orders.look_again();  // one may have been settled by it
}

}  // namespace postern::daemon
