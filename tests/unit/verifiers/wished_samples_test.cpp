#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "verifiers/registry.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

constexpr TimePoint kHappened = from_unix_seconds(1'799'990'000);
constexpr TimePoint kNow = from_unix_seconds(1'800'000'000);

bool has_reason(EventType type) {
    return type == EventType::payment_failed || type == EventType::payment_canceled
           || type == EventType::payment_requires_action || type == EventType::refund_failed
           || type == EventType::payout_failed || subject_of(type) == EventSubject::dispute;
}

UnifiedEvent event_of(EventType type, std::string_view currency) {
    UnifiedEvent event{.type = type};
    const EventSubject subject = subject_of(type);
    if (subject != EventSubject::payout) {
        event.gateway_payment_id = "pi_the_payment";
        event.merchant_reference = "order-77";
    }
    if (subject == EventSubject::refund) event.gateway_refund_id = "re_the_refund";
    if (subject == EventSubject::dispute) event.gateway_dispute_id = "dp_the_dispute";
    if (subject == EventSubject::payout) event.gateway_payout_id = "po_the_payout";
    event.amount = currency == "JPY" ? "1234" : "12.34";
    event.currency = currency;
    if (has_reason(type)) event.reason = "the_reason";
    if (type == EventType::dispute_closed) event.outcome = "lost";
    return event;
}

// Of the event, what the provider's webhook has a place for.
UnifiedEvent as_said_by(std::string_view kind, UnifiedEvent event) {
    const EventSubject subject = subject_of(event.type);
    if (kind == "airwallex" && subject == EventSubject::refund) event.merchant_reference.clear();
    if (kind == "onerway" && subject == EventSubject::payment) {
        if (event.type != EventType::payment_failed) event.reason.clear();
    }
    if (kind == "alipay") {
        if (event.type == EventType::payment_canceled) event.reason.clear();
        if (event.type == EventType::refund_failed) event.reason = "F";
    }
    if (kind == "stripe" && event.type == EventType::dispute_updated) {
        event.outcome = "under_review";
    }
    if (kind == "wechatpay" && subject == EventSubject::dispute) {
        event.gateway_payment_id.clear();
        event.merchant_reference.clear();
        event.amount.clear();
        event.currency.clear();
    }
    return event;
}

SampleWish wish_for(const UnifiedEvent& event) {
    SampleWish wish{
        .type = event.type,
        .amount = event.amount,
        .currency = event.currency,
        .unique = "0123456789abcdef0123456789abcdef",
        .now = kNow};
    wish.gateway_payment_id = event.gateway_payment_id;
    wish.gateway_refund_id = event.gateway_refund_id;
    wish.gateway_dispute_id = event.gateway_dispute_id;
    wish.gateway_payout_id = event.gateway_payout_id;
    wish.merchant_reference = event.merchant_reference;
    if (!event.reason.empty()) wish.reason = event.reason;
    if (!event.outcome.empty()) wish.outcome = event.outcome;
    wish.occurred_at = kHappened;
    return wish;
}

std::optional<ProviderEvent> taken_by(const Provider& provider, const SampleWebhook& webhook) {
    HttpFields fields;
    for (const auto& [name, value] : webhook.headers) fields.add({name, value});
    const SignedRequest request{
        .method = webhook.method,
        .path = "/api/v2/webhooks/x",
        .query = webhook.query,
        .fields = fields,
        .body = webhook.body,
        .received_at = kNow};
    if (!provider.verify(request)) return std::nullopt;
    const auto normalised = provider.normalise(request);
    if (!normalised || normalised->events.size() != 1) return std::nullopt;
    return normalised->events.front();
}

struct Case {
    std::string_view kind;
    std::string_view currency;
    int types;  // that the provider can say
};
constexpr Case kCases[] = {
    {"stripe", "USD", 15},
    {"stripe", "JPY", 15},
    {"airwallex", "USD", 15},
    {"airwallex", "JPY", 15},
    {"wechatpay", "CNY", 8},
    {"alipay", "CNY", 7},
    {"onerway", "USD", 11},
};

TEST(WishedSamples, SpeakOfWhatTheWishNames) {
    for (const Case& test_case : kCases) {
        const ProviderKind* kind = find_provider_kind(test_case.kind);
        const SettingTable settings = kind->sandbox_settings();
        const auto provider = kind->make(settings);
        ASSERT_TRUE(provider.has_value());
        int said = 0;
        for (const EventType type : all_event_types()) {
            SCOPED_TRACE(std::string{test_case.kind} + " " + std::string{to_text(type)});
            const UnifiedEvent event = event_of(type, test_case.currency);
            const auto webhook = kind->sample(settings, wish_for(event));
            if (!webhook) continue;
            ++said;
            auto taken = taken_by(**provider, *webhook);
            ASSERT_TRUE(taken.has_value() && taken->unified.has_value());
            UnifiedEvent expected = as_said_by(test_case.kind, event);
            if (subject_of(type) == EventSubject::payout) taken->unified->merchant_reference = {};
            // Onerway's chargebacks have no time.
            const bool timed = !taken->unified->occurred_at.empty();
            if (timed) expected.occurred_at = to_iso8601(kHappened);
            expected.gateway_livemode = taken->unified->gateway_livemode;
            EXPECT_EQ(taken->unified->reason, expected.reason);
            EXPECT_EQ(taken->unified->amount, expected.amount);
            EXPECT_EQ(*taken->unified, expected);
        }
        EXPECT_EQ(said, test_case.types) << test_case.kind;
    }
}

TEST(WishedSamples, OfADisputeThatWasWonSaySo) {
    for (const std::string_view name : {"stripe", "airwallex", "onerway"}) {
        SCOPED_TRACE(name);
        const ProviderKind* kind = find_provider_kind(name);
        const SettingTable settings = kind->sandbox_settings();
        const auto provider = kind->make(settings);
        ASSERT_TRUE(provider.has_value());
        UnifiedEvent event = event_of(EventType::dispute_closed, "USD");
        event.outcome = "won";
        const auto webhook = kind->sample(settings, wish_for(event));
        ASSERT_TRUE(webhook.has_value());
        const auto taken = taken_by(**provider, *webhook);
        ASSERT_TRUE(taken.has_value() && taken->unified.has_value());
        EXPECT_EQ(taken->unified->outcome, "won");
    }
}

TEST(WishedSamples, PostedTwiceAreOneEvent) {
    for (const std::string_view name : {"stripe", "airwallex", "wechatpay", "alipay", "onerway"}) {
        SCOPED_TRACE(name);
        const ProviderKind* kind = find_provider_kind(name);
        const SettingTable settings = kind->sandbox_settings();
        const auto provider = kind->make(settings);
        ASSERT_TRUE(provider.has_value());
        const SampleWish wish = wish_for(event_of(EventType::payment_succeeded, "CNY"));
        SampleWish later = wish;
        later.now += std::chrono::seconds{90};
        const auto first = taken_by(**provider, *kind->sample(settings, wish));
        const auto second = taken_by(**provider, *kind->sample(settings, later));
        ASSERT_TRUE(first.has_value() && second.has_value());
        EXPECT_EQ(first->id, second->id);
    }
}

}  // namespace
}  // namespace postern::verifiers
