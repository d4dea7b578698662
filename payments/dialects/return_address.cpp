#include "payments/dialects/return_address.hpp"

#include "core/http_message.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace postern::payments {
namespace {

constexpr std::array<std::string_view, 5> kRefusedSchemes =
    {"blob", "data", "file", "javascript", "vbscript"};

bool is_printable(char c) {
    return static_cast<unsigned char>(c) > ' ' && c != '\x7f';
}

bool is_scheme_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

}  // namespace

bool is_return_address(std::string_view text) {
    if (text.size() > kReturnAddressBytesMax) return false;
    if (!std::all_of(text.begin(), text.end(), is_printable)) return false;
    const auto end = text.find("://");
    if (end == 0 || end == std::string_view::npos) return false;
    const std::string scheme = to_lower(text.substr(0, end));
    if (!std::all_of(scheme.begin(), scheme.end(), is_scheme_character)) return false;
    const auto& refused = kRefusedSchemes;
    if (std::find(refused.begin(), refused.end(), scheme) != refused.end()) return false;
    const std::string_view rest = text.substr(end + 3);
    return !rest.empty() && std::string_view{"/?#:"}.find(rest.front()) == std::string_view::npos;
}

}  // namespace postern::payments
