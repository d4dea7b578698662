#include "daemon/faces/stripe/replies.hpp"

#include "core/error_code_url.hpp"
#include "core/time.hpp"
#include "daemon/api/replies.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon::stripe {
namespace {

constexpr std::string_view kInvalidRequest = "invalid_request_error";
constexpr std::string_view kErrorStart = R"({"error":{)";
constexpr std::string_view kNativeRequestId = "X-Request-ID";

constexpr std::string_view kShouldRetryField = "Stripe-Should-Retry";
constexpr std::string_view kVersionField = "Onerway-Version";
constexpr std::string_view kVersionDefault = "2024-11-01";
// Sent back as they came. What a client may put into a field is bounded by the listener.
constexpr std::array<std::string_view, 3> kEchoed = {
    "Stripe-Version",
    "Stripe-Account",
    "Idempotency-Key"};

std::string method_and_path(const HttpRequest& request) {
    std::string text = " (";
    text += request.method;
    text += ": ";
    text += request.path;
    text += ')';
    return text;
}

// What shared code knows as a field of the native API ("event_types.0"), as this face names it
// ("enabled_events[0]").
std::string parameter_of(const NativeError& error) {
    if (error.details.empty()) return {};
    std::string_view field = error.details.front().field;
    auto dot = field.find('.');
    std::string name{field.substr(0, dot)};
    if (name == "event_types") name = "enabled_events";
    while (dot != std::string_view::npos) {
        field.remove_prefix(dot + 1);
        dot = field.find('.');
        name += '[';
        name += field.substr(0, dot);
        name += ']';
    }
    return name;
}

Error described(const NativeError& native, const HttpRequest& request, int status) {
    Error error{.status = status, .message = native.message};
    if (native.code == "NOT_FOUND") {
        error.message = "Unrecognized request URL" + method_and_path(request);
    } else if (native.code == "VALIDATION_ERROR") {
        error.parameter = parameter_of(native);
        if (!native.details.empty()) error.message = native.details.front().message;
    } else if (status == 429) {
        error.type = "rate_limit_error";
        error.code = "rate_limit";
    } else if (status >= 500) {
        error.type = "api_error";
    }
    return error;
}

}  // namespace

HttpReply error_reply(const Error& error) {
    HttpReply reply;
    reply.status = error.status;
    reply.content_type = kJsonContentType;
    JsonWriter writer{reply.body};
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    if (!error.code.empty()) {
        writer.member("code", error.code);
        writer.member("doc_url", error_code_url(error.code));
    }
    writer.member("message", error.message);
    if (!error.parameter.empty()) writer.member("param", error.parameter);
    writer.member("type", error.type);
    writer.end_object();
    writer.end_object();
    return reply;
}

HttpReply complaint_reply(const ParameterComplaint& complaint) {
    return error_reply(
        {.code = complaint.code, .message = complaint.message, .parameter = complaint.parameter}
    );
}

HttpReply missing_reply(const Missing& missing) {
    std::string message = "No such ";
    message += missing.what;
    message += ": '";
    message += missing.id;
    message += '\'';
    return error_reply(
        {.status = 404,
         .code = "resource_missing",
         .message = std::move(message),
         .parameter = "id"}
    );
}

void begin_list(JsonWriter& writer) {
    writer.begin_object();
    writer.member("object", "list");
    writer.key("data");
    writer.begin_array();
}

void end_list(JsonWriter& writer, const ListEnd& end) {
    writer.end_array();
    writer.member_boolean("has_more", end.has_more);
    writer.member("url", end.url);
    writer.end_object();
}

void append_deleted(JsonWriter& writer, const Deleted& deleted) {
    writer.begin_object();
    writer.member("id", deleted.id);
    writer.member("object", deleted.object);
    writer.member_boolean("deleted", true);
    writer.end_object();
}

std::string_view api_version_of(const HttpRequest& request) {
    return request.fields.find(kVersionField).value_or(kVersionDefault);
}

std::optional<HttpReply> refuse_version(const HttpRequest& request) {
    const std::string_view version = api_version_of(request);
    if (version.size() == kVersionDefault.size() && from_iso8601(version)) return std::nullopt;
    return error_reply({.message = "Invalid Onerway-Version: it must be a date such as 2024-11-01"}
    );
}

HttpReply in_own_words(const NativeError& native, const HttpRequest& request, HttpReply reply) {
    HttpReply own = error_reply(described(native, request, reply.status));
    own.fields = std::move(reply.fields);
    own.connection = reply.connection;
    // A store that is busy may answer next time; what broke a rule would break it again, and
    // Stripe's clients repeat every 5xx that they are not told about.
    if (reply.status >= 500) {
        const std::string_view again = reply.status == 503 ? "true" : "false";
        own.fields.push_back({std::string{kShouldRetryField}, std::string{again}});
    }
    return own;
}

// A repeated answer tells of the request that was carried out, as its body did the first time.
void add_log_url(HttpReply& reply, std::string_view public_url) {
    if (reply.status < 400 || !reply.body.starts_with(kErrorStart)) return;
    std::string_view request_id;
    for (const HttpReplyField& field : reply.fields) {
        if (field.name == "Request-Id" && request_id.empty()) request_id = field.value;
        if (field.name == "Original-Request") request_id = field.value;
    }
    std::string url{public_url};
    url += "/api/v2/request-logs?request_id=";
    url += request_id;
    std::string member = "\"request_log_url\":";
    append_json_string(member, url);
    member += ',';
    reply.body.insert(kErrorStart.size(), member);
}

HttpReply with_common_fields(const HttpRequest& request, HttpReply reply) {
    for (HttpReplyField& field : reply.fields) {
        if (field.name == kNativeRequestId) field.name = "Request-Id";
    }
    for (const std::string_view name : kEchoed) {
        const auto value = request.fields.find(name);
        if (value) reply.fields.push_back({std::string{name}, std::string{*value}});
    }
    reply.fields.push_back({std::string{kVersionField}, std::string{api_version_of(request)}});
    return reply;
}

}  // namespace postern::daemon::stripe
