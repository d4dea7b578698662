#include "core/http_message.hpp"
#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "core/time.hpp"
#include "dispatch/event_body.hpp"
#include "dispatch/stripe_types.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>

// The objects of Stripe's events, made of what a gateway told. Every key that Stripe's libraries
// take for granted is there; what the gateway did not tell is null or empty, and never guessed.
namespace postern::dispatch {
namespace {

constexpr std::string_view kOldestApiVersion = "2024-11-01";
constexpr std::string_view kRefundReasons[] = {
    "duplicate",
    "fraudulent",
    "requested_by_customer",
    "expired_uncaptured_charge"};

// An event's object on its way into Stripe's words.
struct Source {
    const EventContent& event;
    JsonValue object;
    std::string event_id;  // stands in for the object's own where the gateway gave none
    std::int64_t created = 0;

    std::string_view text(std::string_view key) const { return object[key].string(); }
    bool is(std::string_view type) const { return event.type == type; }
};

void append_nulls(JsonWriter& writer, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        writer.key(name);
        writer.null();
    }
}

void append_empty_object(JsonWriter& writer, std::string_view name) {
    writer.key(name);
    writer.raw("{}");
}

void append_empty_list(JsonWriter& writer, std::string_view name) {
    writer.key(name);
    writer.raw("[]");
}

// "id" is that of an object of our own payment API; the others are the gateway's.
void append_id(JsonWriter& writer, const Source& source, std::string_view gateway_key) {
    for (const std::string_view key :
         {gateway_key, std::string_view{"id"}, std::string_view{"merchant_reference"}}) {
        const std::string_view id = source.text(key);
        if (!id.empty()) return writer.member("id", id);
    }
    writer.member("id", source.event_id);
}

void append_amount(JsonWriter& writer, const Source& source, std::string_view name) {
    const auto minor = source.object["amount_minor"].integer();
    writer.key(name);
    minor ? writer.integer(*minor) : writer.null();
}

enum class Counted { yes, no };

void append_amount_if(
    JsonWriter& writer,
    const Source& source,
    std::string_view name,
    Counted counted
) {
    if (counted == Counted::yes) return append_amount(writer, source, name);
    writer.member_integer(name, 0);
}

void append_currency(JsonWriter& writer, const Source& source) {
    writer.member_or_null("currency", to_lower(source.text("currency")));
}

void append_common(JsonWriter& writer, const Source& source) {
    writer.member_integer("created", source.created);
    append_currency(writer, source);
    writer.member_boolean("livemode", source.event.livemode == storage::Livemode::live);
    writer.key("metadata");
    writer.begin_object();
    const std::string_view reference = source.text("merchant_reference");
    if (!reference.empty()) writer.member("order_id", reference);
    writer.end_object();
}

bool is_charge_id(std::string_view id) {
    return id.starts_with("ch_") || id.starts_with("py_");
}

// One id of the payment is all that a gateway gives; Stripe's own tells which of the two it is.
void append_payment_links(JsonWriter& writer, const Source& source) {
    const std::string_view id = source.text("gateway_payment_id");
    const bool charge = is_charge_id(id);
    writer.member_or_null("charge", charge ? id : std::string_view{});
    writer.member_or_null("payment_intent", charge ? std::string_view{} : id);
}

std::string_view payment_intent_status(const Source& source) {
    if (source.is("payment.failed") || source.is("payment.created")) {
        return "requires_payment_method";
    }
    if (source.is("payment.canceled")) return "canceled";
    if (source.is("payment.requires_action")) return "requires_action";
    if (source.is("payment.captured")) return "succeeded";
    if (!source.is("payment.succeeded")) return "processing";
    const bool held = source.object["captured"].boolean() == false;
    return held ? "requires_capture" : "succeeded";
}

bool is_code(std::string_view reason) {
    return !reason.empty() && std::all_of(reason.begin(), reason.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

void append_last_error(JsonWriter& writer, const Source& source) {
    writer.key("last_payment_error");
    if (!source.is("payment.failed")) return writer.null();
    const std::string_view reason = source.text("reason");
    writer.begin_object();
    writer.member("type", "card_error");
    if (is_code(reason)) writer.member("code", reason);
    writer.member_or_null("message", reason);
    writer.end_object();
}

void append_payment_intent(JsonWriter& writer, const Source& source) {
    const std::string_view status = payment_intent_status(source);
    const auto counted = [status](std::string_view wanted) {
        return status == wanted ? Counted::yes : Counted::no;
    };
    writer.begin_object();
    append_id(writer, source, "gateway_payment_id");
    writer.member("object", "payment_intent");
    append_amount(writer, source, "amount");
    append_amount_if(writer, source, "amount_capturable", counted("requires_capture"));
    writer.key("amount_details");
    writer.raw(R"({"tip":{}})");
    append_amount_if(writer, source, "amount_received", counted("succeeded"));
    append_nulls(writer, {"application", "application_fee_amount", "automatic_payment_methods"});
    writer.key("canceled_at");
    status == "canceled" ? writer.integer(source.created) : writer.null();
    append_nulls(writer, {"cancellation_reason"});
    writer.member("capture_method", "automatic");
    append_nulls(writer, {"client_secret"});
    writer.member("confirmation_method", "automatic");
    append_common(writer, source);
    append_last_error(writer, source);
    append_empty_list(writer, "payment_method_types");
    writer.member("status", status);
    append_nulls(
        writer,
        {"allowed_payment_method_types",
         "customer",
         "customer_account",
         "excluded_payment_method_types",
         "managed_payments",
         "payment_record",
         "description",
         "latest_charge",
         "next_action",
         "on_behalf_of",
         "payment_method",
         "payment_method_configuration_details",
         "payment_method_options",
         "processing",
         "receipt_email",
         "review",
         "setup_future_usage",
         "shipping",
         "source",
         "statement_descriptor",
         "statement_descriptor_suffix",
         "transfer_data",
         "transfer_group"}
    );
    writer.end_object();
}

void append_refund(JsonWriter& writer, const Source& source) {
    const std::string_view reason = source.text("reason");
    const bool known = std::find(std::begin(kRefundReasons), std::end(kRefundReasons), reason)
                       != std::end(kRefundReasons);
    writer.begin_object();
    append_id(writer, source, "gateway_refund_id");
    writer.member("object", "refund");
    append_amount(writer, source, "amount");
    append_common(writer, source);
    append_payment_links(writer, source);
    writer.member_or_null("reason", known ? reason : std::string_view{});
    if (source.is("refund.failed")) {
        writer.member("failure_reason", reason.empty() ? "unknown" : reason);
    }
    const bool ended = source.is("refund.succeeded") || source.is("refund.failed");
    writer.member(
        "status",
        !ended                       ? "pending"
        : source.is("refund.failed") ? "failed"
                                     : "succeeded"
    );
    append_nulls(
        writer,
        {"balance_transaction",
         "customer",
         "customer_account",
         "payment_method",
         "receipt_number",
         "source_transfer_reversal",
         "transfer_reversal"}
    );
    writer.end_object();
}

// Of a refund we know what went back, and not what was paid or went back before.
void append_refunded_amounts(JsonWriter& writer, const Source& source) {
    append_nulls(writer, {"amount", "amount_captured"});
    append_amount(writer, source, "amount_refunded");
    writer.member_boolean("captured", true);
    writer.member_boolean("paid", true);
    append_nulls(writer, {"refunded"});
    writer.member("status", "succeeded");
    writer.key("refunds");
    writer.begin_object();
    writer.member("object", "list");
    writer.key("data");
    writer.begin_array();
    append_refund(writer, source);
    writer.end_array();
    writer.member_boolean("has_more", false);
    writer.member("url", "/v1/refunds");
    writer.end_object();
    append_nulls(writer, {"failure_code", "failure_message"});
}

void append_charged_amounts(JsonWriter& writer, const Source& source) {
    const bool failed = source.is("payment.failed");
    const bool captured = payment_intent_status(source) == "succeeded";
    append_amount(writer, source, "amount");
    append_amount_if(writer, source, "amount_captured", captured ? Counted::yes : Counted::no);
    writer.member_integer("amount_refunded", 0);
    writer.member_boolean("captured", captured);
    writer.member_boolean("paid", !failed);
    writer.member_boolean("refunded", false);
    writer.member("status", failed ? "failed" : "succeeded");
    const std::string_view reason = failed ? source.text("reason") : std::string_view{};
    writer.member_or_null("failure_code", is_code(reason) ? reason : std::string_view{});
    writer.member_or_null("failure_message", reason);
}

void append_charge(JsonWriter& writer, const Source& source) {
    const std::string_view payment = source.text("gateway_payment_id");
    writer.begin_object();
    append_id(writer, source, "gateway_payment_id");
    writer.member("object", "charge");
    if (source.event.type.starts_with("refund.")) {
        append_refunded_amounts(writer, source);
    } else {
        append_charged_amounts(writer, source);
    }
    append_common(writer, source);
    writer.key("billing_details");
    writer.raw(R"({"address":null,"email":null,"name":null,"phone":null,"tax_id":null})");
    writer.member_boolean("disputed", false);
    writer.member_or_null("payment_intent", is_charge_id(payment) ? std::string_view{} : payment);
    append_nulls(
        writer,
        {"application",
         "application_fee",
         "application_fee_amount",
         "balance_transaction",
         "calculated_statement_descriptor",
         "customer",
         "description",
         "failure_balance_transaction",
         "fraud_details",
         "on_behalf_of",
         "outcome",
         "payment_method",
         "payment_method_details",
         "receipt_email",
         "receipt_number",
         "receipt_url",
         "review",
         "shipping",
         "source",
         "source_transfer",
         "statement_descriptor",
         "statement_descriptor_suffix",
         "transfer_data",
         "transfer_group"}
    );
    writer.end_object();
}

void append_dispute(JsonWriter& writer, const Source& source) {
    const std::string_view reason = source.text("reason");
    writer.begin_object();
    append_id(writer, source, "gateway_dispute_id");
    writer.member("object", "dispute");
    append_amount(writer, source, "amount");
    append_empty_list(writer, "balance_transactions");
    append_common(writer, source);
    append_payment_links(writer, source);
    append_empty_list(writer, "enhanced_eligibility_types");
    append_empty_object(writer, "evidence");
    writer.key("evidence_details");
    writer.raw(R"({"due_by":null,"enhanced_eligibility":{},"has_evidence":false,"past_due":false,)"
               R"("submission_count":0,"submission_method":null})");
    writer.member_boolean("is_charge_refundable", false);
    writer.member("reason", reason.empty() ? "general" : reason);
    const std::string_view status = source.text("status");
    writer.member("status", status.empty() ? "needs_response" : status);
    append_nulls(writer, {"intended_submission_method"});
    writer.end_object();
}

void append_payout(JsonWriter& writer, const Source& source) {
    const bool failed = source.is("payout.failed");
    const std::string_view reason = failed ? source.text("reason") : std::string_view{};
    writer.begin_object();
    append_id(writer, source, "gateway_payout_id");
    writer.member("object", "payout");
    append_amount(writer, source, "amount");
    writer.member_integer("arrival_date", source.created);
    writer.member_boolean("automatic", true);
    append_common(writer, source);
    writer.member_or_null("failure_code", is_code(reason) ? reason : std::string_view{});
    writer.member_or_null("failure_message", reason);
    writer.member("method", "standard");
    writer.member("reconciliation_status", "not_applicable");
    writer.member("source_type", "card");
    writer.member("status", failed ? "failed" : source.is("payout.paid") ? "paid" : "pending");
    writer.member("type", "bank_account");
    append_nulls(
        writer,
        {"application_fee",
         "application_fee_amount",
         "balance_transaction",
         "description",
         "destination",
         "failure_balance_transaction",
         "original_payout",
         "payout_method",
         "reversed_by",
         "statement_descriptor",
         "trace_id"}
    );
    writer.end_object();
}

void append_full_object(JsonWriter& writer, const Source& source, StripeObject kind) {
    switch (kind) {
        case StripeObject::payment_intent: return append_payment_intent(writer, source);
        case StripeObject::charge: return append_charge(writer, source);
        case StripeObject::refund: return append_refund(writer, source);
        case StripeObject::dispute: return append_dispute(writer, source);
        case StripeObject::payout: return append_payout(writer, source);
    }
}

struct ObjectWords {
    std::string_view name;
    std::string_view gateway_key;
};

ObjectWords words_of(StripeObject kind) {
    switch (kind) {
        case StripeObject::payment_intent: return {"payment_intent", "gateway_payment_id"};
        case StripeObject::charge: return {"charge", "gateway_payment_id"};
        case StripeObject::refund: return {"refund", "gateway_refund_id"};
        case StripeObject::dispute: return {"dispute", "gateway_dispute_id"};
        case StripeObject::payout: return {"payout", "gateway_payout_id"};
    }
    return {"payment_intent", "gateway_payment_id"};
}

void append_thin_object(JsonWriter& writer, const Source& source, StripeObject kind) {
    const ObjectWords words = words_of(kind);
    writer.begin_object();
    append_id(writer, source, words.gateway_key);
    writer.member("object", words.name);
    writer.end_object();
}

// What our own payment API told, to be cut short.
void append_own_thin_object(JsonWriter& writer, const EventContent& event) {
    const auto document = JsonDocument::parse(event.stripe_object);
    const JsonValue object = document ? document->root() : JsonValue{};
    writer.begin_object();
    writer.member_or_null("id", object["id"].string());
    writer.member_or_null("object", object["object"].string());
    writer.end_object();
}

void append_object(
    JsonWriter& writer,
    const EventContent& event,
    const IdCodec& ids,
    const StripeForm& form
) {
    const bool thin = form.payload == PayloadSize::thin;
    if (event.has_own_stripe_form()) {
        return thin ? append_own_thin_object(writer, event) : writer.raw(event.stripe_object);
    }
    if (event.kind != EventKind::unified) return writer.raw(event.object);
    const auto document = JsonDocument::parse(event.object);
    Source source{
        .event = event,
        .object = document ? document->root() : JsonValue{},
        .event_id = ids.encode(event.id)};
    const auto occurred_at = from_iso8601(source.text("occurred_at"));
    source.created = unix_seconds(occurred_at.value_or(event.created_at));
    const StripeObject kind = stripe_object_of(form.type);
    if (thin) return append_thin_object(writer, source, kind);
    append_full_object(writer, source, kind);
}

void append_request(JsonWriter& writer, const EventContent& event) {
    writer.key("request");
    writer.begin_object();
    writer.member_or_null("id", event.request_id);
    writer.member_or_null("idempotency_key", event.idempotency_key);
    writer.end_object();
}

}  // namespace

void append_stripe_event(
    std::string& out,
    const EventContent& event,
    const IdCodec& ids,
    std::string_view api_version
) {
    const StripeForm form{.type = stripe_type_of(event), .api_version = api_version};
    append_stripe_event(out, event, ids, form);
}

void append_stripe_event(
    std::string& out,
    const EventContent& event,
    const IdCodec& ids,
    const StripeForm& form
) {
    JsonWriter writer{out};
    writer.begin_object();
    writer.member("id", ids.encode(event.id));
    writer.member("object", "event");
    writer.member("api_version", form.api_version.empty() ? kOldestApiVersion : form.api_version);
    writer.member_integer("created", unix_seconds(event.created_at));
    writer.key("data");
    writer.begin_object();
    writer.key("object");
    append_object(writer, event, ids, form);
    if (!event.stripe_previous.empty() && form.payload == PayloadSize::full) {
        writer.key("previous_attributes");
        writer.raw(event.stripe_previous);
    }
    writer.end_object();
    writer.member_boolean("livemode", event.livemode == storage::Livemode::live);
    writer.member_integer("pending_webhooks", form.pending_webhooks);
    append_request(writer, event);
    writer.member("type", form.type);
    writer.end_object();
}

}  // namespace postern::dispatch
