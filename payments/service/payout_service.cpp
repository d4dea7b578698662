#include "payments/records/gateway_records.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/booking.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/gateway_orders.hpp"
#include "payments/service/payment_checks.hpp"

#include <chrono>
#include <utility>

namespace postern::payments {
namespace {

using Written = Result<void, StoreError>;

constexpr std::chrono::days kStandardArrivesAfter{2};

constexpr std::string_view kUnanswered =
    "The gateway has not yet answered what it was asked about this payout. Try again in a moment.";

std::int64_t spendable(const CurrencyBalance& balance, Payout::Method method) {
    return method == Payout::Method::instant ? balance.instant_available() : balance.available();
}

// Payouts leave from what is available and come back there, whatever they were allowed to spend.
Booking booking_of(const Work& work, const Payout& payout, TransactionType type) {
    const bool leaves = type == TransactionType::payout;
    return {
        .type = type,
        .amount = {leaves ? -payout.amount.minor : payout.amount.minor, payout.amount.currency},
        .place = {.bucket = Bucket::available, .available_on = work.now()},
        .source = stripe_id(work.around.ids, payout.id)};
}

Written take_out(Work& work, Payout& payout) {
    const auto line = book(
        work,
        booking_of(work, payout, TransactionType::payout),
        payout_postings(payout.amount.minor)
    );
    if (!line) return line.error();
    payout.balance_transaction = line->id;
    return {};
}

Written give_back(Work& work, Payout& payout, PayoutStatus before) {
    const std::int64_t minor = payout.amount.minor;
    const auto type = payout.status == PayoutStatus::canceled ? TransactionType::payout_cancel
                                                              : TransactionType::payout_failure;
    const auto line = book(
        work,
        booking_of(work, payout, type),
        before == PayoutStatus::paid ? paid_payout_returned_postings(minor)
                                     : payout_returned_postings(minor)
    );
    if (!line) return line.error();
    payout.failure_transaction = line->id;
    return {};
}

Written move_money(Work& work, Payout& payout, PayoutStatus before) {
    switch (payout.status) {
        case PayoutStatus::pending:
        case PayoutStatus::in_transit: return {};
        case PayoutStatus::paid:
            return post(
                work.transaction,
                payout.owner,
                payout.amount.currency,
                payout_paid_postings(payout.amount.minor)
            );
        case PayoutStatus::failed:
        case PayoutStatus::canceled: return give_back(work, payout, before);
    }
    return {};
}

Announced tell_move(Work& work, const Payout& payout) {
    switch (payout.status) {
        case PayoutStatus::pending:
        case PayoutStatus::in_transit: return announce_payout_only(work, "payout.updated", payout);
        case PayoutStatus::paid: return announce_payout(work, EventType::payout_paid, payout);
        case PayoutStatus::failed: return announce_payout(work, EventType::payout_failed, payout);
        case PayoutStatus::canceled: return announce_payout_only(work, "payout.canceled", payout);
    }
    return {};
}

// Banks take a standard payout to a day, an instant one to minutes.
TimePoint arrival_of(Payout::Method method, TimePoint now) {
    if (method == Payout::Method::instant) return now;
    return std::chrono::floor<std::chrono::days>(now) + kStandardArrivesAfter;
}

Payout payout_of(Work& work, const PayoutDraft& draft, const PaymentGateway& gateway) {
    Payout payout;
    payout.id = PayoutId{work.transaction.next_id()};
    payout.owner = work.owner;
    payout.amount = draft.amount;
    payout.method = draft.method;
    payout.origin = draft.origin;
    payout.gateway = gateway.number;
    payout.destination = draft.destination;
    payout.description = draft.description;
    payout.statement_descriptor = draft.statement_descriptor;
    payout.metadata = draft.metadata;
    payout.arrival_at = arrival_of(draft.method, work.now());
    return payout;
}

Refusal payout_refusal(const Books& books, Reason reason, PayoutId id) {
    return {.reason = reason, .what = "payout", .id = stripe_id(books.around.ids, id)};
}

}  // namespace

Done<Payout> create_payout(Work& work, const PayoutDraft& draft) {
    if (draft.amount.minor <= 0)
        return Refusal{.reason = Reason::amount_invalid, .parameter = "amount"};
    storage::Connection& connection = work.transaction.connection();
    const auto balance = read_balance(connection, work.owner, draft.amount.currency);
    if (!balance) return balance.error();
    if (draft.amount.minor > spendable(*balance, draft.method))
        return Refusal{.reason = Reason::balance_insufficient};
    const auto gateway = choose_gateway(work.books(), {});
    if (!gateway) return gateway.error();
    Payout payout = payout_of(work, draft, **gateway);
    const Written taken = take_out(work, payout);
    if (!taken) return taken.error();
    const Written added = insert_payout(work.transaction, payout);
    if (!added) return added.error();
    const Announced told = announce_payout(work, EventType::payout_created, payout);
    if (!told) return told.error();
    const Written asked = ask_about_payout(work, payout, OrderKind::payout);
    if (!asked) return asked.error();
    return load_payout(work.books(), payout.id);
}

Done<Payout> load_payout(const Books& books, PayoutId id) {
    auto payout = find_payout(books.connection, books.owner, id);
    if (!payout) return payout.error();
    if (*payout) return std::move(**payout);
    return payout_refusal(books, Reason::not_found, id);
}

Done<Payout> update_payout_of(Work& work, PayoutId id, const PaymentEdit& metadata_edit) {
    auto payout = load_payout(work.books(), id);
    if (!payout) return payout;
    const Metadata before = payout->metadata;
    merge(payout->metadata, metadata_edit.metadata, metadata_edit.clear_metadata);
    if (payout->metadata == before) return payout;
    const Written saved = update_payout(work.transaction, *payout);
    if (!saved) return saved.error();
    const Announced told = announce_payout_only(work, "payout.updated", *payout);
    if (!told) return told.error();
    return payout;
}

Done<Payout> cancel_payout(Work& work, PayoutId id) {
    const auto payout = load_payout(work.books(), id);
    if (!payout) return payout;
    if (!may_cancel(*payout)) return payout_refusal(work.books(), Reason::payout_not_pending, id);
    if (payout->gateway_payout_id.empty()) {
        Refusal refusal = payout_refusal(work.books(), Reason::payout_not_pending, id);
        refusal.detail = kUnanswered;
        return refusal;
    }
    constexpr auto kCancel = OrderKind::payout_cancel;
    const auto asked_before = is_asked(work, {.object = id.value, .kind = kCancel});
    if (!asked_before) return asked_before.error();
    if (*asked_before) return payout;
    const Written asked = ask_about_payout(work, *payout, kCancel);
    if (!asked) return asked.error();
    return load_payout(work.books(), id);
}

Result<Effect, StoreError> settle_payout(Work& work, const Payout& payout, const PayoutFact& fact) {
    Payout moved = payout;
    const Effect effect = apply(moved, fact, work.now());
    if (effect != Effect::moved) return effect;
    const Written money = move_money(work, moved, payout.status);
    if (!money) return money.error();
    const Written saved = update_payout(work.transaction, moved);
    if (!saved) return saved.error();
    const Announced told = tell_move(work, moved);
    if (!told) return told.error();
    return effect;
}

Written make_scheduled_payout(Work& work, Owner owner, const Currency& currency) {
    work.owner = owner;
    const auto balance = read_balance(work.transaction.connection(), owner, currency);
    if (!balance) return balance.error();
    const Money available{balance->available(), currency};
    if (available.minor < kAmountMinorMin) return {};
    const auto paid =
        create_payout(work, {.amount = available, .origin = Payout::Origin::schedule});
    if (!paid && paid.error().store_error() != nullptr) return *paid.error().store_error();
    return {};
}

}  // namespace postern::payments
