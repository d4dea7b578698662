#include "core/assert.hpp"
#include "core/json_writer.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/payment_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/customer_service.hpp"
#include "payments/service/gateway_orders.hpp"
#include "payments/service/payment_checks.hpp"
#include "payments/service/refunds.hpp"
#include "payments/service/settlement.hpp"

#include <algorithm>
#include <utility>

namespace postern::payments {
namespace {

using Written = Result<void, StoreError>;

constexpr std::string_view kNotCancelable =
    "Only a refund that requires an action of the customer can be canceled.";

Reason reason_of(RefundFault fault) {
    switch (fault) {
        case RefundFault::nothing_captured: return Reason::nothing_captured;
        case RefundFault::nothing_left: return Reason::already_refunded;
        case RefundFault::over_what_is_left: return Reason::refund_too_large;
        case RefundFault::not_positive: return Reason::refund_not_positive;
        case RefundFault::disputed: return Reason::charge_disputed;
    }
    return Reason::nothing_captured;
}

bool is_about_amount(RefundFault fault) {
    return fault == RefundFault::over_what_is_left || fault == RefundFault::not_positive;
}

Refusal missing_charge(const Books& books, ChargeId id) {
    return {
        .reason = Reason::reference_missing,
        .parameter = "charge",
        .what = "charge",
        .id = stripe_id(books.around.ids, id)};
}

// The payment is named by a parameter here, not by the path.
Refusal as_reference(Refusal refusal) {
    refusal.reason = Reason::reference_missing;
    refusal.parameter = "payment_intent";
    return refusal;
}

// Named by itself or by its charge.
Done<PaymentId> payment_named(const Books& books, const RefundDraft& draft) {
    if (draft.payment) return *draft.payment;
    if (!draft.charge) {
        return Refusal{.reason = Reason::parameter_missing, .parameter = "payment_intent"};
    }
    const auto charge = find_charge(books.connection, books.owner, *draft.charge);
    if (!charge) return charge.error();
    if (!*charge) return missing_charge(books, *draft.charge);
    return (*charge)->payment;
}

// A dispute that was lost has taken the money for good, whatever became of a later one.
Result<DisputeBar, StoreError> bar_of(const Books& books, const FullPayment& full) {
    if (!full.dispute) return DisputeBar::none;
    if (bars_refunds(full.dispute->status)) return DisputeBar::stands;
    const auto lost = count_disputes(
        books.connection,
        {.owner = books.owner, .payment = full.payment.id, .status = DisputeStatus::lost}
    );
    if (!lost) return lost.error();
    return *lost > 0 ? DisputeBar::stands : DisputeBar::none;
}

// A payment is always handled together with its refunds, so their number has to end somewhere.
// What a provider tells of beyond it is booked all the same.
constexpr std::size_t kRefundsMax = 200;

struct Asked {
    const RefundDraft& draft;
    std::int64_t minor = 0;
    DisputeBar bar = DisputeBar::none;
};
std::optional<Refusal> why_not(const FullPayment& full, const Asked& asked) {
    const RefundDraft& draft = asked.draft;
    if (full.refunds.size() >= kRefundsMax) {
        return Refusal{
            .reason = Reason::parameter_invalid,
            .parameter = "payment_intent",
            .detail = "This payment has as many refunds as one payment can have.",
            .payment = full.payment};
    }
    auto fault = why_not_refund(full.payment, asked.minor, asked.bar);
    // A try that failed took nothing.
    if (draft.charge && full.payment.latest_charge != draft.charge) {
        fault = RefundFault::nothing_captured;
    }
    if (!fault) return std::nullopt;
    return Refusal{
        .reason = reason_of(*fault),
        .parameter = is_about_amount(*fault) ? "amount" : "",
        .payment = full.payment};
}

void put_among(std::vector<Refund>& refunds, const Refund& refund) {
    const auto same = std::find_if(refunds.begin(), refunds.end(), [&refund](const Refund& row) {
        return row.id == refund.id;
    });
    if (same == refunds.end()) {
        refunds.push_back(refund);
    } else {
        *same = refund;
    }
}

std::string previous_of(const Charge& charge, std::int64_t refunded_minor) {
    std::string json;
    JsonWriter writer{json};
    writer.begin_object();
    writer.member_integer("amount_refunded", refunded_minor);
    if (refunded_minor < charge.captured_minor && charge.refunded_minor >= charge.captured_minor) {
        writer.member_boolean("refunded", false);
    }
    writer.end_object();
    return json;
}

Written settle_success(Work& work, FullRefund& full, const Payment& before) {
    if (const Written saved = update_refund(work.transaction, full.refund); !saved) return saved;
    const Written saved = save_payment(work, full.payment.payment, before);
    if (!saved) return saved;
    put_among(full.payment.refunds, full.refund);
    const auto told = announce_refund(work, EventType::refund_succeeded, full);
    if (!told) return told;
    const Charge& charge = *full.payment.charge;
    const std::string previous =
        previous_of(charge, charge.refunded_minor - full.refund.amount.minor);
    return announce_charge(work, "charge.refunded", charge, full.payment, previous);
}

// The money is the merchant's again.
Written settle_failure(Work& work, FullRefund& full, const Payment& before) {
    Charge& charge = *full.payment.charge;
    const auto line = book_refund_returned(work, full.refund, charge);
    if (!line) return line.error();
    POSTERN_ASSERT(charge.refunded_minor >= full.refund.amount.minor);
    charge.refunded_minor -= full.refund.amount.minor;
    if (const Written saved = update_charge(work.transaction, charge); !saved) return saved;
    if (const Written saved = update_refund(work.transaction, full.refund); !saved) return saved;
    const Written saved = save_payment(work, full.payment.payment, before);
    if (!saved) return saved;
    put_among(full.payment.refunds, full.refund);
    return announce_refund(work, EventType::refund_failed, full);
}

Done<FullPayment> load_refundable(const Books& books, const RefundDraft& draft) {
    const auto id = payment_named(books, draft);
    if (!id) return id.error();
    auto full = load_payment(books, *id);
    if (full) return full;
    const Failure failure = full.error();
    if (failure.refusal() != nullptr) return as_reference(*failure.refusal());
    return full;
}

}  // namespace

Result<FullRefund, StoreError> add_refund(Work& work, FullPayment full, const NewRefund& wanted) {
    POSTERN_ASSERT(full.charge.has_value());
    const Payment before = full.payment;
    Refund refund;
    refund.id = RefundId{work.transaction.next_id()};
    refund.owner = work.owner;
    refund.payment = full.payment.id;
    refund.charge = full.charge->id;
    refund.amount = {wanted.minor, full.payment.amount.currency};
    refund.reason = wanted.reason;
    refund.gateway_refund_id = wanted.gateway_refund_id;
    refund.metadata = wanted.metadata;
    const auto line = book_refund(work, refund, *full.charge);
    if (!line) return line.error();
    refund.balance_transaction = line->id;
    full.payment.refunded_minor += wanted.minor;
    full.payment.refunding_minor += wanted.minor;
    full.payment.updated_at = work.now();
    full.charge->refunded_minor += wanted.minor;
    const Written added = insert_refund(work.transaction, refund, full.payment.gateway);
    if (!added) return added.error();
    const Written charged = update_charge(work.transaction, *full.charge);
    if (!charged) return charged.error();
    const Written saved = save_payment(work, full.payment, before);
    if (!saved) return saved.error();
    put_among(full.refunds, refund);
    FullRefund made{std::move(refund), std::move(full)};
    const auto told = announce_refund(work, EventType::refund_created, made);
    if (!told) return told.error();
    return made;
}

Done<FullRefund> create_refund(Work& work, const RefundDraft& draft) {
    auto full = load_refundable(work.books(), draft);
    if (!full) return full.error();
    const Payment& payment = full->payment;
    const std::int64_t minor =
        draft.minor.value_or(payment.received_minor - payment.refunded_minor);
    const auto bar = bar_of(work.books(), *full);
    if (!bar) return bar.error();
    if (auto refusal = why_not(*full, {draft, minor, *bar})) return std::move(*refusal);
    const auto gateway = gateway_of(work.books(), payment);
    if (!gateway) return gateway.error();
    const Money amount{minor, payment.amount.currency};
    if (auto refusal = why_not_in_steps(**gateway, amount, "amount")) return std::move(*refusal);
    auto added = add_refund(
        work, std::move(*full), {.minor = minor, .reason = draft.reason, .metadata = draft.metadata}
    );
    if (!added) return added.error();
    const auto asked = ask_about_refund(work, *added);
    if (!asked) return asked.error();
    return std::move(*added);
}

Done<FullRefund> load_refund(const Books& books, RefundId id) {
    auto refund = find_refund(books.connection, books.owner, id);
    if (!refund) return refund.error();
    if (!*refund) {
        return Refusal{
            .reason = Reason::not_found, .what = "refund", .id = stripe_id(books.around.ids, id)};
    }
    auto full = load_payment(books, (*refund)->payment);
    if (!full) return full.error();
    return FullRefund{std::move(**refund), std::move(*full)};
}

Done<FullRefund> update_refund_of(Work& work, RefundId id, const PaymentEdit& metadata_edit) {
    auto full = load_refund(work.books(), id);
    if (!full) return full.error();
    Refund& refund = full->refund;
    const Metadata before = refund.metadata;
    merge(refund.metadata, metadata_edit.metadata, metadata_edit.clear_metadata);
    if (refund.metadata == before) return full;
    refund.updated_at = work.now();
    const Written saved = update_refund(work.transaction, refund);
    if (!saved) return saved.error();
    put_among(full->payment.refunds, refund);
    const auto told = announce_refund_only(work, "refund.updated", *full);
    if (!told) return told.error();
    return full;
}

Done<FullRefund> cancel_refund(Work& work, RefundId id) {
    auto full = load_refund(work.books(), id);
    if (!full) return full.error();
    if (full->refund.status != RefundStatus::requires_action) {
        return Refusal{.reason = Reason::unexpected_status, .detail = std::string{kNotCancelable}};
    }
    const auto effect = settle_refund_of(work, *full, {.status = RefundStatus::canceled});
    if (!effect) return effect.error();
    return full;
}

Result<Effect, StoreError> settle_refund_of(Work& work, FullRefund& full, const RefundFact& fact) {
    const Payment before = full.payment.payment;
    POSTERN_ASSERT(full.payment.charge.has_value());
    const Effect effect = apply(full.refund, full.payment.payment, fact, work.now());
    if (effect != Effect::moved) return effect;
    Written settled;
    switch (full.refund.status) {
        case RefundStatus::succeeded: settled = settle_success(work, full, before); break;
        case RefundStatus::failed:
        case RefundStatus::canceled: settled = settle_failure(work, full, before); break;
        case RefundStatus::pending:
        case RefundStatus::requires_action:
            settled = update_refund(work.transaction, full.refund);
            put_among(full.payment.refunds, full.refund);
            break;
    }
    if (!settled) return settled.error();
    return effect;
}

Result<Effect, StoreError> settle_refund(Work& work, const Refund& refund, const RefundFact& fact) {
    auto payment = find_payment(work.transaction.connection(), work.owner, refund.payment);
    if (!payment) return payment.error();
    POSTERN_ASSERT(payment->has_value());
    auto full = complete_payment(work.books(), std::move(**payment));
    if (!full) return full.error();
    FullRefund both{refund, std::move(*full)};
    return settle_refund_of(work, both, fact);
}

}  // namespace postern::payments
