#pragma once

#include "core/json_document.hpp"
#include "core/result.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::verifiers {

// "$.data.items[0].id": where in a body an operator says that something lies. A path without steps
// leads nowhere.
class JsonPath {
 public:
    using Step = std::variant<std::string, std::size_t>;  // a member, or a place in an array

    // The complaint says what is wrong with the path, without its key.
    static Result<JsonPath, Complaint> parse(std::string_view text);

    JsonPath() = default;

    JsonValue find(JsonValue root) const;  // missing when any step is
    std::span<const Step> steps() const { return steps_; }

    bool operator==(const JsonPath&) const = default;

 private:
    std::vector<Step> steps_;
};

}  // namespace postern::verifiers
