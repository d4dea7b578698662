#include "core/http_message.hpp"

#include "core/bytes.hpp"

namespace postern {
namespace {

constexpr char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower(a[i]) != lower(b[i])) return false;
    }
    return true;
}

std::string to_lower(std::string_view text) {
    std::string lowered{text};
    for (char& c : lowered) c = lower(c);
    return lowered;
}

std::string_view trim_spaces(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::optional<std::string_view> HttpFields::find(std::string_view name) const {
    for (const HttpField& field : fields_) {
        if (equal_ignoring_case(field.name, name)) return field.value;
    }
    return std::nullopt;
}

std::string_view HttpFields::value_or_empty(std::string_view name) const {
    return find(name).value_or(std::string_view{});
}

std::vector<std::string_view> HttpFields::all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (const HttpField& field : fields_) {
        if (equal_ignoring_case(field.name, name)) values.push_back(field.value);
    }
    return values;
}

std::string_view reason_phrase(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 303: return "See Other";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 402: return "Payment Required";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 498: return "Invalid Token";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        case 508: return "Loop Detected";
        default: return "Status";
    }
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(std::string_view text) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!text.empty()) {
        const auto end = text.find('&');
        const std::string_view part = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (part.empty()) continue;
        const auto equals = part.find('=');
        auto name = decode_form_component(part.substr(0, equals));
        auto value = decode_form_component(
            equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1)
        );
        if (!name || !value) return std::nullopt;
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
    const auto pairs = parse_form(query);
    if (!pairs) return std::nullopt;
    for (const auto& [key, value] : *pairs) {
        if (key == name) return value;
    }
    return std::nullopt;
}

}  // namespace postern
