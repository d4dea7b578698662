#include "payments/service/provider_news.hpp"

#include "core/money.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/lookups.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/news_door.hpp"
#include "payments/service/payment_news.hpp"
#include "payments/service/refunds.hpp"
#include "payments/service/settlement.hpp"
#include "payments/service/told_news.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace postern::payments {
namespace {

// Alipay's notices of a refund tell the sum of all refunds of the payment.
constexpr std::string_view kAddsUpRefunds = "alipay";

// A reference is the shop's own text at most providers, so anybody who pays there could write the
// id of somebody else's payment. It counts only where an answer of this gateway is awaited, and
// only for the sum that was asked for.
Result<bool, StoreError> may_be_awaited_news(const News& news, const Payment& payment) {
    const UnifiedEvent& event = news.event();
    const bool unnamed = payment.gateway_payment_id.empty() || event.gateway_payment_id.empty();
    if (payment.gateway != news.told.gateway || !unnamed) return false;
    const bool of_payment = subject_of(event.type) == EventSubject::payment;
    if (of_payment && !event.amount.empty()
        && told_minor(event, payment.amount.currency) != payment.amount.minor) {
        return false;
    }
    const auto orders = open_orders_of(news.connection(), payment.id);
    if (!orders) return orders.error();
    return !orders->empty();
}

// By the provider's id; or by our own, which it gives back as a reference where it has not told us
// its own yet: news can be faster than the answer to what we asked.
Result<std::optional<Payment>, StoreError> find_told_payment(const News& news) {
    const UnifiedEvent& event = news.event();
    if (!event.gateway_payment_id.empty()) {
        auto payment = find_payment_by_gateway_id(
            news.connection(), {news.told.gateway, event.gateway_payment_id}
        );
        if (!payment || *payment) return payment;
    }
    for (const std::string& reference : {event.gateway_payment_id, event.merchant_reference}) {
        const auto id = read_id<PaymentId>(news.work.around.ids, reference);
        if (!id) continue;
        auto payment = find_anyones_payment(news.connection(), *id);
        if (!payment) return payment;
        if (!*payment) continue;
        const auto awaited = may_be_awaited_news(news, **payment);
        if (!awaited) return awaited.error();
        if (*awaited) return payment;
    }
    return std::optional<Payment>{};
}

// Test and live never see each other: what a provider says of the one cannot move the other.
bool is_of_its_mode(const UnifiedEvent& event, const Owner& owner) {
    return !event.gateway_livemode
           || *event.gateway_livemode == (owner.livemode == storage::Livemode::live);
}

}  // namespace

NewsEffect about(const News& news, std::int64_t subject, Effect effect) {
    NewsEffect result;
    result.effect = effect;
    result.owner = news.work.owner;
    result.subject = subject;
    return result;
}

Result<std::optional<FullPayment>, StoreError> load_told_payment(const News& news) {
    auto payment = find_told_payment(news);
    if (!payment) return payment.error();
    if (!*payment || !is_of_its_mode(news.event(), (*payment)->owner)) {
        return std::optional<FullPayment>{};
    }
    news.work.owner = (*payment)->owner;
    auto full = complete_payment(news.work.books(), std::move(**payment));
    if (!full) return full.error();
    return std::optional{std::move(*full)};
}

namespace {

// Where nothing moved, the webhook's event shows what is and not what the provider said: whoever
// ships by it must not read of money that is not there.
Result<void, StoreError> show_as_it_stands(const News& news, const FullPayment& full) {
    const EventType type = news.event().type;
    if (type == EventType::payment_captured && !full.charge) return {};
    return announce_payment(news.work, type, full);
}

Taken take_payment_news(const News& news) {
    auto full = load_told_payment(news);
    if (!full) return full.error();
    if (!*full) return std::optional<NewsEffect>{};
    const std::int64_t subject = (*full)->payment.id.value;
    const auto effect = settle_news(news.work, **full, news.event());
    if (!effect) return effect.error();
    if (*effect == Effect::stale) {
        const auto shown = show_as_it_stands(news, **full);
        if (!shown) return shown.error();
    }
    return about(news, subject, *effect);
}

std::optional<RefundFact> refund_fact_of(const UnifiedEvent& event) {
    if (event.type == EventType::refund_created) return RefundFact{RefundStatus::pending, {}};
    if (event.type == EventType::refund_succeeded) return RefundFact{RefundStatus::succeeded, {}};
    if (event.type != EventType::refund_failed) return std::nullopt;
    return RefundFact{RefundStatus::failed, event.reason};
}

bool adds_up_refunds(const News& news, storage::GatewayNumber number) {
    const PaymentGateway* gateway = news.work.around.gateways.find(number);
    return gateway != nullptr && gateway->kind == kAddsUpRefunds;
}

// Of a refund that we do not know: how much it is, if it can be.
std::optional<std::int64_t> unknown_refund_minor(const News& news, const Payment& payment) {
    const UnifiedEvent& event = news.event();
    const std::int64_t left = payment.received_minor - payment.refunded_minor;
    if (event.amount.empty()) return left > 0 ? std::optional{left} : std::nullopt;
    auto minor = told_minor(event, payment.amount.currency);
    if (!minor) return std::nullopt;
    if (adds_up_refunds(news, payment.gateway)) *minor -= payment.refunded_minor;
    return *minor > 0 && *minor <= left ? minor : std::nullopt;
}

// A refund that we asked for and whose answer was lost: it has no id of the provider's yet.
const Refund* find_unnamed(const FullPayment& full, std::optional<std::int64_t> minor) {
    const auto found =
        std::find_if(full.refunds.begin(), full.refunds.end(), [minor](const Refund& refund) {
            return refund.gateway_refund_id.empty() && refund.status == RefundStatus::pending
                   && (!minor || refund.amount.minor == *minor);
        });
    return found == full.refunds.end() ? nullptr : &*found;
}

Result<Effect, StoreError>
settle_told_refund(const News& news, FullRefund& full, const RefundFact& fact) {
    const auto effect = settle_refund_of(news.work, full, fact);
    if (!effect) return effect;
    if (*effect != Effect::stale) {
        const auto closed = close_orders_about(
            news.work,
            {.payment = full.refund.payment,
             .kind = OrderKind::refund,
             .object = full.refund.id.value}
        );
        if (!closed) return closed.error();
    }
    return effect;
}

// Made at the provider's own desk. A failure of something that never was changes nothing.
Taken take_foreign_refund(const News& news, FullPayment full, const RefundFact& fact) {
    const std::int64_t subject = full.payment.id.value;
    const auto minor = unknown_refund_minor(news, full.payment);
    if (!minor || fact.status == RefundStatus::failed || !full.charge) {
        return about(news, subject, Effect::stale);
    }
    auto added = add_refund(
        news.work,
        std::move(full),
        {.minor = *minor, .gateway_refund_id = news.event().gateway_refund_id}
    );
    if (!added) return added.error();
    const auto settled = settle_refund_of(news.work, *added, fact);
    if (!settled) return settled.error();
    return about(news, added->refund.id.value, Effect::moved);
}

bool names_payment(const News& news, const Payment& payment) {
    const std::string& told = news.event().gateway_payment_id;
    if (told.empty() || payment.gateway_payment_id.empty()) return true;
    return told == payment.gateway_payment_id
           || read_id<PaymentId>(news.work.around.ids, told) == payment.id;
}

// A refund that was named by its id, but with another payment or sum, is not the one that we know.
bool tells_of(const News& news, const FullRefund& full) {
    const UnifiedEvent& event = news.event();
    if (!names_payment(news, full.payment.payment)) return false;
    if (event.amount.empty() || adds_up_refunds(news, full.payment.payment.gateway)) return true;
    return told_minor(event, full.refund.amount.currency) == full.refund.amount.minor;
}

Taken take_known_refund(const News& news, Refund refund, const RefundFact& fact) {
    news.work.owner = refund.owner;
    auto payment = find_payment(news.connection(), refund.owner, refund.payment);
    if (!payment) return payment.error();
    if (!*payment) return std::optional<NewsEffect>{};
    auto full = complete_payment(news.work.books(), std::move(**payment));
    if (!full) return full.error();
    FullRefund both{std::move(refund), std::move(*full)};
    const std::int64_t subject = both.refund.id.value;
    if (tells_of(news, both)) {
        const auto effect = settle_told_refund(news, both, fact);
        if (!effect) return effect.error();
        if (*effect != Effect::stale) return about(news, subject, *effect);
    }
    const auto shown = announce_refund(news.work, news.event().type, both);
    if (!shown) return shown.error();
    return about(news, subject, Effect::stale);
}

Taken take_refund_news(const News& news) {
    const auto fact = refund_fact_of(news.event());
    if (!fact) return std::optional<NewsEffect>{};
    const std::string& gateway_id = news.event().gateway_refund_id;
    if (!gateway_id.empty()) {
        auto refund = find_refund_by_gateway_id(news.connection(), {news.told.gateway, gateway_id});
        if (!refund) return refund.error();
        if (*refund) return take_known_refund(news, std::move(**refund), *fact);
    }
    auto full = load_told_payment(news);
    if (!full) return full.error();
    if (!*full) return std::optional<NewsEffect>{};
    const auto minor = told_minor(news.event(), (*full)->payment.amount.currency);
    const bool says_a_sum_of_ours = minor || news.event().amount.empty();
    const Refund* unnamed = says_a_sum_of_ours ? find_unnamed(**full, minor) : nullptr;
    if (unnamed == nullptr) return take_foreign_refund(news, std::move(**full), *fact);
    Refund named = *unnamed;
    named.gateway_refund_id = gateway_id;
    const auto saved = update_refund(news.work.transaction, named);
    if (!saved) return saved.error();
    return take_known_refund(news, std::move(named), *fact);
}

std::optional<PayoutFact> payout_fact_of(const UnifiedEvent& event) {
    if (event.type == EventType::payout_created) return PayoutFact{PayoutStatus::in_transit, {}};
    if (event.type == EventType::payout_paid) return PayoutFact{PayoutStatus::paid, {}};
    if (event.type != EventType::payout_failed) return std::nullopt;
    return PayoutFact{PayoutStatus::failed, event.reason};
}

Taken take_payout_news(const News& news) {
    const auto fact = payout_fact_of(news.event());
    if (!fact || news.event().gateway_payout_id.empty()) return std::optional<NewsEffect>{};
    const auto payout = find_payout_by_gateway_id(
        news.connection(), {news.told.gateway, news.event().gateway_payout_id}
    );
    if (!payout) return payout.error();
    if (!*payout) return std::optional<NewsEffect>{};
    news.work.owner = (*payout)->owner;
    const Money& amount = (*payout)->amount;
    const bool is_its_sum =
        news.event().amount.empty() || told_minor(news.event(), amount.currency) == amount.minor;
    auto effect = is_its_sum ? settle_payout(news.work, **payout, *fact)
                             : Result<Effect, StoreError>{Effect::stale};
    if (!effect) return effect.error();
    if (*effect == Effect::stale) {
        const auto shown = announce_payout(news.work, news.event().type, **payout);
        if (!shown) return shown.error();
    }
    // That it was made, we told when we made it; on its way is a step that no event tells.
    if (news.event().type == EventType::payout_created) effect = Effect::already;
    return about(news, (*payout)->id.value, *effect);
}

Taken take_by_subject(const News& news) {
    switch (subject_of(news.event().type)) {
        case EventSubject::payment: return take_payment_news(news);
        case EventSubject::refund: return take_refund_news(news);
        case EventSubject::dispute: return take_dispute_news(news);
        case EventSubject::payout: return take_payout_news(news);
    }
    return std::optional<NewsEffect>{};
}

// A step of the past that was told when it was taken. Of money that cannot be taken it matters that
// somebody says it was, however often.
constexpr std::array kSteps = {
    EventType::payment_created,
    EventType::payment_requires_action,
    EventType::payment_action_completed,
    EventType::payment_failed,
    EventType::refund_created,
};

bool is_step(EventType type) {
    return std::find(kSteps.begin(), kSteps.end(), type) != kSteps.end();
}

// Money that was taken at once is told by one event, and a provider may tell it as a capture too.
std::optional<EventType> also_told_by(EventType type) {
    if (type == EventType::payment_captured) return EventType::payment_succeeded;
    return std::nullopt;
}

Result<void, StoreError> find_telling(const News& news, NewsEffect& effect) {
    std::optional<EventType> type = news.event().type;
    while (type && !effect.told_before) {
        const auto told =
            events_telling(news.connection(), {.subject = effect.subject, .type = *type});
        if (!told) return told.error();
        if (!told->empty()) effect.told_before = told->front().id;
        type = also_told_by(*type);
    }
    return {};
}

}  // namespace

Result<std::optional<NewsEffect>, StoreError>
take_provider_news(Work& work, const ProviderNews& news) {
    NewsDoor door{work.events, news.event.type};
    Work quiet{
        .transaction = work.transaction,
        .around = work.around,
        .events = door,
        .owner = work.owner,
        .request = work.request};
    const News told{quiet, news};
    auto taken = take_by_subject(told);
    if (!taken || !*taken) return taken;
    work.owner = quiet.owner;
    work.orders.insert(work.orders.end(), quiet.orders.begin(), quiet.orders.end());
    NewsEffect& effect = **taken;
    const bool late = effect.effect == Effect::stale && is_step(news.event.type);
    if (late || effect.effect == Effect::already) {
        const auto found = find_telling(told, effect);
        if (!found) return found.error();
        if (late && effect.told_before) effect.effect = Effect::already;
    }
    if (!effect.told_before) effect.told_before = door.told_by();
    if (effect.told_before) return taken;
    if (const auto& kept = door.kept_back()) {
        effect.object = kept->object;
        effect.stripe_type = kept->stripe_type;
        effect.stripe_object = kept->stripe_object;
    }
    return taken;
}

}  // namespace postern::payments
