#include "daemon/secret_box.hpp"

#include "core/assert.hpp"
#include "core/crypto.hpp"

#include <utility>

namespace postern::daemon {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

// Two families of derived keys that can never be each other's, whatever the purposes are called.
constexpr std::string_view kSealLabel{"seal\0", 5};
constexpr std::string_view kDeriveLabel{"derive\0", 7};

std::string key_for(std::string_view key, Pieces label_and_purpose) {
    return HmacKey{HashAlgorithm::sha256, key}.sign(label_and_purpose);
}

}  // namespace

SecretBox::SecretBox(std::string key_32_bytes) : key_{std::move(key_32_bytes)} {
    POSTERN_ASSERT(key_.size() == kKeyBytes);
}

std::string SecretBox::seal(std::string_view purpose, std::string_view text) const {
    std::string key = key_for(key_, {kSealLabel, purpose});
    std::string sealed = random_bytes(kNonceBytes);
    sealed +=
        encrypt_aes_256_gcm({.key = key, .nonce = sealed, .associated_data = purpose, .text = text}
        );
    wipe(key);
    return sealed;
}

std::optional<std::string> SecretBox::open(std::string_view purpose, std::string_view sealed)
    const {
    if (sealed.size() < kNonceBytes + kTagBytes) return std::nullopt;
    std::string key = key_for(key_, {kSealLabel, purpose});
    auto text = decrypt_aes_256_gcm(
        {.key = key,
         .nonce = sealed.substr(0, kNonceBytes),
         .associated_data = purpose,
         .text = sealed.substr(kNonceBytes)}
    );
    wipe(key);
    return text;
}

std::string SecretBox::derive(std::string_view purpose) const {
    return key_for(key_, {kDeriveLabel, purpose});
}

}  // namespace postern::daemon
