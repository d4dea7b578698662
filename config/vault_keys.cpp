#include "config/vault_keys.hpp"

#include "config/gateways.hpp"
#include "core/bytes.hpp"

#include <algorithm>

namespace postern::config {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::string_view kBetween = ", \t\r\n";

std::optional<VaultKey> read_one(std::string_view text) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(0, colon);
    auto key = from_hex(text.substr(colon + 1));
    if (!is_gateway_id(name) || !key || key->size() != kKeyBytes) return std::nullopt;
    return VaultKey{.name = std::string{name}, .key_32_bytes = std::move(*key)};
}

}  // namespace

std::optional<std::vector<VaultKey>> read_vault_keys(std::string_view text) {
    std::vector<VaultKey> keys;
    for (;;) {
        const auto begin = text.find_first_not_of(kBetween);
        if (begin == std::string_view::npos) return keys;
        text.remove_prefix(begin);
        const std::string_view word = text.substr(0, text.find_first_of(kBetween));
        text.remove_prefix(word.size());
        auto key = read_one(word);
        if (!key) return std::nullopt;
        const bool taken = std::any_of(keys.begin(), keys.end(), [&key](const VaultKey& other) {
            return other.name == key->name;
        });
        if (taken) return std::nullopt;
        keys.push_back(std::move(*key));
    }
}

}  // namespace postern::config
