#include "verifiers/type_mapping.hpp"

namespace postern::verifiers {

std::optional<EventType>
mapped_type(std::span<const TypeMapping> mappings, std::string_view provider_type) {
    const TypeMapping* mapping = find_mapping(mappings, provider_type);
    if (mapping == nullptr) return std::nullopt;
    return mapping->type;
}

}  // namespace postern::verifiers
