#include "daemon/api/body_reader.hpp"

#include "core/settings.hpp"
#include "daemon/api/parameters.hpp"

namespace postern::daemon {
namespace {

constexpr JsonLimits kBodyLimits{.depth_max = 32, .nodes_max = 10'000};

}  // namespace

BodyReader::BodyReader(std::string_view body) {
    if (body.empty()) return;
    auto document = JsonDocument::parse(body, kBodyLimits);
    if (!document) {
        complain("body", "must be JSON: " + document.error().message);
    } else if (!document->root().is_object()) {
        complain("body", "must be a JSON object");
    } else {
        document_ = std::move(*document);
    }
}

JsonValue BodyReader::object() const {
    return document_ ? document_->root() : JsonValue{};
}

JsonValue BodyReader::value(std::string_view name) {
    known_.emplace(name);
    const JsonValue found = object()[name];
    return found.is_null() ? JsonValue{} : found;
}

std::optional<std::string> BodyReader::text(std::string_view name, std::size_t bytes_max) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    if (found.is_string() && found.string().size() <= bytes_max) return std::string{found.string()};
    complain(name, "must be a text of at most " + std::to_string(bytes_max) + " bytes");
    return std::nullopt;
}

std::optional<std::int64_t> BodyReader::integer(std::string_view name, Integers bounds) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    const auto number = found.integer();
    if (number && *number >= bounds.min && *number <= bounds.max) return number;
    complain(
        name,
        "must be a whole number from " + std::to_string(bounds.min) + " to "
            + std::to_string(bounds.max)
    );
    return std::nullopt;
}

std::optional<TimePoint> BodyReader::time(std::string_view name) {
    const JsonValue found = value(name);
    if (!found.exists()) return std::nullopt;
    const auto moment = parse_moment(std::string{found.text()});
    if (!moment) complain(name, std::string{kMomentExpected});
    return moment;
}

void BodyReader::complain(std::string_view name, std::string message) {
    complaints_.push_back({std::string{name}, std::move(message)});
}

void BodyReader::complain(std::vector<dispatch::FieldComplaint> complaints) {
    for (dispatch::FieldComplaint& complaint : complaints) {
        complaints_.push_back({std::move(complaint.field), std::move(complaint.message)});
    }
}

std::optional<ApiError> BodyReader::complaints() {
    if (complaints_.empty()) return std::nullopt;
    return validation_error(std::move(complaints_));
}

std::optional<ApiError> BodyReader::finish() {
    for (const JsonMember& member : object().members()) {
        if (known_.find(member.key) != known_.end()) continue;
        std::string message = "unknown field";
        if (const auto meant = closest(member.key, known_)) {
            message += "; did you mean " + *meant + "?";
        } else if (known_.empty()) {
            message += "; this request takes none";
        }
        complain(member.key, std::move(message));
    }
    return complaints();
}

}  // namespace postern::daemon
