#include "dispatch/endpoint_settings.hpp"

#include "core/crypto.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace postern::dispatch {
namespace {

std::string certificate_pem() {
    return Certificate::make_self_signed_pem(
        PrivateKey::generate_rsa_2048(),
        {.common_name = "ca.example",
         .not_before = from_unix_seconds(0),
         .not_after = from_unix_seconds(4'000'000'000)}
    );
}

std::vector<FieldComplaint> read(std::string_view json, EndpointSettings& settings) {
    const auto document = JsonDocument::parse(json);
    EXPECT_TRUE(document.has_value()) << json;
    return document ? read_settings(document->root(), settings) : std::vector<FieldComplaint>{};
}

std::string text_of(const std::vector<FieldComplaint>& complaints) {
    std::string text;
    for (const FieldComplaint& complaint : complaints) {
        text += complaint.field + ": " + complaint.message + '\n';
    }
    return text;
}

constexpr const char* kEverything = R"({
    "description": "shop", "event_types": ["payment.*", "charge.dispute.created", "payment.*"],
    "channels": ["shop:1"], "filter": {"field": "data.object.amount_minor", "gte": 1000},
    "format": "stripe", "payload": "thin", "ordering": "payment", "deliver": "latest",
    "retry": {"schedule": [0, 60], "maximum_age_seconds": 3600},
    "retry_by_type": {"payment.failed": {"schedule": [0]}},
    "timeout_seconds": 30, "max_hold_seconds": 60, "rate_per_second": 10, "in_flight_max": 1,
    "headers": {"X-Shop": "1", "Authorization": "Bearer x"}, "metadata": {"k": "v"},
    "signing": "hmac_and_ed25519", "api_version": "2024-06-20"})";

TEST(EndpointSettings, ReadsEveryField) {
    EndpointSettings settings;
    ASSERT_EQ(text_of(read(kEverything, settings)), "");
    EXPECT_EQ(settings.description, "shop");
    EXPECT_EQ(
        settings.event_types, (std::vector<std::string>{"payment.*", "charge.dispute.created"})
    );
    EXPECT_EQ(settings.channels, std::vector<std::string>{"shop:1"});
    EXPECT_EQ(settings.filter->json(), R"({"field":"data.object.amount_minor","gte":1000})");
    EXPECT_EQ(settings.format, PayloadFormat::stripe);
    EXPECT_EQ(settings.payload, PayloadSize::thin);
    EXPECT_EQ(settings.ordering, Ordering::payment);
    EXPECT_EQ(settings.deliver, Deliver::latest);
    EXPECT_EQ(settings.retry.delays.size(), 2U);
    EXPECT_EQ(settings.retry.maximum_age, std::chrono::hours{1});
    EXPECT_EQ(settings.retry_by_type.at("payment.failed").delays.size(), 1U);
    EXPECT_EQ(settings.retry_by_type.at("payment.failed").maximum_age, std::chrono::hours{96});
    EXPECT_EQ(settings.timeout, std::chrono::seconds{30});
    EXPECT_EQ(settings.max_hold, std::chrono::seconds{60});
    EXPECT_EQ(settings.rate_per_second, 10);
    EXPECT_EQ(settings.in_flight_max, 1);
    EXPECT_EQ(settings.headers.front().first, "X-Shop");
    EXPECT_EQ(settings.metadata.at("k"), "v");
    EXPECT_EQ(settings.signing, EndpointSettings::Signing::hmac_and_ed25519);
    EXPECT_EQ(settings.api_version, "2024-06-20");
}

TEST(EndpointSettings, ChangesOnlyWhatIsNamedAndNullGivesTheDefault) {
    EndpointSettings settings;
    ASSERT_EQ(text_of(read(kEverything, settings)), "");
    ASSERT_EQ(text_of(read(R"({"description":"other","filter":null,"retry":null})", settings)), "");
    EXPECT_EQ(settings.description, "other");
    EXPECT_FALSE(settings.filter.has_value());
    EXPECT_EQ(settings.retry, RetryPolicy{});
    EXPECT_EQ(settings.format, PayloadFormat::stripe);
}

TEST(EndpointSettings, LeavesTheCallersFieldsAlone) {
    EndpointSettings settings;
    const auto complaints = read(
        R"({"url":3,"status":"x","uid":"u","secret":"s","client_key":"k","enabled":true})", settings
    );
    ASSERT_EQ(complaints.size(), 1U);
    EXPECT_EQ(complaints.front().field, "enabled");
    EXPECT_EQ(settings, EndpointSettings{});
}

struct Refusal {
    std::string json;
    const char* complaint;
};

std::string list_of(std::size_t count, const std::string& item) {
    std::string text = "[";
    for (std::size_t i = 0; i < count; ++i) text += (i > 0 ? "," : "") + item;
    return text + "]";
}

const Refusal kRefusals[] = {
    {R"({"event_type":["*"]})", "event_type: is not a field of an endpoint; did you mean event_ty"},
    {R"({"description":3})", "description: must be a text"},
    {R"({"description":")" + std::string(1025, 'x') + "\"}", "description: must hold at most 1024"},
    {R"({"description":"a\u0000b"})", "control characters"},
    {R"({"event_types":[]})", "event_types: must be a list"},
    {R"({"event_types":"*"})", "event_types: must be a list"},
    {R"({"event_types":)" + list_of(101, "\"a.b\"") + "}", "event_types: must be a list"},
    {R"({"event_types":["*",7]})", "event_types.1: must be an event type"},
    {R"({"event_types":["payment.succeded"]})", "event_types.0: is not an event type; did you"},
    {R"({"channels":["a b"]})", "channels.0: "},
    {R"({"channels":)" + list_of(11, "\"a\"") + "}", "channels: "},
    {R"({"filter":{"and":[{"field":"x","gt":1}]}})", "filter.and.0.field: must be type"},
    {R"({"filter":[]})", "filter: must be an object"},
    {R"({"format":"json"})", "format: must be one of unified stripe"},
    {R"({"signing":1})", "signing: must be one of hmac hmac_and_ed25519"},
    {R"({"retry":[]})", "retry: must be an object"},
    {R"({"retry":{"schedule":[]}})", "retry.schedule: must be a list"},
    {R"({"retry":{"schedule":)" + list_of(31, "1") + "}}", "retry.schedule: must be a list"},
    {R"({"retry":{"schedule":[0,86401]}})", "retry.schedule.1: must be a whole number from 0 to"},
    {R"({"retry":{"schedule":[1.5]}})", "retry.schedule.0: must be a whole number"},
    {R"({"retry":{"maximum_age_seconds":0}})", "retry.maximum_age_seconds: must be a whole"},
    {R"({"retry":{"attempts":3}})", "retry.attempts: is none of"},
    {R"({"retry_by_type":{"payment.*":{}}})", "retry_by_type.payment.*: must be an exact event"},
    {R"({"timeout_seconds":31})", "timeout_seconds: must be a whole number from 1 to 30"},
    {R"({"timeout_seconds":"5"})", "timeout_seconds: must be a whole number"},
    {R"({"max_hold_seconds":0})", "max_hold_seconds: must be a whole number from 1 to 86400"},
    {R"({"rate_per_second":-1})", "rate_per_second: must be a whole number from 0 to 10000"},
    {R"({"in_flight_max":1001})", "in_flight_max: must be a whole number from 1 to 1000"},
    {R"({"headers":{"Host":"x"}})", "headers.Host: is set by Postern"},
    {R"({"headers":{"a b":"x"}})", "headers.a b: is not a header name"},
    {R"({"headers":{"X-A":"a\r\nB: c"}})", "headers.X-A: may hold only printable"},
    {R"({"headers":{"X-A":" a"}})", "headers.X-A: must not begin or end with a space"},
    {R"({"headers":{"X-A":"1","x-a":"2"}})", "headers.x-a: is there twice"},
    {R"({"headers":{"X-A":1}})", "headers.X-A: must be a text"},
    {R"({"headers":{"X-A":")" + std::string(4094, 'x') + "\"}}", "headers: must hold at most 4096"},
    {R"({"metadata":{"":"x"}})", "metadata.: must have a key"},
    {R"({"metadata":{"k":")" + std::string(501, 'x') + "\"}}", "metadata.k: must hold at most 500"},
    {R"({"metadata":{"k":1}})", "metadata.k: must be a text"},
    {R"({"ca_certificates":"x"})", "ca_certificates: must be certificates in PEM form"},
    {R"({"client_certificate":"-----BEGIN PRIVATE KEY-----"})", "it belongs into client_key"},
};

TEST(EndpointSettings, RefusesWhatIsOutOfBoundsAndNamesTheField) {
    for (const Refusal& refusal : kRefusals) {
        SCOPED_TRACE(refusal.json.substr(0, 100));
        EndpointSettings settings;
        const std::string complaints = text_of(read(refusal.json, settings));
        EXPECT_NE(complaints.find(refusal.complaint), std::string::npos) << complaints;
    }
}

TEST(EndpointSettings, ComplainsOfEverythingAtOnce) {
    EndpointSettings settings;
    const auto complaints = read(
        R"({"timeout_seconds":0,"format":"x","headers":{"Cookie":"a","Te":"b"},"nonsense":1})",
        settings
    );
    EXPECT_EQ(complaints.size(), 5U) << text_of(complaints);
}

TEST(EndpointSettings, NeverRepeatsAHeadersValue) {
    EndpointSettings settings;
    const auto complaints =
        read("{\"headers\":{\"Authorization\":\"hunter2\\u0007\",\"Host\":\"hunter2\"}}", settings);
    EXPECT_EQ(complaints.size(), 2U);
    EXPECT_EQ(text_of(complaints).find("hunter2"), std::string::npos);
}

TEST(EndpointSettings, ForbidsHeadersThatAreNotTheMerchants) {
    for (const char* name :
         {"Host",
          "Content-Length",
          "TRANSFER-ENCODING",
          "connection",
          "keep-alive",
          "te",
          "trailer",
          "upgrade",
          "expect",
          "Proxy-Authorization",
          "cookie",
          "content-type",
          "user-agent",
          "Webhook-Id",
          "stripe-signature",
          "onerway-signature",
          "svix-id",
          "postern-instance",
          "traceparent"}) {
        EXPECT_TRUE(is_forbidden_header(name)) << name;
    }
    for (const char* name : {"Authorization", "X-Api-Key", "Accept", "X-Webhook-Id", "Hostname"}) {
        EXPECT_FALSE(is_forbidden_header(name)) << name;
    }
}

TEST(EndpointSettings, SurvivesTheStore) {
    EndpointSettings settings;
    ASSERT_EQ(text_of(read(kEverything, settings)), "");
    settings.ca_pem = certificate_pem();
    settings.client_certificate_pem = settings.ca_pem;
    for (const EndpointSettings& stored : {settings, EndpointSettings{}}) {
        const auto again = settings_from_json(settings_to_json(stored));
        ASSERT_TRUE(again.has_value()) << again.error().message;
        EXPECT_EQ(*again, stored);
    }
}

TEST(EndpointSettings, SaysInTheApiWhatTheApiTakes) {
    EndpointSettings settings;
    ASSERT_EQ(text_of(read(kEverything, settings)), "");
    settings.ca_pem = certificate_pem();
    EndpointSettings again;
    EXPECT_EQ(text_of(read(settings_to_json(settings), again)), "");
    EXPECT_EQ(again, settings);
}

TEST(EndpointSettings, ReadsStoredTypesThatWouldBeTakenForMisspelledToday) {
    const auto settings = settings_from_json(R"({"event_types":["payment.succeded"]})");
    ASSERT_TRUE(settings.has_value());
    EXPECT_EQ(settings->event_types.front(), "payment.succeded");
}

TEST(EndpointSettings, RefusesAStoredTextThatIsBroken) {
    for (const char* text : {"", "[]", "{", R"({"timeout_seconds":"x"})"}) {
        EXPECT_FALSE(settings_from_json(text).has_value()) << text;
        EXPECT_FALSE(secrets_from_json(text).has_value()) << text;
    }
    const auto broken = secrets_from_json(R"({"secrets":[{"secret":"hunter2"}]})");
    ASSERT_FALSE(broken.has_value());
    EXPECT_EQ(broken.error().message.find("hunter2"), std::string::npos);
}

EndpointSecrets two_secrets() {
    return {
        .secrets =
            {{.secret = make_endpoint_secret(), .expires_at = std::nullopt},
             {.secret = make_endpoint_secret(), .expires_at = from_unix_microseconds(17)}},
        .client_key_pem = "key"};
}

TEST(EndpointSettings, KeepsSecretsToTheMicrosecondTheyExpire) {
    const EndpointSecrets secrets = two_secrets();
    const auto again = secrets_from_json(secrets_to_json(secrets));
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(*again, secrets);
}

TEST(EndpointSettings, MakesAnEndpointOfARow) {
    storage::EndpointRow row;
    row.id = {5};
    row.account = {7};
    row.livemode = storage::Livemode::live;
    row.uid = "shop";
    row.url = "https://example.com/";
    row.status = storage::EndpointStatus::disabled;
    row.disabled_reason = "manual";
    row.revision = 3;
    row.settings = R"({"timeout_seconds":3})";
    const auto endpoint = endpoint_of(row, two_secrets());
    ASSERT_TRUE(endpoint.has_value()) << endpoint.error().message;
    EXPECT_EQ((*endpoint)->id, row.id);
    EXPECT_EQ((*endpoint)->uid, "shop");
    EXPECT_EQ((*endpoint)->status, storage::EndpointStatus::disabled);
    EXPECT_EQ((*endpoint)->settings.timeout, std::chrono::seconds{3});
    EXPECT_EQ((*endpoint)->keys->secrets().size(), 2U);
    EXPECT_EQ((*endpoint)->client_key_pem, "key");
    EXPECT_FALSE(endpoint_of(row, {}).has_value());
    row.settings = "broken";
    EXPECT_FALSE(endpoint_of(row, two_secrets()).has_value());
}

}  // namespace
}  // namespace postern::dispatch
