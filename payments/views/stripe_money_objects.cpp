#include "payments/domain/evidence.hpp"
#include "payments/views/stripe_objects.hpp"
#include "payments/views/stripe_parts.hpp"

#include <algorithm>

namespace postern::payments {

using namespace stripe_parts;

namespace {

void append_evidence(JsonWriter& writer, const Metadata& evidence) {
    writer.key("evidence");
    writer.begin_object();
    for (const std::string_view name : kEvidence) {
        const auto given = [name](const auto& pair) {
            return pair.first == name;
        };
        const auto found = std::find_if(evidence.begin(), evidence.end(), given);
        writer.member_or_null(name, found == evidence.end() ? "" : found->second);
    }
    writer.key("enhanced_evidence");
    writer.raw("{}");
    writer.end_object();
}

void append_evidence_details(JsonWriter& writer, const ShownDispute& shown) {
    const Dispute& dispute = shown.dispute;
    writer.key("evidence_details");
    writer.begin_object();
    moment_or_null(writer, "due_by", dispute.due_by);
    writer.key("enhanced_eligibility");
    writer.raw("{}");
    writer.member_boolean("has_evidence", !dispute.evidence.empty());
    writer.member_boolean("past_due", is_past_due(dispute, shown.now));
    writer.member_integer("submission_count", dispute.submissions);
    writer.member("submission_method", dispute.submissions > 0 ? "manual" : "not_submitted");
    writer.end_object();
}

struct TransactionNames {
    std::string_view type;
    std::string_view category;
};

TransactionNames names_of(TransactionType type) {
    switch (type) {
        case TransactionType::charge: return {"charge", "charge"};
        case TransactionType::refund: return {"refund", "refund"};
        case TransactionType::refund_failure: return {"refund_failure", "refund_failure"};
        case TransactionType::dispute: return {"adjustment", "dispute"};
        case TransactionType::dispute_reversal: return {"adjustment", "dispute_reversal"};
        case TransactionType::transfer: return {"transfer", "transfer"};
        case TransactionType::transfer_refund: return {"transfer_refund", "transfer_reversal"};
        case TransactionType::payout: return {"payout", "payout"};
        case TransactionType::payout_cancel: return {"payout_cancel", "payout_reversal"};
        case TransactionType::payout_failure: break;
    }
    return {"payout_failure", "payout_reversal"};
}

void append_fees(JsonWriter& writer, const BalanceTransaction& line) {
    writer.key("fee_details");
    writer.begin_array();
    if (line.fee != 0) {
        const bool of_dispute = line.type == TransactionType::dispute;
        writer.begin_object();
        writer.member_integer("amount", line.fee);
        nulls(writer, {"application"});
        writer.member("currency", line.currency.lower());
        writer.member("description", of_dispute ? "Dispute fee" : "Processing fees");
        writer.member("type", "stripe_fee");
        writer.end_object();
    }
    writer.end_array();
}

void append_amount(JsonWriter& writer, const Money& amount) {
    writer.begin_object();
    money(writer, amount);
    writer.key("source_types");
    writer.begin_object();
    writer.member_integer("card", amount.minor);
    writer.end_object();
    writer.end_object();
}

using Part = std::int64_t (CurrencyBalance::*)() const;

// An account that never moved money has none of its currency rather than no currency.
void append_amounts(JsonWriter& writer, std::span<const CurrencyBalance> balances, Part part) {
    writer.begin_array();
    for (const CurrencyBalance& balance : balances) {
        append_amount(writer, {(balance.*part)(), balance.currency});
    }
    if (balances.empty()) append_amount(writer, Money{});
    writer.end_array();
}

std::string_view failure_message_of(const Payout& payout) {
    return payout.failure_code.empty() ? "" : "The bank did not take this payout.";
}

}  // namespace

bool gave_back(const Refund& refund) {
    return refund.status == RefundStatus::failed || refund.status == RefundStatus::canceled;
}

void append_refund(
    JsonWriter& writer,
    const Surroundings& around,
    const Refund& refund,
    const Charge* charge,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, refund.id));
    writer.member("object", "refund");
    writer.member_integer("amount", refund.amount.minor);
    reference(page, "balance_transaction", refund.balance_transaction);
    reference(page, "charge", std::optional{refund.charge});
    moment(writer, "created", refund.created_at);
    writer.member("currency", refund.amount.currency.lower());
    reference(page, "customer", charge == nullptr ? std::nullopt : charge->customer);
    nulls(writer, {"customer_account"});
    if (!expanded.find(kFailureLine).empty()) reference(page, kFailureLine, std::string_view{});
    if (!refund.failure_reason.empty()) writer.member("failure_reason", refund.failure_reason);
    metadata(writer, refund.metadata);
    reference(page, "payment_intent", std::optional{refund.payment});
    reference(page, "payment_method", charge == nullptr ? "" : method_id(around, charge->method));
    if (refund.status == RefundStatus::pending) writer.member("pending_reason", "processing");
    writer.member_or_null("reason", refund.reason);
    nulls(writer, {"receipt_number", "source_transfer_reversal"});
    writer.member("status", to_text(refund.status));
    nulls(writer, {"transfer_reversal"});
    writer.end_object();
}

void append_dispute(
    JsonWriter& writer,
    const Surroundings& around,
    const ShownDispute& shown,
    const Expanded& expanded
) {
    const Dispute& dispute = shown.dispute;
    const Page page{writer, around, expanded};
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, dispute.id));
    writer.member("object", "dispute");
    writer.member_integer("amount", dispute.amount.minor);
    writer.key("balance_transactions");
    writer.begin_array();
    for (const BalanceTransaction& line : shown.lines) {
        append_balance_transaction(writer, around, line);
    }
    writer.end_array();
    reference(page, "charge", std::optional{dispute.charge});
    moment(writer, "created", dispute.created_at);
    writer.member("currency", dispute.amount.currency.lower());
    writer.key("enhanced_eligibility_types");
    writer.raw("[]");
    append_evidence(writer, dispute.evidence);
    append_evidence_details(writer, shown);
    nulls(writer, {"intended_submission_method"});
    // Money that was withdrawn cannot be given back a second time.
    writer.member_boolean("is_charge_refundable", !holds_funds(dispute.status));
    livemode(writer, dispute.owner);
    metadata(writer, dispute.metadata);
    nulls(writer, {"network_reason_code"});
    reference(page, "payment_intent", std::optional{dispute.payment});
    writer.member("reason", dispute.reason);
    writer.member("status", to_text(dispute.status));
    writer.end_object();
}

void append_payout(
    JsonWriter& writer,
    const Surroundings& around,
    const Payout& payout,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    const bool automatic = payout.origin == Payout::Origin::schedule;
    const bool instant = payout.method == Payout::Method::instant;
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, payout.id));
    writer.member("object", "payout");
    writer.member_integer("amount", payout.amount.minor);
    nulls(writer, {"application_fee", "application_fee_amount"});
    moment(writer, "arrival_date", payout.arrival_at);
    writer.member_boolean("automatic", automatic);
    reference(page, "balance_transaction", payout.balance_transaction);
    moment(writer, "created", payout.created_at);
    writer.member("currency", payout.amount.currency.lower());
    writer.member_or_null("description", payout.description);
    writer.member_or_null("destination", payout.destination);
    reference(page, "failure_balance_transaction", payout.failure_transaction);
    writer.member_or_null("failure_code", payout.failure_code);
    writer.member_or_null("failure_message", failure_message_of(payout));
    livemode(writer, payout.owner);
    metadata(writer, payout.metadata);
    writer.member("method", instant ? "instant" : "standard");
    nulls(writer, {"original_payout", "payout_method"});
    writer.member("reconciliation_status", automatic ? "completed" : "not_applicable");
    nulls(writer, {"reversed_by"});
    writer.member("source_type", "card");
    writer.member_or_null("statement_descriptor", payout.statement_descriptor);
    writer.member("status", to_text(payout.status));
    nulls(writer, {"trace_id"});
    writer.member("type", "bank_account");
    writer.end_object();
}

void append_transfer(
    JsonWriter& writer,
    const Surroundings& around,
    const Transfer& transfer,
    std::span<const TransferReversal> reversals,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    const std::string id = stripe_id(around.ids, transfer.id);
    writer.begin_object();
    writer.member("id", id);
    writer.member("object", "transfer");
    writer.member_integer("amount", transfer.amount.minor);
    writer.member_integer("amount_reversed", transfer.reversed_minor);
    reference(page, "balance_transaction", transfer.balance_transaction);
    moment(writer, "created", transfer.created_at);
    writer.member("currency", transfer.amount.currency.lower());
    writer.member_or_null("description", transfer.description);
    writer.member_or_null("destination", transfer.destination);
    livemode(writer, transfer.owner);
    metadata(writer, transfer.metadata);
    writer.key("reversals");
    writer.begin_object();
    writer.member("object", "list");
    writer.key("data");
    writer.begin_array();
    for (auto newest = reversals.rbegin(); newest != reversals.rend(); ++newest) {
        append_reversal(writer, around, *newest);
    }
    writer.end_array();
    writer.member_boolean("has_more", false);
    writer.member_integer("total_count", static_cast<std::int64_t>(reversals.size()));
    writer.member("url", "/v1/transfers/" + id + "/reversals");
    writer.end_object();
    writer.member_boolean("reversed", transfer.reversed_minor >= transfer.amount.minor);
    reference(page, "source_transaction", transfer.source);
    writer.member("source_type", "card");
    writer.member_or_null("transfer_group", transfer.transfer_group);
    writer.end_object();
}

void append_reversal(
    JsonWriter& writer,
    const Surroundings& around,
    const TransferReversal& reversal,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, reversal.id));
    writer.member("object", "transfer_reversal");
    writer.member_integer("amount", reversal.amount.minor);
    reference(page, "balance_transaction", reversal.balance_transaction);
    moment(writer, "created", reversal.created_at);
    writer.member("currency", reversal.amount.currency.lower());
    nulls(writer, {"destination_payment_refund"});
    metadata(writer, reversal.metadata);
    nulls(writer, {"source_refund"});
    reference(page, "transfer", std::optional{reversal.transfer});
    writer.end_object();
}

void append_balance_transaction(
    JsonWriter& writer,
    const Surroundings& around,
    const BalanceTransaction& line,
    const Expanded& expanded
) {
    const TransactionNames names = names_of(line.type);
    const bool available = line.state == BalanceTransaction::State::available;
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, line.id));
    writer.member("object", "balance_transaction");
    writer.member_integer("amount", line.amount);
    moment(writer, "available_on", line.available_on);
    writer.member("balance_type", "payments");
    moment(writer, "created", line.created_at);
    writer.member("currency", line.currency.lower());
    nulls(writer, {"description", "exchange_rate"});
    writer.member_integer("fee", line.fee);
    append_fees(writer, line);
    writer.member_integer("net", line.net());
    writer.member("reporting_category", names.category);
    reference({writer, around, expanded}, "source", line.source);
    writer.member("status", available ? "available" : "pending");
    writer.member("type", names.type);
    writer.end_object();
}

void append_balance(
    JsonWriter& writer,
    std::span<const CurrencyBalance> balances,
    storage::Livemode livemode
) {
    writer.begin_object();
    writer.member("object", "balance");
    writer.key("available");
    append_amounts(writer, balances, &CurrencyBalance::available);
    writer.key("connect_reserved");
    writer.raw("[]");
    writer.key("instant_available");
    append_amounts(writer, balances, &CurrencyBalance::instant_available);
    writer.member_boolean("livemode", livemode == storage::Livemode::live);
    writer.key("pending");
    append_amounts(writer, balances, &CurrencyBalance::pending);
    writer.end_object();
}

}  // namespace postern::payments
