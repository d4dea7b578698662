#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::verifiers {

struct XmlLimits {
    std::uint32_t depth_max = 32;
    std::uint32_t elements_max = 20'000;
};

struct XmlElement {
    std::string name;
    std::string text;  // what stands directly in the element, in one piece
    std::vector<XmlElement> children;

    // The first child of that name, or an empty element, so that a path needs no check at each
    // step.
    const XmlElement& child(std::string_view wanted) const;
    const XmlElement& first_child() const;
    bool exists() const { return !name.empty(); }
};

// The XML that Braintree writes, and no more: elements, attributes (read over), text, comments, the
// five named entities and character references. No document type, so no entity can be declared and
// nothing can grow or be fetched; no CDATA; no processing instruction but the declaration.
std::optional<XmlElement> parse_braintree_xml(std::string_view text, XmlLimits limits = {});

}  // namespace postern::verifiers
