#include "core/json_repeats.hpp"

#include <algorithm>
#include <string_view>

namespace postern {
namespace {

using Path = std::vector<std::string>;

std::optional<Path> below(std::string name, JsonValue value) {
    auto path = repeated_member(value);
    if (path) path->insert(path->begin(), std::move(name));
    return path;
}

std::optional<Path> repeated_in_object(JsonValue object) {
    const std::vector<JsonMember> members = object.members();
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const JsonMember& member : members) names.push_back(member.key);
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) return Path{std::string{*twice}};
    for (const JsonMember& member : members) {
        if (auto path = below(std::string{member.key}, member.value)) return path;
    }
    return std::nullopt;
}

std::optional<Path> repeated_in_array(JsonValue array) {
    std::size_t index = 0;
    for (const JsonValue item : array.items()) {
        if (auto path = below(std::to_string(index), item)) return path;
        ++index;
    }
    return std::nullopt;
}

}  // namespace

// As deep as the document, whose parser bounds that.
std::optional<Path> repeated_member(JsonValue value) {
    if (value.is_object()) return repeated_in_object(value);
    if (value.is_array()) return repeated_in_array(value);
    return std::nullopt;
}

}  // namespace postern
