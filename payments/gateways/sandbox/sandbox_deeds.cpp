#include "payments/gateways/sandbox/sandbox_deeds.hpp"

#include "payments/gateways/sandbox/sandbox_teller.hpp"
#include "payments/records/gateway_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/records/rows.hpp"

#include <string_view>

namespace postern::payments {
namespace {

using storage::Sql;

constexpr std::size_t kSettledAtOnce = 500;
constexpr int kSettleRoundsMax = 20;

// Only what is pending anyway: nothing that is available is touched.
constexpr Sql kHastenSql{
    "UPDATE balance_transactions SET available_on = $1"
    " WHERE state = 0 AND available_on > $1 AND account_id = $2 AND livemode = $3"};
static_assert(static_cast<int>(BalanceTransaction::State::pending) == 0);

Refusal no_sandbox() {
    return {
        .reason = Reason::gateway_not_found,
        .detail = "The gateway of this is not in sandbox mode."};
}

// nullopt: not a sandbox, so nobody may do here what its provider does.
std::optional<SandboxTeller> teller_of(const Work& work, storage::GatewayNumber number) {
    const PaymentGateway* gateway = work.around.gateways.find(number);
    if (gateway == nullptr || gateway->mode != PaymentGateway::Mode::sandbox) return std::nullopt;
    const auto kind = sandbox_kind_of(gateway->kind);
    if (!kind) return std::nullopt;
    return SandboxTeller{*kind, work.around.ids};
}

Result<void, StoreError>
keep(Work& work, storage::GatewayNumber gateway, std::optional<ProviderMessage> message) {
    if (!message) return {};
    MessageRow row{.gateway = gateway, .due_at = work.now(), .message = std::move(*message)};
    row.message.event.occurred_at = to_iso8601(work.now());
    return insert_message(work.transaction, row);
}

struct Told {
    const Dispute& dispute;
    const Payment& payment;
};
std::optional<ProviderMessage>
dispute_message(const SandboxTeller& teller, const Told& told, EventType type) {
    const bool over = type == EventType::dispute_closed;
    return teller.message(
        {.payment = told.payment,
         .gateway_dispute_id = told.dispute.gateway_dispute_id,
         .cause = told.dispute.id.value},
        {.type = type,
         .minor = told.dispute.amount.minor,
         .reason = told.dispute.reason,
         .outcome = over ? std::string{to_text(told.dispute.status)} : std::string{}}
    );
}

Done<std::optional<std::int64_t>>
minor_of(const std::optional<std::string>& decimal, const Payment& payment) {
    if (!decimal) return std::optional<std::int64_t>{};
    const auto minor = minor_from_decimal(*decimal, payment.amount.currency);
    if (!minor || *minor <= 0 || *minor > payment.received_minor) {
        return Refusal{.reason = Reason::amount_invalid, .parameter = "amount"};
    }
    return minor;
}

}  // namespace

Done<Dispute> dispute_by_sandbox(Work& work, const DisputeWish& wish) {
    const auto full = load_payment(work.books(), wish.payment);
    if (!full) return full.error();
    const Payment& payment = full->payment;
    const auto teller = teller_of(work, payment.gateway);
    if (!teller) return no_sandbox();
    if (payment.received_minor == 0) return Refusal{.reason = Reason::nothing_captured};
    const auto minor = minor_of(wish.decimal, payment);
    if (!minor) return minor.error();
    const DisputeDraft draft{
        .gateway_dispute_id = teller->ids().dispute(payment, work.transaction.next_id()),
        .reason = wish.reason,
        .minor = *minor};
    auto dispute = open_dispute(work, payment, draft);
    if (!dispute) return dispute;
    const auto kept = keep(
        work,
        payment.gateway,
        dispute_message(*teller, {*dispute, payment}, EventType::dispute_created)
    );
    if (!kept) return kept.error();
    return dispute;
}

Done<Dispute> resolve_by_sandbox(Work& work, DisputeId id, DisputeStatus outcome) {
    const auto dispute = load_dispute(work.books(), id);
    if (!dispute) return dispute.error();
    const auto full = load_payment(work.books(), dispute->payment);
    if (!full) return full.error();
    const auto teller = teller_of(work, full->payment.gateway);
    if (!teller) return no_sandbox();
    const auto effect = settle_dispute(work, *dispute, {outcome});
    if (!effect) return effect.error();
    if (*effect != Effect::moved) return Refusal{.reason = Reason::dispute_closed};
    auto closed = load_dispute(work.books(), id);
    if (!closed) return closed;
    const auto kept = keep(
        work,
        full->payment.gateway,
        dispute_message(*teller, {*closed, full->payment}, EventType::dispute_closed)
    );
    if (!kept) return kept.error();
    return closed;
}

Done<FullRefund> end_refund_by_sandbox(Work& work, RefundId id, const RefundFact& fact) {
    const auto full = load_refund(work.books(), id);
    if (!full) return full.error();
    const Payment& payment = full->payment.payment;
    const auto teller = teller_of(work, payment.gateway);
    if (!teller) return no_sandbox();
    const auto effect = settle_refund(work, full->refund, fact);
    if (!effect) return effect.error();
    if (*effect != Effect::moved) return Refusal{.reason = Reason::unexpected_status};
    const bool failed = fact.status == RefundStatus::failed;
    const auto kept = keep(
        work,
        payment.gateway,
        teller->message(
            {.payment = payment, .refund = &full->refund, .cause = id.value},
            {.type = failed ? EventType::refund_failed : EventType::refund_succeeded,
             .minor = full->refund.amount.minor,
             .reason = fact.failure_reason}
        )
    );
    if (!kept) return kept.error();
    return load_refund(work.books(), id);
}

Done<Payout> end_payout_by_sandbox(Work& work, PayoutId id, const PayoutFact& fact) {
    const auto payout = load_payout(work.books(), id);
    if (!payout) return payout.error();
    const auto teller = teller_of(work, payout->gateway);
    if (!teller) return no_sandbox();
    const auto effect = settle_payout(work, *payout, fact);
    if (!effect) return effect.error();
    if (*effect != Effect::moved) return Refusal{.reason = Reason::payout_not_pending};
    const bool failed = fact.status == PayoutStatus::failed;
    const Payment none;
    const auto kept = keep(
        work,
        payout->gateway,
        teller->message(
            {.payment = none, .payout = &*payout, .cause = id.value},
            {.type = failed ? EventType::payout_failed : EventType::payout_paid,
             .minor = payout->amount.minor,
             .reason = fact.failure_code}
        )
    );
    if (!kept) return kept.error();
    return load_payout(work.books(), id);
}

Result<SandboxSettlement, StoreError> settle_by_sandbox(Work& work) {
    auto hasten = work.transaction.query(kHastenSql);
    bind_owner(hasten.bind(work.now()), work.owner);
    if (const auto hastened = hasten.run(); !hastened) return hastened.error();
    SandboxSettlement settlement;
    const Owner owner = work.owner;
    for (int round = 0; round < kSettleRoundsMax; ++round) {
        const auto lines = settle_due(work, kSettledAtOnce);
        if (!lines) return lines.error();
        settlement.lines += static_cast<std::int64_t>(*lines);
        settlement.rest =
            *lines < kSettledAtOnce ? SandboxSettlement::Rest::none : SandboxSettlement::Rest::some;
        if (*lines < kSettledAtOnce) break;
    }
    work.owner = owner;
    auto balances = read_balances(work.transaction.connection(), owner);
    if (!balances) return balances.error();
    settlement.balances = std::move(*balances);
    return settlement;
}

}  // namespace postern::payments
