#pragma once

#include <optional>
#include <string>
#include <string_view>

// PostgreSQL's TEXT holds neither a zero byte nor anything that is not UTF-8, while providers and
// clients may say both. So each byte that it would refuse is stored as one character of a private
// range, U+10FF00 and on, and read back as that byte. Every text has exactly one stored form, hence
// comparing for equality works, and what is read is what was written.
namespace postern::storage {

// The stored form; nullopt: the text is its own, which is nearly always.
std::optional<std::string> stored_text(std::string_view text);

// The text of a stored form; nullopt: it is its own.
std::optional<std::string> told_text(std::string_view stored);

}  // namespace postern::storage
