#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/news_door.hpp"
#include "payments/service/payment_news.hpp"
#include "payments/service/settlement.hpp"
#include "payments/service/told_news.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

// An inquiry ends the same whatever is said of it but that it was decided. What was taken for a
// dispute and closes as an inquiry never was one, and its money comes back.
std::optional<DisputeStatus> end_of(const UnifiedEvent& event, const Dispute& dispute) {
    if (event.outcome == "won") return DisputeStatus::won;
    if (event.outcome == "lost") return DisputeStatus::lost;
    if (status_when_closed(dispute.status) == DisputeStatus::warning_closed) {
        return DisputeStatus::warning_closed;
    }
    if (event.outcome == "warning_closed") return DisputeStatus::won;
    return std::nullopt;
}

// What else an update is about, providers do not say in words that they share: it is told on,
// unless it is the echo of one that we made.
Taken take_dispute_update(const News& news, const Dispute& dispute) {
    const std::int64_t subject = dispute.id.value;
    if (const auto status = dispute_status_from_text(news.event().outcome)) {
        const auto effect = settle_dispute(news.work, dispute, {*status});
        if (!effect) return effect.error();
        if (*effect == Effect::moved) return about(news, subject, *effect);
    }
    const auto told =
        events_telling(news.connection(), {.subject = subject, .type = news.event().type});
    if (!told) return told.error();
    const auto occurred_at = from_iso8601(news.event().occurred_at);
    const auto is_echo_of = [&occurred_at](const ToldEvent& event) {
        return !occurred_at || *occurred_at <= event.created_at + kClocksDiffer;
    };
    if (std::any_of(told->begin(), told->end(), is_echo_of)) {
        return about(news, subject, Effect::already);
    }
    const auto payment = find_payment(news.connection(), dispute.owner, dispute.payment);
    if (!payment) return payment.error();
    if (!*payment) return about(news, subject, Effect::stale);
    const auto kept = announce_dispute(news.work, news.event().type, dispute, **payment);
    if (!kept) return kept.error();
    return about(news, subject, Effect::moved);
}

Taken take_known_dispute(const News& news, const Dispute& dispute) {
    news.work.owner = dispute.owner;
    const std::int64_t subject = dispute.id.value;
    const EventType type = news.event().type;
    if (type == EventType::dispute_created) return about(news, subject, Effect::already);
    if (type == EventType::dispute_updated) return take_dispute_update(news, dispute);
    const auto status = end_of(news.event(), dispute);
    if (status) {
        const auto effect = settle_dispute(news.work, dispute, {*status});
        if (!effect) return effect.error();
        if (*effect != Effect::stale) return about(news, subject, *effect);
    }
    const auto payment = find_payment(news.connection(), dispute.owner, dispute.payment);
    if (!payment) return payment.error();
    if (*payment) {
        const auto shown = announce_dispute(news.work, type, dispute, **payment);
        if (!shown) return shown.error();
    }
    return about(news, subject, Effect::stale);
}

// nullopt: one that cannot be booked. It is over and nobody says how, so whose the money is cannot
// be told; or its sum is in a currency that the payment's money does not lie in.
std::optional<DisputeDraft> draft_of(const UnifiedEvent& event, const Currency& currency) {
    DisputeDraft draft;
    draft.gateway_dispute_id = event.gateway_dispute_id;
    if (!event.reason.empty()) draft.reason = event.reason;
    const auto status = dispute_status_from_text(event.outcome);
    const bool is_over = event.type == EventType::dispute_closed;
    if (is_over && (!status || !is_ended(*status))) return std::nullopt;
    draft.status = status.value_or(draft.status);
    if (event.amount.empty()) return draft;
    draft.minor = told_minor(event, currency);
    return draft.minor ? std::optional{draft} : std::nullopt;
}

// A dispute whose beginning was lost or is late begins with the first that is told of it.
Taken take_new_dispute(const News& news, const FullPayment& full) {
    const Payment& payment = full.payment;
    const auto draft = draft_of(news.event(), payment.amount.currency);
    if (!draft) return about(news, payment.id.value, Effect::stale);
    const auto opened = open_dispute(news.work, payment, *draft);
    if (opened) return about(news, opened->id.value, Effect::moved);
    const Failure failure = opened.error();
    if (failure.store_error() != nullptr) return *failure.store_error();
    return about(news, payment.id.value, Effect::stale);
}

}  // namespace

Taken take_dispute_news(const News& news) {
    const UnifiedEvent& event = news.event();
    if (event.gateway_dispute_id.empty()) return std::optional<NewsEffect>{};
    const GatewayObject which{news.told.gateway, event.gateway_dispute_id};
    const auto dispute = find_dispute_by_gateway_id(news.connection(), which);
    if (!dispute) return dispute.error();
    if (*dispute) return take_known_dispute(news, **dispute);
    const auto full = load_told_payment(news);
    if (!full) return full.error();
    return *full ? take_new_dispute(news, **full) : std::optional<NewsEffect>{};
}

}  // namespace postern::payments
