#include "verifiers/json_path.hpp"

#include "core/numbers.hpp"

#include <optional>

namespace postern::verifiers {
namespace {

constexpr std::size_t kStepsMax = 32;
constexpr std::size_t kIndexMax = 9'999;

// Takes ".name" off the front.
std::optional<std::string> take_name(std::string_view& rest) {
    const std::string_view name = rest.substr(1, rest.find_first_of(".[]", 1) - 1);
    if (name.empty()) return std::nullopt;
    rest.remove_prefix(name.size() + 1);
    return std::string{name};
}

// Takes "[12]" off the front.
std::optional<std::size_t> take_index(std::string_view& rest) {
    const auto close = rest.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    const auto index = parse_unsigned(rest.substr(1, close - 1));
    if (!index || *index > kIndexMax) return std::nullopt;
    rest.remove_prefix(close + 1);
    return static_cast<std::size_t>(*index);
}

Complaint complaint_about(std::string_view path, std::string_view problem) {
    std::string message = "'";
    message += path;
    message += "' ";
    message += problem;
    return Complaint{std::move(message)};
}

}  // namespace

Result<JsonPath, Complaint> JsonPath::parse(std::string_view text) {
    if (!text.starts_with('$')) return complaint_about(text, "must begin with $, like $.data.id");
    std::string_view rest = text.substr(1);
    if (rest.empty()) return complaint_about(text, "must lead to a member, like $.data.id");
    JsonPath path;
    while (!rest.empty()) {
        if (path.steps_.size() == kStepsMax) return complaint_about(text, "has too many steps");
        if (rest.front() == '.') {
            auto name = take_name(rest);
            if (!name) return complaint_about(text, "has a dot without a name after it");
            path.steps_.emplace_back(std::move(*name));
        } else if (rest.front() == '[') {
            const auto index = take_index(rest);
            if (!index) return complaint_about(text, "has brackets without a small number");
            path.steps_.emplace_back(*index);
        } else {
            return complaint_about(text, "must go on with .name or [number]");
        }
    }
    return path;
}

JsonValue JsonPath::find(JsonValue root) const {
    if (steps_.empty()) return {};
    for (const Step& step : steps_) {
        if (const auto* index = std::get_if<std::size_t>(&step)) {
            root = root[*index];
        } else {
            root = root[std::string_view{std::get<std::string>(step)}];
        }
    }
    return root;
}

}  // namespace postern::verifiers
