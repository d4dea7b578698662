#include "net/field_rules.hpp"

#include "core/http_message.hpp"

#include <array>
#include <cstdint>

namespace postern::net {
namespace {

constexpr std::uint8_t kTokenByte = 1;
constexpr std::uint8_t kValueByte = 2;

constexpr std::array<std::uint8_t, 256> make_classes() {
    std::array<std::uint8_t, 256> classes{};
    for (std::size_t byte = 0x20; byte < classes.size(); ++byte) classes[byte] = kValueByte;
    classes['\t'] = kValueByte;
    classes[0x7f] = 0;
    for (std::size_t byte = '0'; byte <= '9'; ++byte) classes[byte] |= kTokenByte;
    for (std::size_t byte = 'A'; byte <= 'Z'; ++byte) classes[byte] |= kTokenByte;
    for (std::size_t byte = 'a'; byte <= 'z'; ++byte) classes[byte] |= kTokenByte;
    for (const char mark : std::string_view{"!#$%&'*+-.^_`|~"}) {
        classes[static_cast<unsigned char>(mark)] |= kTokenByte;
    }
    return classes;
}

constexpr auto kClasses = make_classes();

bool all_of_class(std::string_view text, std::uint8_t wanted) {
    std::uint8_t common = 0xff;
    for (const char c : text) common &= kClasses[static_cast<unsigned char>(c)];
    return (common & wanted) != 0;
}

}  // namespace

bool is_token(std::string_view text) {
    return !text.empty() && all_of_class(text, kTokenByte);
}

bool is_field_value(std::string_view text) {
    return all_of_class(text, kValueByte);
}

bool parse_field_line(std::string_view line, FieldLine& field) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    field.name = line.substr(0, colon);
    field.value = trim_spaces(line.substr(colon + 1));
    return is_token(field.name) && is_field_value(field.value);
}

}  // namespace postern::net
