#include "payments/views/rcommerce_objects.hpp"
#include "payments/views/rcommerce_parts.hpp"

#include <array>

namespace postern::payments {
namespace {

std::string_view dispute_outcome(const Dispute& dispute) {
    return is_ended(dispute.status) ? to_text(dispute.status) : std::string_view{};
}

// This dialect's names of evidence that Stripe, by whose names it is kept, calls otherwise.
std::string_view evidence_name(std::string_view stripe_name) {
    return stripe_name == "customer_email_address" ? "customer_email" : stripe_name;
}

void append_evidence(JsonWriter& writer, const Dispute& dispute) {
    writer.key("evidence");
    writer.begin_object();
    for (const auto& [name, value] : dispute.evidence) writer.member(evidence_name(name), value);
    writer.end_object();
    writer.member_integer("evidence_submissions", dispute.submissions);
    append_rc_time(writer, "evidence_due_by", dispute.due_by);
}

void append_refund_event(
    JsonWriter& writer,
    const Surroundings& around,
    const Refund& refund,
    const Payment& payment
) {
    append_rc_event_members(
        writer,
        {.object = "refund",
         .owner = refund.owner,
         .amount = refund.amount,
         .gateway_payment_id = gateway_id_text(around, payment.gateway_payment_id, payment.id),
         .gateway_refund_id = gateway_id_text(around, refund.gateway_refund_id, refund.id),
         .merchant_reference = payment.order_id,
         .occurred_at = refund.updated_at}
    );
}

void append_dispute_event(
    JsonWriter& writer,
    const Surroundings& around,
    const Dispute& dispute,
    const Payment& payment
) {
    append_rc_event_members(
        writer,
        {.object = "dispute",
         .owner = dispute.owner,
         .amount = dispute.amount,
         .gateway_payment_id = gateway_id_text(around, payment.gateway_payment_id, payment.id),
         .gateway_dispute_id = gateway_id_text(around, dispute.gateway_dispute_id, dispute.id),
         .merchant_reference = payment.order_id,
         .outcome = dispute_outcome(dispute),
         .occurred_at = dispute.updated_at}
    );
}

void append_payout_event(JsonWriter& writer, const Surroundings& around, const Payout& payout) {
    append_rc_event_members(
        writer,
        {.object = "payout",
         .owner = payout.owner,
         .amount = payout.amount,
         .gateway_payout_id = gateway_id_text(around, payout.gateway_payout_id, payout.id),
         .occurred_at = payout.updated_at}
    );
    writer.member_or_null("reason", payout.failure_code);
}

using AmountOf = std::int64_t (*)(const CurrencyBalance&);

void append_amounts(
    JsonWriter& writer,
    std::string_view name,
    std::span<const CurrencyBalance> balances,
    AmountOf amount_of
) {
    writer.key(name);
    writer.begin_array();
    for (const CurrencyBalance& balance : balances) {
        writer.begin_object();
        writer.member("currency", balance.currency.upper());
        append_rc_decimal(writer, "amount", {amount_of(balance), balance.currency});
        writer.end_object();
    }
    writer.end_array();
}

}  // namespace

void append_rc_refund(
    JsonWriter& writer,
    const Surroundings& around,
    const Refund& refund,
    const Payment& payment,
    ViewFor use
) {
    writer.begin_object();
    writer.member("id", bare_uuid(around.ids, refund.id));
    writer.member("refund_id", around.ids.encode(refund.id));
    writer.member("payment_id", around.ids.encode(refund.payment));
    if (use == ViewFor::event) {
        append_refund_event(writer, around, refund, payment);
    } else {
        writer.member(
            "gateway_refund_id", gateway_id_text(around, refund.gateway_refund_id, refund.id)
        );
    }
    writer.member_or_null("order_id", payment.order_id);
    writer.member_or_null("gateway", gateway_name(around, payment.gateway));
    append_rc_decimal(writer, "amount", refund.amount);
    writer.member("currency", refund.amount.currency.upper());
    writer.member("status", to_text(refund.status));
    writer.member_or_null("reason", refund.reason);
    writer.member_or_null("failure_reason", refund.failure_reason);
    append_rc_metadata(writer, refund.metadata);
    append_rc_time(writer, "created_at", refund.created_at);
    append_rc_time(writer, "updated_at", refund.updated_at);
    writer.end_object();
}

void append_rc_dispute(
    JsonWriter& writer,
    const Surroundings& around,
    const Dispute& dispute,
    const Payment& payment,
    ViewFor use
) {
    writer.begin_object();
    writer.member("id", bare_uuid(around.ids, dispute.id));
    writer.member("dispute_id", around.ids.encode(dispute.id));
    writer.member("payment_id", around.ids.encode(dispute.payment));
    if (use == ViewFor::event) {
        append_dispute_event(writer, around, dispute, payment);
    } else {
        writer.member(
            "gateway_dispute_id", gateway_id_text(around, dispute.gateway_dispute_id, dispute.id)
        );
    }
    writer.member_or_null("order_id", payment.order_id);
    writer.member_or_null("gateway", gateway_name(around, payment.gateway));
    append_rc_decimal(writer, "amount", dispute.amount);
    writer.member("currency", dispute.amount.currency.upper());
    writer.member("status", to_text(dispute.status));
    writer.member_or_null("reason", dispute.reason);
    append_evidence(writer, dispute);
    append_rc_metadata(writer, dispute.metadata);
    append_rc_time(writer, "created_at", dispute.created_at);
    append_rc_time(writer, "updated_at", dispute.updated_at);
    append_rc_time(writer, "closed_at", dispute.closed_at);
    writer.end_object();
}

void append_rc_payout(
    JsonWriter& writer,
    const Surroundings& around,
    const Payout& payout,
    ViewFor use
) {
    writer.begin_object();
    writer.member("id", bare_uuid(around.ids, payout.id));
    writer.member("payout_id", around.ids.encode(payout.id));
    if (use == ViewFor::event) {
        append_payout_event(writer, around, payout);
    } else {
        writer.member(
            "gateway_payout_id", gateway_id_text(around, payout.gateway_payout_id, payout.id)
        );
    }
    writer.member_or_null("gateway", gateway_name(around, payout.gateway));
    append_rc_decimal(writer, "amount", payout.amount);
    writer.member("currency", payout.amount.currency.upper());
    writer.member("status", to_text(payout.status));
    writer.member("method", payout.method == Payout::Method::instant ? "instant" : "standard");
    writer.member_boolean("automatic", payout.origin == Payout::Origin::schedule);
    writer.member_or_null("destination", payout.destination);
    writer.member_or_null("description", payout.description);
    writer.member_or_null("failure_code", payout.failure_code);
    append_rc_metadata(writer, payout.metadata);
    append_rc_time(writer, "arrival_date", payout.arrival_at);
    append_rc_time(writer, "created_at", payout.created_at);
    append_rc_time(writer, "updated_at", payout.updated_at);
    writer.end_object();
}

void append_rc_balance(JsonWriter& writer, std::span<const CurrencyBalance> balances) {
    // An account that never moved money has a balance too: none, in the default currency.
    const std::array<CurrencyBalance, 1> nothing{};
    if (balances.empty()) balances = nothing;
    writer.begin_object();
    append_amounts(writer, "available", balances, [](const CurrencyBalance& balance) {
        return balance.available();
    });
    append_amounts(writer, "pending", balances, [](const CurrencyBalance& balance) {
        return balance.pending();
    });
    append_amounts(writer, "instant_available", balances, [](const CurrencyBalance& balance) {
        return balance.instant_available();
    });
    writer.end_object();
}

void append_rc_balance_transaction(
    JsonWriter& writer,
    const Surroundings& around,
    const BalanceTransaction& line
) {
    writer.begin_object();
    writer.member("id", around.ids.encode(line.id));
    writer.member("type", to_text(line.type));
    append_rc_decimal(writer, "amount", {line.amount, line.currency});
    append_rc_decimal(writer, "fee", {line.fee, line.currency});
    append_rc_decimal(writer, "net", {line.net(), line.currency});
    writer.member("currency", line.currency.upper());
    const bool available = line.state == BalanceTransaction::State::available;
    writer.member("status", available ? "available" : "pending");
    writer.member_or_null("payment_id", line.payment ? around.ids.encode(*line.payment) : "");
    writer.member_or_null("source", line.source);
    append_rc_time(writer, "available_on", line.available_on);
    append_rc_time(writer, "created_at", line.created_at);
    writer.end_object();
}

}  // namespace postern::payments
