#include "daemon/faces/svix/endpoint.hpp"

#include "core/assert.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/faces/json_text.hpp"
#include "daemon/faces/svix/ids.hpp"
#include "dispatch/signing.hpp"

namespace postern::daemon::svix {

using dispatch::EndpointSettings;

namespace {

struct SettingName {
    FieldName own;
    std::string_view native;
};

const SettingName kSettings[] = {
    {"description", "description"},
    {{"eventTypes", "filterTypes"}, "event_types"},
    {"channels", "channels"},
    {{"throttleRate", "rateLimit"}, "rate_per_second"},
    {"metadata", "metadata"},
};

// null is a default in both APIs, and so it is passed on.
std::string read_settings_text(Body& body, WishFor purpose) {
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    for (const SettingName& name : kSettings) {
        const JsonValue value = body.value(name.own);
        if (!value.exists() && purpose == WishFor::part) continue;
        writer.key(name.native);
        append_json(writer, value);
    }
    if (purpose == WishFor::creation) {
        const JsonValue headers = body.value("headers");
        if (headers.exists()) {
            writer.key("headers");
            append_json(writer, headers);
        }
    }
    writer.end_object();
    return text;
}

void read_secret(Body& body, EndpointWish& wish) {
    const auto sent = body.text("secret");
    if (!sent) return;
    const auto secret = dispatch::parse_endpoint_secret(*sent);
    if (secret) {
        wish.secret = *secret;
    } else {
        body.complain("secret", secret.error().message);
    }
}

void append_texts_or_null(JsonWriter& writer, const std::vector<std::string>& texts) {
    if (texts.empty()) return writer.null();
    writer.begin_array();
    for (const std::string& text : texts) writer.string(text);
    writer.end_array();
}

// null means every type, as it does when one is made.
std::vector<std::string> shown_types(const EndpointSettings& settings) {
    if (settings.event_types == std::vector<std::string>{"*"}) return {};
    return settings.event_types;
}

void append_rate(JsonWriter& writer, std::string_view name, const EndpointSettings& settings) {
    writer.key(name);
    settings.rate_per_second > 0 ? writer.integer(settings.rate_per_second) : writer.null();
}

}  // namespace

EndpointWish read_endpoint_wish(Body& body, WishFor purpose) {
    EndpointWish wish;
    if (purpose == WishFor::part) {
        wish.url = body.text("url");
        wish.disabled = body.flag("disabled");
        const bool cleared = body.value("uid").is_null();
        wish.uid = cleared ? std::optional<std::string>{""} : body.text("uid");
    } else {
        wish.url = body.required_text("url");
        wish.disabled = body.flag("disabled").value_or(false);
        wish.uid = body.text("uid").value_or("");
        body.integer("version");  // older clients send the endpoint's, which nothing depends on
    }
    if (wish.uid && judge_uid(*wish.uid)) {
        body.complain("uid", "must be 1 to 256 letters, digits, or any of - _ . :");
    }
    if (purpose == WishFor::creation) read_secret(body, wish);
    wish.settings = read_settings_text(body, purpose);
    return wish;
}

std::optional<ApiError> apply(const EndpointWish& wish, EndpointSettings& settings) {
    const auto document = JsonDocument::parse(wish.settings);
    POSTERN_ASSERT(document.has_value());
    auto complaints = dispatch::read_settings(document->root(), settings);
    if (complaints.empty()) return std::nullopt;
    std::vector<ApiError::Detail> details;
    for (dispatch::FieldComplaint& complaint : complaints) {
        details.push_back({std::move(complaint.field), std::move(complaint.message)});
    }
    return validation_error(std::move(details));
}

std::optional<ApiError> edit(const EndpointWish& wish, OpenEndpoint& endpoint) {
    if (wish.url) endpoint.row.url = *wish.url;
    if (wish.uid) endpoint.row.uid = *wish.uid;
    if (wish.disabled) {
        set_status(endpoint, *wish.disabled ? EndpointSwitch::disable : EndpointSwitch::enable);
    }
    return apply(wish, endpoint.settings);
}

void append_endpoint_members(JsonWriter& writer, const OpenEndpoint& endpoint, const IdCodec& ids) {
    const EndpointSettings& settings = endpoint.settings;
    writer.member("id", ids.encode(EndpointId{endpoint.row.id.value}));
    writer.member_or_null("uid", endpoint.row.uid);
    writer.member("url", endpoint.row.url);
    writer.member("description", settings.description);
    writer.member_boolean("disabled", endpoint.row.status == storage::EndpointStatus::disabled);
    const std::vector<std::string> types = shown_types(settings);
    for (const std::string_view name : {"eventTypes", "filterTypes"}) {
        writer.key(name);
        append_texts_or_null(writer, types);
    }
    writer.key("channels");
    append_texts_or_null(writer, settings.channels);
    append_rate(writer, "throttleRate", settings);
    append_rate(writer, "rateLimit", settings);
    writer.member_integer("version", 1);
    writer.key("metadata");
    writer.begin_object();
    for (const auto& [name, value] : settings.metadata) writer.member(name, value);
    writer.end_object();
    writer.member("createdAt", to_iso8601(endpoint.row.created_at));
    writer.member("updatedAt", to_iso8601(endpoint.row.updated_at));
}

void append_endpoint(JsonWriter& writer, const OpenEndpoint& endpoint, const IdCodec& ids) {
    writer.begin_object();
    append_endpoint_members(writer, endpoint, ids);
    writer.end_object();
}

}  // namespace postern::daemon::svix
