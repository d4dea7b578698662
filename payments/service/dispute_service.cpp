#include "core/assert.hpp"
#include "payments/records/ledger_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/booking.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/gateway_orders.hpp"
#include "payments/service/payment_checks.hpp"
#include "payments/service/settlement.hpp"

#include <chrono>
#include <utility>

namespace postern::payments {
namespace {

using Written = Result<void, StoreError>;

constexpr std::chrono::days kEvidenceDueAfter{14};

constexpr std::string_view kFundsWithdrawn = "charge.dispute.funds_withdrawn";
constexpr std::string_view kFundsReinstated = "charge.dispute.funds_reinstated";

// The payment of a dispute that is there.
Result<Payment, StoreError> payment_of(Work& work, const Dispute& dispute) {
    auto payment = find_payment(work.transaction.connection(), dispute.owner, dispute.payment);
    if (!payment) return payment.error();
    POSTERN_ASSERT(payment->has_value());
    return std::move(**payment);
}

Result<Charge, StoreError> charge_of(Work& work, const Dispute& dispute) {
    auto charge = find_charge(work.transaction.connection(), dispute.owner, dispute.charge);
    if (!charge) return charge.error();
    POSTERN_ASSERT(charge->has_value());
    return std::move(**charge);
}

// The disputed sum waits aside until the bank has decided; the fee is gone either way.
Written withdraw(Work& work, Dispute& dispute, const Charge& charge) {
    const auto place = find_place(work, charge.balance_transaction);
    if (!place) return place.error();
    const std::int64_t minor = dispute.amount.minor;
    const Booking booking{
        .type = TransactionType::dispute,
        .amount = {-minor, dispute.amount.currency},
        .fee = kDisputeFeeMinor,
        .place = *place,
        .source = stripe_id(work.around.ids, dispute.id),
        .payment = dispute.payment};
    const DisputePosting posting{.bucket = place->bucket, .minor = minor, .fee = kDisputeFeeMinor};
    const auto line = book(work, booking, dispute_postings(posting));
    if (!line) return line.error();
    dispute.withdrawn = line->id;
    return {};
}

Written reinstate(Work& work, Dispute& dispute) {
    const auto place = find_place(work, dispute.withdrawn);
    if (!place) return place.error();
    const Booking booking{
        .type = TransactionType::dispute_reversal,
        .amount = dispute.amount,
        .place = *place,
        .source = stripe_id(work.around.ids, dispute.id),
        .payment = dispute.payment};
    const auto line =
        book(work, booking, dispute_won_postings(place->bucket, dispute.amount.minor));
    if (!line) return line.error();
    dispute.reinstated = line->id;
    return {};
}

// Money follows the status; which of the two events tells it, if either does.
Result<std::string_view, StoreError>
move_funds(Work& work, Dispute& dispute, DisputeStatus before) {
    Written moved;
    std::string_view told;
    if (!holds_funds(before) && holds_funds(dispute.status)) {
        const auto charge = charge_of(work, dispute);
        if (!charge) return charge.error();
        moved = withdraw(work, dispute, *charge);
        told = kFundsWithdrawn;
    }
    if (moved && dispute.status == DisputeStatus::won && holds_funds(before)) {
        moved = reinstate(work, dispute);
        told = kFundsReinstated;
    }
    if (moved && dispute.status == DisputeStatus::lost) {
        moved = post(
            work.transaction,
            dispute.owner,
            dispute.amount.currency,
            dispute_lost_postings(dispute.amount.minor)
        );
    }
    if (!moved) return moved.error();
    return told;
}

Written save_and_tell(Work& work, Dispute& dispute, EventType type, const Payment& payment) {
    const Written saved = update_dispute(work.transaction, dispute);
    if (!saved) return saved;
    return announce_dispute(work, type, dispute, payment);
}

// What of the charge could still be taken back.
std::int64_t left_of(const Charge& charge) {
    return charge.captured_minor - charge.refunded_minor;
}

Refusal dispute_refusal(const Books& books, Reason reason, const Dispute& dispute) {
    return {.reason = reason, .what = "dispute", .id = stripe_id(books.around.ids, dispute.id)};
}

Done<Charge> disputable_charge(const Books& books, const Payment& payment) {
    const Refusal nothing{.reason = Reason::nothing_captured, .payment = payment};
    if (!payment.latest_charge) return nothing;
    auto charge = find_charge(books.connection, books.owner, *payment.latest_charge);
    if (!charge) return charge.error();
    if (!*charge || !(*charge)->balance_transaction) return nothing;
    if (!payment.dispute) return std::move(**charge);
    const auto earlier = find_dispute(books.connection, books.owner, *payment.dispute);
    if (!earlier) return earlier.error();
    if (!*earlier || is_ended((*earlier)->status)) return std::move(**charge);
    return Refusal{.reason = Reason::charge_disputed, .payment = payment};
}

Written insert_opened(Work& work, Dispute& dispute, Charge& charge, const Payment& before) {
    Payment payment = before;
    payment.dispute = dispute.id;
    charge.dispute = dispute.id;
    const Written added = insert_dispute(work.transaction, dispute, payment.gateway);
    if (!added) return added;
    const Written marked = update_charge(work.transaction, charge);
    if (!marked) return marked;
    const Written saved = save_payment(work, payment, before);
    if (!saved) return saved;
    const Written told = announce_dispute(work, EventType::dispute_created, dispute, payment);
    if (!told || !dispute.withdrawn) return told;
    return announce_dispute_funds(work, kFundsWithdrawn, dispute, payment);
}

// A request that edits metadata alone sends nothing, however much evidence waits.
bool asks_to_submit(const EvidenceEdit& edit) {
    if (edit.submit == EvidenceEdit::Submit::no) return false;
    const bool edits_metadata =
        !edit.metadata.empty() || edit.clear_metadata == PaymentEdit::ClearMetadata::yes;
    return !edit.evidence.empty() || !edits_metadata;
}

Written submit(Work& work, Dispute& dispute, const Payment& payment) {
    dispute.submissions += 1;
    const bool is_proper = dispute.status == DisputeStatus::needs_response;
    const DisputeFact fact{
        is_proper ? DisputeStatus::under_review : DisputeStatus::warning_under_review};
    POSTERN_ASSERT(apply(dispute, fact, work.now()) == Effect::moved);
    const Written told = save_and_tell(work, dispute, EventType::dispute_updated, payment);
    if (!told) return told;
    return ask_about_dispute(work, {dispute, payment}, OrderKind::evidence);
}

}  // namespace

Done<Dispute> open_dispute(Work& work, const Payment& payment, const DisputeDraft& draft) {
    auto charge = disputable_charge(work.books(), payment);
    if (!charge) return charge.error();
    const std::int64_t minor = draft.minor.value_or(left_of(*charge));
    if (minor <= 0 || minor > charge->captured_minor)
        return Refusal{.reason = Reason::amount_invalid, .parameter = "amount"};
    Dispute dispute;
    dispute.id = DisputeId{work.transaction.next_id()};
    dispute.owner = work.owner;
    dispute.payment = payment.id;
    dispute.charge = charge->id;
    dispute.amount = {minor, payment.amount.currency};
    dispute.status = status_when_opened(draft.status);
    dispute.reason = draft.reason;
    dispute.gateway_dispute_id = draft.gateway_dispute_id;
    dispute.due_by = work.now() + kEvidenceDueAfter;
    if (holds_funds(dispute.status)) {
        const Written withdrawn = withdraw(work, dispute, *charge);
        if (!withdrawn) return withdrawn.error();
    }
    const Written opened = insert_opened(work, dispute, *charge, payment);
    if (!opened) return opened.error();
    if (dispute.status == draft.status) return dispute;
    const auto ended = settle_dispute(work, dispute, {draft.status});
    if (!ended) return ended.error();
    return load_dispute(work.books(), dispute.id);
}

Done<Dispute> load_dispute(const Books& books, DisputeId id) {
    auto dispute = find_dispute(books.connection, books.owner, id);
    if (!dispute) return dispute.error();
    if (*dispute) return std::move(**dispute);
    return Refusal{
        .reason = Reason::not_found, .what = "dispute", .id = stripe_id(books.around.ids, id)};
}

Done<Dispute> update_dispute_of(Work& work, DisputeId id, const EvidenceEdit& edit) {
    auto dispute = load_dispute(work.books(), id);
    if (!dispute) return dispute;
    const Dispute before = *dispute;
    merge(dispute->evidence, edit.evidence, PaymentEdit::ClearMetadata::no);
    merge(dispute->metadata, edit.metadata, edit.clear_metadata);
    const bool to_submit = asks_to_submit(edit) && !dispute->evidence.empty();
    const bool gives_evidence = asks_to_submit(edit) || dispute->evidence != before.evidence;
    if (gives_evidence && !may_take_evidence(before, work.now()))
        return dispute_refusal(work.books(), Reason::dispute_closed, before);
    if (!to_submit && *dispute == before) return dispute;
    const auto payment = payment_of(work, before);
    if (!payment) return payment.error();
    if (to_submit) {
        const auto gateway = gateway_of(work.books(), *payment);
        if (!gateway) return gateway.error();
    }
    const Written done = to_submit
                             ? submit(work, *dispute, *payment)
                             : save_and_tell(work, *dispute, EventType::dispute_updated, *payment);
    if (!done) return done.error();
    return load_dispute(work.books(), id);
}

Done<Dispute> close_dispute(Work& work, DisputeId id) {
    const auto dispute = load_dispute(work.books(), id);
    if (!dispute) return dispute;
    if (!may_close(*dispute))
        return dispute_refusal(work.books(), Reason::dispute_closed, *dispute);
    const auto payment = payment_of(work, *dispute);
    if (!payment) return payment.error();
    const auto gateway = gateway_of(work.books(), *payment);
    if (!gateway) return gateway.error();
    constexpr auto kClose = OrderKind::dispute_close;
    const auto asked_before =
        is_asked(work, {.payment = payment->id, .object = id.value, .kind = kClose});
    if (!asked_before) return asked_before.error();
    if (*asked_before) return dispute;
    const Written asked = ask_about_dispute(work, {*dispute, *payment}, kClose);
    if (!asked) return asked.error();
    return load_dispute(work.books(), id);
}

Result<Effect, StoreError>
settle_dispute(Work& work, const Dispute& dispute, const DisputeFact& fact) {
    Dispute moved = dispute;
    const Effect effect = apply(moved, fact, work.now());
    if (effect != Effect::moved) return effect;
    const auto payment = payment_of(work, dispute);
    if (!payment) return payment.error();
    const auto funds = move_funds(work, moved, dispute.status);
    if (!funds) return funds.error();
    const EventType type =
        is_ended(moved.status) ? EventType::dispute_closed : EventType::dispute_updated;
    const Written told = save_and_tell(work, moved, type, *payment);
    if (!told) return told.error();
    if (!funds->empty()) {
        const Written funds_told = announce_dispute_funds(work, *funds, moved, *payment);
        if (!funds_told) return funds_told.error();
    }
    return effect;
}

}  // namespace postern::payments
