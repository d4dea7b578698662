#include "verifiers/stripe.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

#include <algorithm>
#include <array>

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view stripe_type;
    std::string_view object;
    std::string_view status;
};

// The codes that Stripe explains with a decline code; any other reason is a code of its own.
constexpr std::array<std::string_view, 2> kDeclineCodes = {"generic_decline", "insufficient_funds"};

bool is_decline_code(std::string_view reason) {
    return std::find(kDeclineCodes.begin(), kDeclineCodes.end(), reason) != kDeclineCodes.end();
}

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_created:
            return Sketch{"payment_intent.created", "payment_intent", "requires_confirmation"};
        case EventType::payment_succeeded:
            return Sketch{"payment_intent.succeeded", "payment_intent", "succeeded"};
        case EventType::payment_failed:
            return Sketch{
                "payment_intent.payment_failed", "payment_intent", "requires_payment_method"};
        case EventType::payment_captured: return Sketch{"charge.captured", "charge", "succeeded"};
        case EventType::payment_canceled:
            return Sketch{"payment_intent.canceled", "payment_intent", "canceled"};
        case EventType::payment_requires_action:
            return Sketch{"payment_intent.requires_action", "payment_intent", "requires_action"};
        case EventType::payment_action_completed: return std::nullopt;
        case EventType::refund_created: return Sketch{"refund.created", "refund", "pending"};
        case EventType::refund_succeeded: return Sketch{"refund.updated", "refund", "succeeded"};
        case EventType::refund_failed: return Sketch{"refund.failed", "refund", "failed"};
        case EventType::dispute_created:
            return Sketch{"charge.dispute.created", "dispute", "needs_response"};
        case EventType::dispute_updated:
            return Sketch{"charge.dispute.updated", "dispute", "under_review"};
        case EventType::dispute_closed: return Sketch{"charge.dispute.closed", "dispute", "won"};
        case EventType::payout_created: return Sketch{"payout.created", "payout", "pending"};
        case EventType::payout_paid: return Sketch{"payout.paid", "payout", "paid"};
        case EventType::payout_failed: return Sketch{"payout.failed", "payout", "failed"};
    }
    return std::nullopt;
}

void write_payment_error(JsonWriter& writer, const SampleWish& wish) {
    const std::string_view reason = wished(wish.reason, "generic_decline");
    writer.key("last_payment_error");
    writer.begin_object();
    writer.member("code", is_decline_code(reason) ? "card_declined" : reason);
    if (is_decline_code(reason)) writer.member("decline_code", reason);
    writer.end_object();
}

void write_details(JsonWriter& writer, const SampleWish& wish) {
    switch (wish.type) {
        case EventType::payment_failed: write_payment_error(writer, wish); break;
        case EventType::payment_canceled:
            writer.member_or_null(
                "cancellation_reason", wished(wish.reason, "requested_by_customer")
            );
            break;
        case EventType::payment_requires_action:
            writer.key("next_action");
            writer.begin_object();
            writer.member("type", wished(wish.reason, "use_stripe_sdk"));
            writer.end_object();
            break;
        case EventType::refund_failed:
            writer.member("failure_reason", wished(wish.reason, "lost_or_stolen_card"));
            break;
        case EventType::dispute_created:
        case EventType::dispute_updated:
        case EventType::dispute_closed:
            writer.member("reason", wished(wish.reason, "fraudulent"));
            break;
        case EventType::payout_failed:
            writer.member("failure_code", wished(wish.reason, "account_closed"));
            break;
        case EventType::payment_created:
        case EventType::payment_succeeded:
        case EventType::payment_captured:
        case EventType::payment_action_completed:
        case EventType::refund_created:
        case EventType::refund_succeeded:
        case EventType::payout_created:
        case EventType::payout_paid: break;
    }
}

std::string object_id(const Sketch& sketch, const SampleWish& wish) {
    if (sketch.object == "charge") return sample_id("ch_", wish);
    switch (subject_of(wish.type)) {
        case EventSubject::payment: return payment_id_of(wish, "pi_");
        case EventSubject::refund: return refund_id_of(wish, "re_");
        case EventSubject::dispute: return dispute_id_of(wish, "dp_");
        case EventSubject::payout: return payout_id_of(wish, "po_");
    }
    return {};
}

std::string_view status_of(const Sketch& sketch, const SampleWish& wish) {
    if (wish.type != EventType::dispute_closed) return sketch.status;
    return wished(wish.outcome, sketch.status);
}

void write_object(JsonWriter& writer, const Sketch& sketch, const SampleWish& wish) {
    const std::int64_t amount = sample_minor_units(wish, stripe_exponent(wish.currency));
    writer.begin_object();
    writer.member("id", object_id(sketch, wish));
    writer.member("object", sketch.object);
    writer.member_integer("amount", amount);
    writer.member_integer("amount_received", amount);
    writer.member_integer("amount_captured", amount);
    writer.member("currency", to_lower(wish.currency));
    writer.member("status", status_of(sketch, wish));
    if (sketch.object != "payment_intent" && sketch.object != "payout") {
        writer.member("payment_intent", payment_id_of(wish, "pi_"));
    }
    write_details(writer, wish);
    writer.member_integer("created", unix_seconds(moment_of(wish)));
    writer.key("metadata");
    writer.begin_object();
    if (!reference_of(wish).empty()) writer.member("order_id", reference_of(wish));
    writer.end_object();
    writer.end_object();
}

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    writer.begin_object();
    writer.member("id", sample_id("evt_", wish));
    writer.member("object", "event");
    writer.member("api_version", "2024-06-20");
    writer.member_integer("created", unix_seconds(moment_of(wish)));
    writer.member("type", sketch.stripe_type);
    writer.member_boolean("livemode", false);
    writer.key("data");
    writer.begin_object();
    writer.key("object");
    write_object(writer, sketch, wish);
    writer.end_object();
    writer.end_object();
    return body;
}

}  // namespace

std::optional<SampleWebhook> sample_stripe(const SettingTable& settings, const SampleWish& wish) {
    const auto sketch = sketch_of(wish.type);
    const std::string secret = first_text_setting(settings, "webhook_secrets");
    if (!sketch || secret.empty()) return std::nullopt;
    SampleWebhook webhook;
    webhook.body = write_body(*sketch, wish);
    const std::string timestamp = std::to_string(unix_seconds(wish.now));
    const HmacKey key{HashAlgorithm::sha256, secret};
    std::string signature = "t=";
    signature += timestamp;
    signature += ",v1=";
    signature += to_hex(key.sign({timestamp, ".", webhook.body}));
    webhook.headers = {
        {"Content-Type", "application/json; charset=utf-8"},
        {"User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
        {"Stripe-Signature", std::move(signature)},
    };
    return webhook;
}

SettingTable sandbox_settings_stripe() {
    return {{"webhook_secrets", text_list({random_secret("whsec_")})}};
}

}  // namespace postern::verifiers
