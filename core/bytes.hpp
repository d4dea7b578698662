#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace postern {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);  // either case; even length

std::string to_base64(std::string_view bytes);  // standard alphabet, padded
// Standard alphabet; padding may be missing but not wrong; no white space.
std::optional<std::string> from_base64(std::string_view text);

// application/x-www-form-urlencoded: '+' is a space, %XX a byte. A broken escape is refused.
std::optional<std::string> decode_form_component(std::string_view text);
// %XX only, '+' stays: for paths.
std::optional<std::string> decode_percent(std::string_view text);
std::string encode_percent(std::string_view text);  // all but unreserved characters

inline std::string_view as_text(std::span<const unsigned char> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline const unsigned char* as_bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace postern
