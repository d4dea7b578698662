#include "daemon/commands/send.hpp"

#include "tests/unit/daemon/daemon_testing.hpp"

namespace postern::daemon::commands {
namespace {

constexpr TimePoint kNow = from_unix_seconds(1'700'000'000);

struct WishCase {
    const char* name;
    SendOptions options;
    const char* amount;    // of the wish
    const char* fragment;  // of the complaint, or nullptr
};

const WishCase kWishCases[] = {
    {"has an amount of its own", {.event_type = "payment.succeeded"}, "10.99", nullptr},
    {"knows currencies without decimals",
     {.event_type = "payment.succeeded", .currency = "jpy"},
     "1099",
     nullptr},
    {"knows currencies with three decimals",
     {.event_type = "payment.succeeded", .currency = "KWD"},
     "1.099",
     nullptr},
    {"fills decimals up",
     {.event_type = "refund.created", .amount = "5", .currency = "EUR"},
     "5.00",
     nullptr},
    {"names the closest event type",
     {.event_type = "payment.suceeded"},
     "",
     "did you mean payment.succeeded?"},
    {"refuses words", {.event_type = "payment.failed", .amount = "ten"}, "", "--amount"},
    {"refuses less than nothing", {.event_type = "payment.failed", .amount = "-1"}, "", "--amount"},
    {"refuses decimals that money has not",
     {.event_type = "payment.failed", .amount = "1.005"},
     "",
     "at most 2 decimals in USD"},
    {"refuses a currency in words",
     {.event_type = "payment.failed", .currency = "Dollar"},
     "",
     "--currency"},
};

TEST(Send, KnowsWhatIsWished) {
    for (const WishCase& test_case : kWishCases) {
        SCOPED_TRACE(test_case.name);
        const auto wish = wish_of(test_case.options);
        ASSERT_EQ(wish.has_value(), test_case.fragment == nullptr);
        if (test_case.fragment == nullptr) {
            EXPECT_EQ(wish->amount, test_case.amount);
        } else {
            EXPECT_NE(wish.error().message.find(test_case.fragment), std::string::npos)
                << wish.error().message;
        }
    }
}

// Every webhook that `send` can make is taken by the gateway it is made for.
TEST(Send, MakesWebhooksThatTheGatewayTakes) {
    for (const verifiers::ProviderKind& kind : verifiers::provider_kinds()) {
        auto resolved = resolve_gateway(
            {},
            {.id = std::string{kind.name}, .kind = std::string{kind.name}},
            {.kinds = verifiers::provider_kinds(), .missing = MissingSecrets::invent}
        );
        ASSERT_TRUE(resolved.has_value()) << resolved.error().message;
        for (const EventType type : all_event_types()) {
            SCOPED_TRACE(std::string{kind.name} + " " + std::string{to_text(type)});
            const auto webhook = make_webhook(
                *resolved, {.type = type, .unique = "0123456789abcdef01234567", .now = kNow}
            );
            if (!webhook) continue;
            HttpFields fields;
            for (const auto& [name, value] : webhook->headers) fields.add({name, value});
            const auto verified = resolved->provider->verify(
                {.method = webhook->method,
                 .path = "/api/v2/webhooks/" + resolved->gateway.id,
                 .query = webhook->query,
                 .fields = fields,
                 .body = webhook->body,
                 .received_at = kNow}
            );
            EXPECT_TRUE(verified.has_value());
        }
    }
}

TEST(Send, SaysWhatAProviderCanSendInstead) {
    const auto gateway = stripe_gateway("stripe", "whsec_secret");
    const auto webhook = make_webhook(
        gateway,
        {.type = EventType::payment_action_completed, .unique = "0123456789abcdef", .now = kNow}
    );
    ASSERT_FALSE(webhook.has_value());
    EXPECT_NE(
        webhook.error().message.find("Stripe has no webhook for payment.action_completed"),
        std::string::npos
    );
    EXPECT_NE(webhook.error().message.find("payment.succeeded"), std::string::npos);
}

TEST(Send, ListsWhatEveryKindCanSay) {
    const std::string list = list_of_samples(verifiers::provider_kinds(), kNow);
    EXPECT_NE(list.find("stripe  (Stripe)\n"), std::string::npos);
    EXPECT_NE(list.find("    dispute.closed\n"), std::string::npos);
    EXPECT_EQ(list.find("payment.action_completed\nst"), std::string::npos);
}

struct TargetCase {
    const char* name;
    config::Config config;
    const char* to;
    std::optional<HttpUrl> url;
};

const TargetCase kTargetCases[] = {
    {"the configured listener",
     {},
     "",
     HttpUrl{UrlScheme::http, "127.0.0.1", "8080", "/api/v2/webhooks/s"}},
    {"this machine for every address",
     {.listen = {"0.0.0.0", 81}},
     "",
     HttpUrl{UrlScheme::http, "127.0.0.1", "81", "/api/v2/webhooks/s"}},
    {"TLS where the public listener speaks it",
     {.tls = {.certificate_file = "/c.pem", .key_file = "/k.pem"}},
     "",
     HttpUrl{UrlScheme::https, "127.0.0.1", "8080", "/api/v2/webhooks/s"}},
    {"plain where TLS has its own address",
     {.tls =
          {.certificate_file = "/c.pem",
           .key_file = "/k.pem",
           .listen = config::ListenAddress{"127.0.0.1", 8443}}},
     "",
     HttpUrl{UrlScheme::http, "127.0.0.1", "8080", "/api/v2/webhooks/s"}},
    {"a host with the path added",
     {},
     "http://a.example:81",
     HttpUrl{UrlScheme::http, "a.example", "81", "/api/v2/webhooks/s"}},
    {"a whole URL as it is",
     {},
     "http://a.example/x?y=z",
     HttpUrl{UrlScheme::http, "a.example", "80", "/x?y=z"}},
    {"no port that the system chose", {.listen = {"127.0.0.1", 0}}, "", std::nullopt},
    {"no other scheme", {}, "ftp://a.example/", std::nullopt},
};

TEST(Send, KnowsWhereToSend) {
    for (const TargetCase& test_case : kTargetCases) {
        SCOPED_TRACE(test_case.name);
        const auto target = send_target(test_case.config, "s", test_case.to);
        ASSERT_EQ(target.has_value(), test_case.url.has_value());
        if (!target) continue;
        EXPECT_EQ(target->url, *test_case.url);
        EXPECT_EQ(target->trusted_certificate.empty(), target->url.scheme == UrlScheme::http);
    }
}

TEST(Send, NamesTheClosestGateway) {
    const auto gateway = find_gateway(
        {}, "strip", {.kinds = verifiers::provider_kinds(), .missing = MissingSecrets::invent}
    );
    ASSERT_FALSE(gateway.has_value());
    EXPECT_EQ(gateway.error().message, "no gateway is called \"strip\"; did you mean stripe?");
}

}  // namespace
}  // namespace postern::daemon::commands
