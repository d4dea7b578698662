#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "verifiers/registry.hpp"

#include <gtest/gtest.h>

namespace postern::verifiers {
namespace {

HttpFields fields_of(const SampleWebhook& webhook) {
    HttpFields fields;
    for (const auto& [name, value] : webhook.headers) fields.add({name, value});
    return fields;
}

// Every sample a provider can make is proved and understood by that provider, as the event that
// was wished for, and a body changed in one bit is not.
TEST(Samples, AreTakenByTheirOwnProvider) {
    const TimePoint now = from_unix_seconds(1'800'000'000);
    for (const ProviderKind& kind : provider_kinds()) {
        const SettingTable settings = kind.sandbox_settings();
        const auto provider = kind.make(settings);
        ASSERT_TRUE(provider.has_value()) << kind.name << ": " << provider.error().message;
        int expressed = 0;
        for (const EventType type : all_event_types()) {
            SCOPED_TRACE(std::string{kind.name} + " " + std::string{to_text(type)});
            const SampleWish wish{.type = type, .unique = to_hex(random_bytes(12)), .now = now};
            const auto webhook = kind.sample(settings, wish);
            if (!webhook) continue;
            ++expressed;
            const HttpFields fields = fields_of(*webhook);
            SignedRequest request{
                .method = webhook->method,
                .path = "/api/v2/webhooks/x",
                .query = webhook->query,
                .fields = fields,
                .body = webhook->body,
                .received_at = now};
            const auto verified = (*provider)->verify(request);
            ASSERT_TRUE(verified.has_value()) << to_text(verified.error());
            const auto normalised = (*provider)->normalise(request);
            ASSERT_TRUE(normalised.has_value());
            ASSERT_FALSE(normalised->events.empty());
            const ProviderEvent& event = normalised->events.front();
            EXPECT_FALSE(event.id.empty());
            ASSERT_TRUE(event.unified.has_value());
            EXPECT_EQ(to_text(event.unified->type), to_text(type));
        }
        EXPECT_GT(expressed, 0) << kind.name;
    }
}

}  // namespace
}  // namespace postern::verifiers
