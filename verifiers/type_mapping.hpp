#pragma once

#include "core/unified_event.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>

// Tables from a provider's words to ours.
namespace postern::verifiers {

struct TypeMapping {
    std::string_view provider_type;
    EventType type;
};

// The row of that word; nullptr: outside our vocabulary. A provider that has to know more than a
// type puts it into rows of its own, beside their `provider_type`.
template <class Rows>
constexpr auto* find_mapping(const Rows& rows, std::string_view provider_type) {
    const auto* end = std::data(rows) + std::size(rows);
    const auto* found = std::find_if(std::data(rows), end, [provider_type](const auto& row) {
        return row.provider_type == provider_type;
    });
    return found == end ? nullptr : found;
}

// nullopt: outside our vocabulary.
std::optional<EventType>
mapped_type(std::span<const TypeMapping> mappings, std::string_view provider_type);

}  // namespace postern::verifiers
