#include "core/http_message.hpp"
#include "dispatch/endpoint_settings.hpp"

#include <algorithm>
#include <cstring>

namespace postern::dispatch {
namespace {

constexpr std::string_view kForbiddenNames[] = {
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "cookie2",
    "date",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "onerway-signature",
    "set-cookie",
    "stripe-signature",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
};

constexpr std::string_view kForbiddenPrefixes[] = {"proxy-", "webhook-", "svix-", "postern-"};

bool is_token_character(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return true;
    return c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr;
}

bool is_value_character(char c) {
    return c == '\t' || (c >= ' ' && c <= '~');
}

}  // namespace

bool is_forbidden_header(std::string_view name) {
    const std::string lower = to_lower(name);
    const auto begins_it = [&lower](std::string_view prefix) {
        return lower.starts_with(prefix);
    };
    return std::find(std::begin(kForbiddenNames), std::end(kForbiddenNames), lower)
               != std::end(kForbiddenNames)
           || std::any_of(std::begin(kForbiddenPrefixes), std::end(kForbiddenPrefixes), begins_it);
}

std::optional<std::string> complaint_about_header(const HttpField& header) {
    const std::string_view name = header.name;
    if (name.empty() || !std::all_of(name.begin(), name.end(), is_token_character)) {
        return "is not a header name";
    }
    if (is_forbidden_header(name)) return "is set by Postern or by the connection; choose another";
    const std::string_view value = header.value;
    if (!std::all_of(value.begin(), value.end(), is_value_character)) {
        return "may hold only printable ASCII characters and spaces";
    }
    if (trim_spaces(value) != value) return "must not begin or end with a space";
    return std::nullopt;
}

}  // namespace postern::dispatch
