#include "payments/views/stripe_objects.hpp"
#include "payments/views/stripe_parts.hpp"

namespace postern::payments {

using namespace stripe_parts;

namespace {

std::string_view status_of(const Charge& charge) {
    switch (charge.status) {
        case Charge::Status::pending: return "pending";
        case Charge::Status::succeeded: return "succeeded";
        case Charge::Status::failed: break;
    }
    return "failed";
}

struct Outcome {
    std::string_view network_status;
    std::string reason;  // empty: null
    std::string seller_message;
    std::string_view type;
};

Outcome outcome_of(const Charge& charge) {
    if (!charge.error) {
        return {
            .network_status = "approved_by_network",
            .reason = {},
            .seller_message = "Payment complete.",
            .type = "authorized"};
    }
    const PaymentError& error = *charge.error;
    const std::string& reason = error.decline_code.empty() ? error.code : error.decline_code;
    std::string message = "The bank returned the decline code `";
    message += reason;
    message += "`.";
    return {
        .network_status = "declined_by_network",
        .reason = reason,
        .seller_message = std::move(message),
        .type = "issuer_declined"};
}

void append_outcome(JsonWriter& writer, const Charge& charge) {
    writer.key("outcome");
    // Nobody has decided on it, or nobody ever will.
    if (charge.status != Charge::Status::succeeded && !charge.error) return writer.null();
    const Outcome outcome = outcome_of(charge);
    writer.begin_object();
    nulls(writer, {"advice_code", "network_advice_code", "network_decline_code"});
    writer.member("network_status", outcome.network_status);
    writer.member_or_null("reason", outcome.reason);
    writer.member("risk_level", "normal");
    writer.member("seller_message", outcome.seller_message);
    writer.member("type", outcome.type);
    writer.end_object();
}

void append_three_d_secure(JsonWriter& writer, const Charge& charge) {
    writer.key("three_d_secure");
    if (charge.three_d_secure == Charge::ThreeDSecure::none) return writer.null();
    const bool challenged = charge.three_d_secure == Charge::ThreeDSecure::challenge;
    writer.begin_object();
    writer.member("authentication_flow", challenged ? "challenge" : "frictionless");
    writer.member("electronic_commerce_indicator", "05");
    nulls(writer, {"exemption_indicator"});
    writer.member("result", "authenticated");
    nulls(writer, {"result_reason", "transaction_id"});
    writer.member("version", "2.2.0");
    writer.end_object();
}

void append_card_details(JsonWriter& writer, const Charge& charge) {
    const Card& card = *charge.card;
    const std::string_view brand = to_text(card.brand);
    writer.begin_object();
    writer.key("amount_authorized");
    charge.error ? writer.null() : writer.integer(charge.amount.minor);
    nulls(writer, {"authorization_code"});
    writer.member("brand", brand);
    card_checks(writer, card);
    writer.member_or_null("country", card.country);
    nulls(writer, {"electronic_commerce_indicator"});
    writer.member_integer("exp_month", card.exp_month);
    writer.member_integer("exp_year", card.exp_year);
    writer.member_or_null("fingerprint", card.fingerprint);
    writer.member("funding", card.funding);
    nulls(writer, {"installments"});
    writer.member("last4", card.last4);
    nulls(writer, {"mandate"});
    writer.member("network", brand);
    nulls(writer, {"network_transaction_id"});
    writer.member("regulated_status", "unregulated");
    append_three_d_secure(writer, charge);
    nulls(writer, {"transaction_link_id", "wallet"});
    writer.end_object();
}

void append_bank_details(JsonWriter& writer, const BankAccount& bank) {
    writer.begin_object();
    writer.member("account_holder_type", "individual");
    writer.member("account_type", "checking");
    writer.member_or_null("bank_name", bank.bank_name);
    writer.member_or_null("fingerprint", bank.fingerprint);
    writer.member_or_null("last4", bank.last4);
    nulls(writer, {"payment_reference"});
    writer.member_or_null("routing_number", bank.routing_number);
    writer.end_object();
}

void append_method_details(JsonWriter& writer, const Charge& charge) {
    const std::string_view type = type_name(charge.method_type);
    writer.key("payment_method_details");
    writer.begin_object();
    writer.key(type);
    if (charge.card && charge.method_type == MethodType::card) {
        append_card_details(writer, charge);
    } else if (charge.bank && charge.method_type == MethodType::us_bank_account) {
        append_bank_details(writer, *charge.bank);
    } else if (charge.method_type == MethodType::bank_transfer) {
        writer.raw("{}");
    } else {
        writer.begin_object();
        nulls(writer, {"fingerprint"});
        writer.member_or_null("transaction_id", charge.gateway_charge_id);
        writer.end_object();
    }
    writer.member("type", type);
    writer.end_object();
}

void append_failure(JsonWriter& writer, const Charge& charge) {
    writer.member_or_null("failure_code", charge.error ? charge.error->code : "");
    writer.member_or_null("failure_message", charge.error ? charge.error->message : "");
}

void append_receipt(JsonWriter& writer, const Surroundings& around, const Charge& charge) {
    nulls(writer, {"receipt_number"});
    writer.member_or_null("receipt_url", receipt_url_of(around, charge));
}

}  // namespace

std::string receipt_url_of(const Surroundings& around, const Charge& charge) {
    if (charge.captured != Charge::Captured::yes) return {};
    std::string url = around.public_url;
    url += "/receipts/";
    url += stripe_id(around.ids, charge.payment);
    return url;
}

void append_charge(
    JsonWriter& writer,
    const Surroundings& around,
    const Charge& charge,
    const Payment& payment,
    const Expanded& expanded
) {
    const Page page{writer, around, expanded};
    const PaymentDetails& details = payment.details;
    writer.begin_object();
    writer.member("id", stripe_id(around.ids, charge.id));
    writer.member("object", "charge");
    writer.member_integer("amount", charge.amount.minor);
    writer.member_integer("amount_captured", charge.captured_minor);
    writer.member_integer("amount_refunded", charge.refunded_minor);
    nulls(writer, {"application", "application_fee", "application_fee_amount"});
    reference(page, "balance_transaction", charge.balance_transaction);
    billing_details(writer, charge.billing);
    writer.member_or_null("calculated_statement_descriptor", details.statement_descriptor);
    writer.member_boolean("captured", charge.captured == Charge::Captured::yes);
    moment(writer, "created", charge.created_at);
    writer.member("currency", charge.amount.currency.lower());
    reference(page, "customer", charge.customer);
    writer.member_or_null("description", details.description);
    writer.member_boolean("disputed", charge.dispute.has_value());
    nulls(writer, {"failure_balance_transaction"});
    append_failure(writer, charge);
    writer.key("fraud_details");
    writer.raw("{}");
    livemode(writer, charge.owner);
    metadata(writer, details.metadata);
    nulls(writer, {"on_behalf_of"});
    append_outcome(writer, charge);
    writer.member_boolean("paid", charge.status == Charge::Status::succeeded);
    reference(page, "payment_intent", std::optional{charge.payment});
    writer.member_or_null("payment_method", method_id(around, charge.method));
    append_method_details(writer, charge);
    writer.member_or_null("receipt_email", details.receipt_email);
    append_receipt(writer, around, charge);
    const bool refunded =
        charge.captured_minor > 0 && charge.refunded_minor >= charge.captured_minor;
    writer.member_boolean("refunded", refunded);
    if (const std::string_view refunds = expanded.find("refunds"); !refunds.empty()) {
        writer.key("refunds");
        writer.raw(refunds);
    }
    nulls(writer, {"review"});
    shipping(writer, details.shipping);
    nulls(writer, {"source", "source_transfer"});
    writer.member_or_null("statement_descriptor", details.statement_descriptor);
    writer.member_or_null("statement_descriptor_suffix", details.statement_descriptor_suffix);
    writer.member("status", status_of(charge));
    nulls(writer, {"transfer_data"});
    writer.member_or_null("transfer_group", details.transfer_group);
    writer.end_object();
}

}  // namespace postern::payments
