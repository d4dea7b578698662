#pragma once

#include <string>
#include <string_view>

namespace postern::daemon {

inline constexpr std::string_view kMask = "****";

// Whether values of that name are nobody's to read: "card[number]" by its part "number",
// "client_secret", "cardNumber". Words of a name are told apart by '_', '-', '.' and capitals.
bool is_secret_name(std::string_view name);

// Digits that may be a card's number become a mask, also with spaces or dashes between them. So
// does a key, and all of a text that begins with one or has a secret in it. Of an e-mail address
// the first character and the domain stay: "a***@example.com".
std::string with_secrets_masked(std::string_view text);

}  // namespace postern::daemon
