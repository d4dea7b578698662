#pragma once

#include <string_view>

namespace postern::daemon {

enum class SpokenLanguage { english, chinese };

// What Accept-Language asks for, of the languages that we speak: the one of the greatest weight,
// the earlier one of two that weigh the same. English for everybody else.
SpokenLanguage spoken_language(std::string_view accept_language);

}  // namespace postern::daemon
