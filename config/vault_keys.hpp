#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::config {

// A key that seals card numbers, and the name that is written beside what it sealed.
struct VaultKey {
    std::string name;
    std::string key_32_bytes;

    bool operator==(const VaultKey&) const = default;
};

// "2026a:<64 hexadecimal digits>", several separated by commas, spaces or lines, each name once;
// nullopt: it cannot be read. Nothing at all is no key.
std::optional<std::vector<VaultKey>> read_vault_keys(std::string_view text);

}  // namespace postern::config
