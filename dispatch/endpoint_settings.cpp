#include "dispatch/endpoint_settings.hpp"

#include "dispatch/endpoint_settings_reader.hpp"

namespace postern::dispatch {
namespace {

using Source = EndpointSettingsReader::Source;

std::string_view name_of(PayloadFormat format) {
    return format == PayloadFormat::unified ? "unified" : "stripe";
}
std::string_view name_of(PayloadSize payload) {
    return payload == PayloadSize::full ? "full" : "thin";
}
std::string_view name_of(Ordering ordering) {
    return ordering == Ordering::none ? "none" : "payment";
}
std::string_view name_of(Deliver deliver) {
    return deliver == Deliver::all ? "all" : "latest";
}
std::string_view name_of(EndpointSettings::Signing signing) {
    return signing == EndpointSettings::Signing::hmac ? "hmac" : "hmac_and_ed25519";
}

void append_texts(JsonWriter& writer, const std::vector<std::string>& texts) {
    writer.begin_array();
    for (const std::string& text : texts) writer.string(text);
    writer.end_array();
}

void append_policy(JsonWriter& writer, const RetryPolicy& policy) {
    writer.begin_object();
    writer.key("schedule");
    writer.begin_array();
    for (const std::chrono::seconds delay : policy.delays) writer.integer(delay.count());
    writer.end_array();
    writer.member_integer("maximum_age_seconds", policy.maximum_age.count());
    writer.end_object();
}

void append_retries(JsonWriter& writer, const EndpointSettings& settings) {
    writer.key("retry");
    append_policy(writer, settings.retry);
    writer.key("retry_by_type");
    writer.begin_object();
    for (const auto& [type, policy] : settings.retry_by_type) {
        writer.key(type);
        append_policy(writer, policy);
    }
    writer.end_object();
}

void append_pairs(JsonWriter& writer, const EndpointSettings& settings) {
    writer.key("headers");
    writer.begin_object();
    for (const auto& [name, value] : settings.headers) writer.member(name, value);
    writer.end_object();
    writer.key("metadata");
    writer.begin_object();
    for (const auto& [key, value] : settings.metadata) writer.member(key, value);
    writer.end_object();
}

Complaint broken(std::string_view what) {
    std::string message = "the stored ";
    message += what;
    message += " of an endpoint cannot be read";
    return {std::move(message)};
}

}  // namespace

std::vector<FieldComplaint> read_settings(JsonValue object, EndpointSettings& settings) {
    EndpointSettingsReader reader{settings, Source::merchant};
    reader.read(object);
    return reader.finish();
}

void append_settings(JsonWriter& writer, const EndpointSettings& settings) {
    writer.member("description", settings.description);
    writer.key("event_types");
    append_texts(writer, settings.event_types);
    writer.key("channels");
    append_texts(writer, settings.channels);
    writer.key("filter");
    settings.filter ? writer.raw(settings.filter->json()) : writer.null();
    writer.member("format", name_of(settings.format));
    writer.member("payload", name_of(settings.payload));
    writer.member("ordering", name_of(settings.ordering));
    writer.member("deliver", name_of(settings.deliver));
    append_retries(writer, settings);
    writer.member_integer("timeout_seconds", settings.timeout.count());
    writer.member_integer("max_hold_seconds", settings.max_hold.count());
    writer.member_integer("rate_per_second", settings.rate_per_second);
    writer.member_integer("in_flight_max", settings.in_flight_max);
    append_pairs(writer, settings);
    writer.member("signing", name_of(settings.signing));
    writer.member_or_null("ca_certificates", settings.ca_pem);
    writer.member_or_null("client_certificate", settings.client_certificate_pem);
    writer.member_or_null("api_version", settings.api_version);
}

std::string settings_to_json(const EndpointSettings& settings) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    append_settings(writer, settings);
    writer.end_object();
    return text;
}

Result<EndpointSettings, Complaint> settings_from_json(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    if (!document || !document->root().is_object()) return broken("settings");
    EndpointSettings settings;
    EndpointSettingsReader reader{settings, Source::store};
    reader.read(document->root());
    const auto complaints = reader.finish();
    if (complaints.empty()) return settings;
    Complaint complaint = broken("settings");
    complaint.message += ": ";
    complaint.message += complaints.front().field;
    complaint.message += ' ';
    complaint.message += complaints.front().message;
    return complaint;
}

std::string secrets_to_json(const EndpointSecrets& secrets) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    writer.key("secrets");
    writer.begin_array();
    for (const EndpointSecret& secret : secrets.secrets) {
        writer.begin_object();
        writer.member("secret", secret.secret);
        writer.key("expires_at_us");
        secret.expires_at ? writer.integer(unix_microseconds(*secret.expires_at)) : writer.null();
        writer.end_object();
    }
    writer.end_array();
    writer.member("client_key", secrets.client_key_pem);
    writer.end_object();
    return text;
}

Result<EndpointSecrets, Complaint> secrets_from_json(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    if (!document) return broken("secrets");
    const JsonValue root = document->root();
    EndpointSecrets secrets;
    secrets.client_key_pem = root["client_key"].string();
    for (const JsonValue item : root["secrets"].items()) {
        auto secret = parse_endpoint_secret(item["secret"].string());
        if (!secret) return broken("secrets");
        const auto expires_at_us = item["expires_at_us"].integer();
        std::optional<TimePoint> expires_at;
        if (expires_at_us) expires_at = from_unix_microseconds(*expires_at_us);
        secrets.secrets.push_back({std::move(*secret), expires_at});
    }
    if (secrets.secrets.empty() || secrets.secrets.size() > kEndpointSecretsMax) {
        return broken("secrets");
    }
    return secrets;
}

Result<std::shared_ptr<const Endpoint>, Complaint>
endpoint_of(const storage::EndpointRow& row, const EndpointSecrets& secrets) {
    auto settings = settings_from_json(row.settings);
    if (!settings) return std::move(settings).error();
    if (secrets.secrets.empty()) return broken("secrets");
    auto endpoint = std::make_shared<Endpoint>();
    endpoint->id = row.id;
    endpoint->account = row.account;
    endpoint->livemode = row.livemode;
    endpoint->uid = row.uid;
    endpoint->url = row.url;
    endpoint->status = row.status;
    endpoint->disabled_reason = row.disabled_reason;
    endpoint->revision = row.revision;
    endpoint->created_at = row.created_at;
    endpoint->updated_at = row.updated_at;
    endpoint->settings = std::move(*settings);
    endpoint->keys = std::make_shared<const SigningKeys>(secrets.secrets);
    endpoint->client_key_pem = secrets.client_key_pem;
    return std::shared_ptr<const Endpoint>{std::move(endpoint)};
}

}  // namespace postern::dispatch
