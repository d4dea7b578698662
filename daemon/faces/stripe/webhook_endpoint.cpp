#include "daemon/faces/stripe/webhook_endpoint.hpp"

#include "core/assert.hpp"
#include "core/json_document.hpp"
#include "daemon/api/parameters.hpp"

namespace postern::daemon::stripe {

using dispatch::EndpointSettings;

namespace {

void write_texts(JsonWriter& writer, const std::vector<std::string>& texts) {
    writer.begin_array();
    for (const std::string& text : texts) writer.string(text);
    writer.end_array();
}

void write_pairs(JsonWriter& writer, const decltype(EndpointSettings::metadata)& pairs) {
    writer.begin_object();
    for (const auto& [name, value] : pairs) writer.member(name, value);
    writer.end_object();
}

decltype(EndpointSettings::metadata)
merged_metadata(const WebhookEndpointWish& wish, const EndpointSettings& settings) {
    auto metadata = settings.metadata;
    if (wish.clears_metadata) metadata.clear();
    for (const auto& [name, value] : *wish.metadata) {
        if (value.empty()) {
            metadata.erase(name);
        } else {
            metadata.insert_or_assign(name, value);
        }
    }
    return metadata;
}

// The wish in the native API's words, which the reader of settings judges.
std::string in_native_words(const WebhookEndpointWish& wish, const EndpointSettings& settings) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    if (wish.description) writer.member("description", *wish.description);
    if (wish.enabled_events) {
        writer.key("event_types");
        write_texts(writer, *wish.enabled_events);
    }
    if (wish.metadata) {
        writer.key("metadata");
        write_pairs(writer, merged_metadata(wish, settings));
    }
    if (wish.api_version) writer.member("api_version", *wish.api_version);
    writer.end_object();
    return text;
}

}  // namespace

WebhookEndpointWish read_wish(Parameters& parameters, WishFor purpose) {
    WebhookEndpointWish wish;
    if (purpose == WishFor::creation) {
        wish.url = parameters.required_text("url");
        wish.api_version = parameters.text("api_version");
        // Events of connected accounts do not exist here, so the flag changes nothing.
        parameters.flag("connect");
        if (!parameters.has("enabled_events")) parameters.required_text("enabled_events");
    } else {
        wish.url = parameters.text("url");
        wish.disabled = parameters.flag("disabled");
    }
    wish.description = parameters.text("description");
    wish.enabled_events = parameters.texts("enabled_events");
    wish.metadata = parameters.pairs("metadata");
    wish.clears_metadata = wish.metadata && wish.metadata->empty();
    return wish;
}

std::optional<ApiError> apply(const WebhookEndpointWish& wish, EndpointSettings& settings) {
    const std::string text = in_native_words(wish, settings);
    // A document that the writer made is one that can be read.
    const auto document = JsonDocument::parse(text);
    POSTERN_ASSERT(document.has_value());
    auto complaints = dispatch::read_settings(document->root(), settings);
    if (complaints.empty()) return std::nullopt;
    std::vector<ApiError::Detail> details;
    for (dispatch::FieldComplaint& complaint : complaints) {
        details.push_back({std::move(complaint.field), std::move(complaint.message)});
    }
    return validation_error(std::move(details));
}

void append_webhook_endpoint(
    JsonWriter& writer,
    const OpenEndpoint& endpoint,
    const IdCodec& ids,
    Secret secret
) {
    const EndpointSettings& settings = endpoint.settings;
    writer.begin_object();
    writer.member("id", ids.encode(endpoint.row.id));
    writer.member("object", "webhook_endpoint");
    writer.member_or_null("api_version", settings.api_version);
    writer.member_or_null("application", {});
    writer.member_integer("created", unix_seconds(endpoint.row.created_at));
    writer.member_or_null("description", settings.description);
    writer.key("enabled_events");
    write_texts(writer, settings.event_types);
    writer.member_boolean("livemode", endpoint.row.livemode == storage::Livemode::live);
    writer.key("metadata");
    write_pairs(writer, settings.metadata);
    if (secret == Secret::shown && !endpoint.secrets.secrets.empty()) {
        writer.member("secret", endpoint.secrets.secrets.front().secret);
    }
    writer.member("status", storage::to_text(endpoint.row.status));
    writer.member("url", endpoint.row.url);
    writer.end_object();
}

}  // namespace postern::daemon::stripe
