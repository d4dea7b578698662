#include "daemon/api/parameters.hpp"

#include "core/json_document.hpp"
#include "core/numbers.hpp"
#include "core/settings.hpp"

#include <algorithm>

namespace postern::daemon {

using storage::kPageRowsMax;
using storage::Order;

namespace {

constexpr std::size_t kPageRowsDefault = 20;
// Ids hold milliseconds in 43 bits, so a moment outside cannot become a border in the table.
constexpr TimePoint kTimeMin = from_unix_seconds(0);
constexpr TimePoint kTimeMax = from_unix_seconds(7'258'118'400);  // 2200-01-01

// '+' is a space in a query, and the offset of a time is often sent without escaping it.
std::string with_plus_offset(std::string text) {
    const auto time = text.find('T');
    const auto space = time == std::string::npos ? time : text.find(' ', time);
    if (space != std::string::npos) text[space] = '+';
    return text;
}

std::string quoted(std::string_view text) {
    std::string result = "'";
    result += text;
    result += '\'';
    return result;
}

std::string
unknown_message(std::string_view name, const std::set<std::string, std::less<>>& known) {
    const auto meant = closest(name, known);
    if (meant) return "unknown parameter; did you mean " + quoted(*meant) + "?";
    if (known.empty()) return "unknown parameter; there are none here";
    std::string message = "unknown parameter; known here are ";
    for (const std::string& one : known) {
        if (one != *known.begin()) message += ", ";
        message += one;
    }
    return message;
}

}  // namespace

ParameterReader::ParameterReader(std::string_view query) {
    auto pairs = parse_form(query);
    if (!pairs) {
        complaints_.push_back({"query", "has a broken percent escape"});
        return;
    }
    for (auto& [name, value] : *pairs) {
        const auto [place, added] = values_.emplace(std::move(name), std::move(value));
        if (!added) complain(place->first, "is given more than once");
    }
}

std::optional<std::string> ParameterReader::text(std::string_view name) {
    known_.emplace(name);
    const auto found = values_.find(name);
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

std::optional<TimePoint> ParameterReader::time(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return std::nullopt;
    const auto moment = parse_moment(*sent);
    if (!moment) complain(name, std::string{kMomentExpected});
    return moment;
}

std::int64_t ParameterReader::position(std::string_view name) {
    const auto sent = text(name);
    if (!sent) return 0;
    const auto number = parse_integer(*sent);
    if (number && *number >= 0) return *number;
    complain(name, "must be a whole number");
    return 0;
}

std::size_t ParameterReader::limit() {
    const auto sent = text("limit");
    if (!sent) return kPageRowsDefault;
    const auto number = parse_unsigned(*sent);
    if (number && *number >= 1 && *number <= kPageRowsMax) return *number;
    complain("limit", "must be a whole number from 1 to " + std::to_string(kPageRowsMax));
    return kPageRowsDefault;
}

Order ParameterReader::order(Order otherwise) {
    const auto sent = text("order");
    if (!sent) return otherwise;
    if (*sent == "asc") return Order::oldest_first;
    if (*sent == "desc") return Order::newest_first;
    complain("order", "must be asc or desc");
    return otherwise;
}

void ParameterReader::complain(std::string_view name, std::string message) {
    complaints_.push_back({std::string{name}, std::move(message)});
}

void ParameterReader::complain_about_cursor() {
    complain("cursor", "must be the next_cursor of an earlier answer of this list");
}

std::optional<ApiError> ParameterReader::finish() {
    for (const auto& [name, value] : values_) {
        if (known_.find(name) == known_.end()) complain(name, unknown_message(name, known_));
    }
    if (complaints_.empty()) return std::nullopt;
    return validation_error(std::move(complaints_));
}

std::optional<TimePoint> parse_moment(const std::string& text) {
    const auto seconds = parse_unsigned(text);
    if (seconds && *seconds > static_cast<std::uint64_t>(unix_seconds(kTimeMax))) {
        return std::nullopt;
    }
    const auto moment = seconds
                            ? std::optional{from_unix_seconds(static_cast<std::int64_t>(*seconds))}
                            : from_iso8601(with_plus_offset(text));
    if (!moment || *moment < kTimeMin || *moment > kTimeMax) return std::nullopt;
    return moment;
}

ApiError validation_error(std::vector<ApiError::Detail> details) {
    std::string message = details.front().field + ": " + details.front().message;
    if (details.size() > 1) {
        message += " (and " + std::to_string(details.size() - 1) + " more, see details)";
    }
    return {
        .status = 400,
        .code = "VALIDATION_ERROR",
        .message = std::move(message),
        .details = std::move(details)};
}

ApiError unknown_gateway_error() {
    return validation_error({{"gateway", "must be the id of a gateway, see /api/v2/gateways"}});
}

std::optional<ApiError> check_body_is_empty(std::string_view body) {
    if (body.empty()) return std::nullopt;
    const auto document = JsonDocument::parse(body);
    if (!document || !document->root().is_object()) {
        return validation_error({{"body", "must be empty or a JSON object"}});
    }
    std::vector<ApiError::Detail> details;
    for (const JsonMember& member : document->root().members()) {
        details.push_back({std::string{member.key}, "unknown field; this request takes none"});
    }
    if (details.empty()) return std::nullopt;
    return validation_error(std::move(details));
}

}  // namespace postern::daemon
