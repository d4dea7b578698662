#include "verifiers/stripe.hpp"

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/json_writer.hpp"
#include "core/money.hpp"
#include "verifiers/samples/sample_tools.hpp"

namespace postern::verifiers {
namespace {

struct Sketch {
    std::string_view stripe_type;
    std::string_view object;
    std::string_view id_prefix;
    std::string_view status;
};

std::optional<Sketch> sketch_of(EventType type) {
    switch (type) {
        case EventType::payment_created:
            return Sketch{
                "payment_intent.created", "payment_intent", "pi_", "requires_confirmation"};
        case EventType::payment_succeeded:
            return Sketch{"payment_intent.succeeded", "payment_intent", "pi_", "succeeded"};
        case EventType::payment_failed:
            return Sketch{
                "payment_intent.payment_failed",
                "payment_intent",
                "pi_",
                "requires_payment_method"};
        case EventType::payment_captured:
            return Sketch{"charge.captured", "charge", "ch_", "succeeded"};
        case EventType::payment_canceled:
            return Sketch{"payment_intent.canceled", "payment_intent", "pi_", "canceled"};
        case EventType::payment_requires_action:
            return Sketch{
                "payment_intent.requires_action", "payment_intent", "pi_", "requires_action"};
        case EventType::payment_action_completed: return std::nullopt;
        case EventType::refund_created: return Sketch{"refund.created", "refund", "re_", "pending"};
        case EventType::refund_succeeded:
            return Sketch{"refund.updated", "refund", "re_", "succeeded"};
        case EventType::refund_failed: return Sketch{"refund.failed", "refund", "re_", "failed"};
        case EventType::dispute_created:
            return Sketch{"charge.dispute.created", "dispute", "dp_", "needs_response"};
        case EventType::dispute_updated:
            return Sketch{"charge.dispute.updated", "dispute", "dp_", "under_review"};
        case EventType::dispute_closed:
            return Sketch{"charge.dispute.closed", "dispute", "dp_", "won"};
        case EventType::payout_created: return Sketch{"payout.created", "payout", "po_", "pending"};
        case EventType::payout_paid: return Sketch{"payout.paid", "payout", "po_", "paid"};
        case EventType::payout_failed: return Sketch{"payout.failed", "payout", "po_", "failed"};
    }
    return std::nullopt;
}

void write_details(JsonWriter& writer, EventType type) {
    switch (type) {
        case EventType::payment_failed:
            writer.key("last_payment_error");
            writer.begin_object();
            writer.member("code", "card_declined");
            writer.member("decline_code", "generic_decline");
            writer.end_object();
            break;
        case EventType::payment_canceled:
            writer.member("cancellation_reason", "requested_by_customer");
            break;
        case EventType::payment_requires_action:
            writer.key("next_action");
            writer.begin_object();
            writer.member("type", "use_stripe_sdk");
            writer.end_object();
            break;
        case EventType::refund_failed:
            writer.member("failure_reason", "lost_or_stolen_card");
            break;
        case EventType::dispute_created:
        case EventType::dispute_updated:
        case EventType::dispute_closed: writer.member("reason", "fraudulent"); break;
        case EventType::payout_failed: writer.member("failure_code", "account_closed"); break;
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

std::string write_body(const Sketch& sketch, const SampleWish& wish) {
    std::string body;
    JsonWriter writer{body};
    const std::int64_t amount = sample_minor_units(wish, stripe_exponent(wish.currency));
    const std::int64_t created = unix_seconds(wish.now);
    writer.begin_object();
    writer.member("id", sample_id("evt_", wish));
    writer.member("object", "event");
    writer.member("api_version", "2024-06-20");
    writer.member_integer("created", created);
    writer.member("type", sketch.stripe_type);
    writer.member_boolean("livemode", false);
    writer.key("data");
    writer.begin_object();
    writer.key("object");
    writer.begin_object();
    writer.member("id", sample_id(sketch.id_prefix, wish));
    writer.member("object", sketch.object);
    writer.member_integer("amount", amount);
    writer.member_integer("amount_received", amount);
    writer.member_integer("amount_captured", amount);
    writer.member("currency", to_lower(wish.currency));
    writer.member("status", sketch.status);
    if (sketch.object != "payment_intent" && sketch.object != "payout") {
        writer.member("payment_intent", sample_id("pi_", wish));
    }
    write_details(writer, wish.type);
    writer.member_integer("created", created);
    writer.key("metadata");
    writer.begin_object();
    writer.member("order_id", "1001");
    writer.end_object();
    writer.end_object();
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
