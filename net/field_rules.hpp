#pragma once

#include <string_view>

// The character rules of RFC 9110 §5, shared by heads and trailers.
namespace postern::net {

bool is_token(std::string_view text);        // not empty
bool is_field_value(std::string_view text);  // HTAB, SP, visible ASCII, bytes from 0x80 up

struct FieldLine {
    std::string_view name;
    std::string_view value;  // without the white space around it
};

// "Name: value" without its line end. False for a fold, space before the colon, or a bad byte.
bool parse_field_line(std::string_view line, FieldLine& field);

}  // namespace postern::net
