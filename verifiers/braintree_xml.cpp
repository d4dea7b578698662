#include "verifiers/braintree_xml.hpp"

#include "core/utf8.hpp"

#include <array>
#include <charconv>

namespace postern::verifiers {
namespace {

constexpr std::string_view kSpaces = " \t\r\n";
// "#x10ffff" is the longest reference that can mean something.
constexpr std::size_t kReferenceBytesMax = 8;

bool is_space(char c) {
    return kSpaces.find(c) != std::string_view::npos;
}

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_part(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

// XML has no way to say most control characters, not even as references.
bool is_xml_character(char32_t c) {
    if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
    return c <= 0x10ffff && (c < 0xd800 || c > 0xdfff) && c != 0xfffe && c != 0xffff;
}

bool is_xml_text(std::string_view text) {
    if (!is_utf8(text)) return false;
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 && !is_space(c)) return false;
    }
    return true;
}

// "#233" or "#xe9", without the ampersand and the semicolon.
std::optional<char32_t> character_of(std::string_view reference) {
    if (!reference.starts_with('#')) return std::nullopt;
    reference.remove_prefix(1);
    const int base = reference.starts_with('x') ? 16 : 10;
    if (base == 16) reference.remove_prefix(1);
    std::uint32_t value = 0;
    const char* end = reference.data() + reference.size();
    const auto [stop, error] = std::from_chars(reference.data(), end, value, base);
    if (error != std::errc{} || stop != end || reference.empty()) return std::nullopt;
    if (!is_xml_character(value)) return std::nullopt;
    return value;
}

struct NamedEntity {
    std::string_view name;
    char character;
};

constexpr std::array kNamedEntities = {
    NamedEntity{"amp", '&'},
    NamedEntity{"lt", '<'},
    NamedEntity{"gt", '>'},
    NamedEntity{"quot", '"'},
    NamedEntity{"apos", '\''},
};

bool append_reference(std::string& out, std::string_view reference) {
    for (const NamedEntity& entity : kNamedEntities) {
        if (reference != entity.name) continue;
        out += entity.character;
        return true;
    }
    const auto character = character_of(reference);
    if (!character) return false;
    append_utf8(out, *character);
    return true;
}

bool append_text(std::string& out, std::string_view raw) {
    while (!raw.empty()) {
        const auto ampersand = raw.find('&');
        out += raw.substr(0, ampersand);
        if (ampersand == std::string_view::npos) return true;
        raw.remove_prefix(ampersand + 1);
        const auto semicolon = raw.substr(0, kReferenceBytesMax + 1).find(';');
        if (semicolon == std::string_view::npos) return false;
        if (!append_reference(out, raw.substr(0, semicolon))) return false;
        raw.remove_prefix(semicolon + 1);
    }
    return true;
}

class XmlReader {
 public:
    XmlReader(std::string_view text, XmlLimits limits) : rest_{text}, limits_{limits} {}

    std::optional<XmlElement> read_document() {
        XmlElement root;
        if (!skip_declaration() || !skip_misc()) return std::nullopt;
        if (!read_element(root, 1)) return std::nullopt;
        if (!skip_misc() || !rest_.empty()) return std::nullopt;
        return root;
    }

 private:
    bool take(std::string_view expected) {
        if (!rest_.starts_with(expected)) return false;
        rest_.remove_prefix(expected.size());
        return true;
    }

    void skip_spaces() {
        const auto end = rest_.find_first_not_of(kSpaces);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
    }

    bool skip_past(std::string_view end) {
        const auto at = rest_.find(end);
        if (at == std::string_view::npos) return false;
        rest_.remove_prefix(at + end.size());
        return true;
    }

    bool skip_declaration() {
        take("\xef\xbb\xbf");
        if (!rest_.starts_with("<?xml") || rest_.size() < 6 || !is_space(rest_[5])) return true;
        return skip_past("?>");
    }

    // Spaces and comments around the root. Anything else stays and is refused by what comes next.
    bool skip_misc() {
        skip_spaces();
        while (take("<!--")) {
            if (!skip_past("-->")) return false;
            skip_spaces();
        }
        return true;
    }

    std::string_view take_name() {
        if (rest_.empty() || !is_name_start(rest_.front())) return {};
        std::size_t length = 1;
        while (length < rest_.size() && is_name_part(rest_[length])) ++length;
        const std::string_view name = rest_.substr(0, length);
        rest_.remove_prefix(length);
        return name;
    }

    // Attributes say types that we do not need, but a broken one makes the whole text doubtful.
    bool skip_attributes() {
        for (;;) {
            const bool separated = !rest_.empty() && is_space(rest_.front());
            skip_spaces();
            if (rest_.empty()) return false;
            if (rest_.front() == '>' || rest_.front() == '/') return true;
            if (!separated || take_name().empty()) return false;
            skip_spaces();
            if (!take("=")) return false;
            skip_spaces();
            if (!skip_attribute_value()) return false;
        }
    }

    bool skip_attribute_value() {
        if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return false;
        const char quote = rest_.front();
        rest_.remove_prefix(1);
        const auto end = rest_.find(quote);
        if (end == std::string_view::npos) return false;
        const std::string_view value = rest_.substr(0, end);
        rest_.remove_prefix(end + 1);
        std::string ignored;
        return value.find('<') == std::string_view::npos && append_text(ignored, value);
    }

    bool read_element(XmlElement& element, std::uint32_t depth) {
        if (depth > limits_.depth_max || ++elements_ > limits_.elements_max) return false;
        if (!take("<")) return false;
        element.name = take_name();
        if (element.name.empty() || !skip_attributes()) return false;
        if (take("/>")) return true;
        return take(">") && read_content(element, depth);
    }

    bool read_content(XmlElement& element, std::uint32_t depth) {
        for (;;) {
            const auto bracket = rest_.find('<');
            if (bracket == std::string_view::npos) return false;
            if (!append_text(element.text, rest_.substr(0, bracket))) return false;
            rest_.remove_prefix(bracket);
            if (take("</")) return close(element);
            if (take("<!--")) {
                if (!skip_past("-->")) return false;
                continue;
            }
            if (!read_element(element.children.emplace_back(), depth + 1)) return false;
        }
    }

    bool close(const XmlElement& element) {
        if (take_name() != element.name) return false;
        skip_spaces();
        return take(">");
    }

    std::string_view rest_;
    XmlLimits limits_;
    std::uint32_t elements_ = 0;
};

const XmlElement& no_element() {
    static const XmlElement none;
    return none;
}

}  // namespace

const XmlElement& XmlElement::child(std::string_view wanted) const {
    for (const XmlElement& element : children) {
        if (element.name == wanted) return element;
    }
    return no_element();
}

const XmlElement& XmlElement::first_child() const {
    return children.empty() ? no_element() : children.front();
}

std::optional<XmlElement> parse_braintree_xml(std::string_view text, XmlLimits limits) {
    if (!is_xml_text(text)) return std::nullopt;
    return XmlReader{text, limits}.read_document();
}

}  // namespace postern::verifiers
