#pragma once

#include "core/settings.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace postern::verifiers {

// Less than this is a typing error or a placeholder, and could be guessed.
inline constexpr std::size_t kSecretBytesMin = 8;

enum class SecretEncoding { utf8, hex, base64 };

struct SecretRules {
    SecretEncoding encoding = SecretEncoding::utf8;
    std::string_view optional_prefix;  // taken off before decoding, where it is there
    std::size_t bytes_min = kSecretBytesMin;
    std::size_t bytes_max = std::string_view::npos;  // no limit
};

// The secrets as key bytes. What is wrong with one is complained about by its place in the list,
// for its text must not enter a message. Spaces around one are refused: they came along when it
// was pasted, and would make every signature wrong.
std::vector<std::string>
required_secrets(SettingsReader& reader, std::string_view key, SecretRules rules = {});
std::vector<std::string>
optional_secrets(SettingsReader& reader, std::string_view key, SecretRules rules = {});

// The same of a setting that holds exactly one text. Empty: none was set, or a complaint was made.
std::string required_secret(SettingsReader& reader, std::string_view key, SecretRules rules = {});
std::string optional_secret(SettingsReader& reader, std::string_view key, SecretRules rules = {});

// The address that a sender was told and signs, as it was told. Empty: none was set.
std::string required_notification_url(SettingsReader& reader);
std::string optional_notification_url(SettingsReader& reader);

// How far a signing time may be from ours, either way.
std::chrono::seconds read_tolerance(SettingsReader& reader);

}  // namespace postern::verifiers
