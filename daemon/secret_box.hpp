#pragma once

#include "core/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace postern::daemon {

// Seals what must not be readable in the store's files or a backup: endpoint secrets, stored
// answers. AES-256-GCM under a key that lies beside the store and is never in it.
class SecretBox {
 public:
    explicit SecretBox(std::string key_32_bytes);
    // `purpose` ties a sealed text to its use: one sealed as another opens as nothing.
    std::string seal(std::string_view purpose, std::string_view text) const;
    std::optional<std::string> open(std::string_view purpose, std::string_view sealed) const;
    // 32 bytes for another use of the same key: the signing key's seed.
    std::string derive(std::string_view purpose) const;

 private:
    std::string key_;
};

}  // namespace postern::daemon
