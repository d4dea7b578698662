#include "core/crypto.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <bit>
#include <cstring>
#include <utility>

namespace postern {
namespace {

struct DigestContextFree {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using DigestContext = std::unique_ptr<EVP_MD_CTX, DigestContextFree>;

struct MacContextFree {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacContextFree>;

struct CipherContextFree {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, CipherContextFree>;

const EVP_MD* digest_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1: return EVP_sha1();
        case HashAlgorithm::sha256: return EVP_sha256();
        case HashAlgorithm::sha512: return EVP_sha512();
    }
    return nullptr;
}

const char* name_of(HashAlgorithm algorithm) {
    switch (algorithm) {
        case HashAlgorithm::sha1: return "SHA1";
        case HashAlgorithm::sha256: return "SHA256";
        case HashAlgorithm::sha512: return "SHA512";
    }
    return nullptr;
}

constexpr std::size_t kGcmTagBytes = 16;
constexpr std::size_t kGcmNonceBytes = 12;
constexpr std::size_t kAes256KeyBytes = 32;

unsigned char* writable(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

}  // namespace

std::string hash(HashAlgorithm algorithm, Pieces pieces) {
    const DigestContext context{EVP_MD_CTX_new()};
    POSTERN_ASSERT(EVP_DigestInit_ex(context.get(), digest_of(algorithm), nullptr) == 1);
    for (const std::string_view piece : pieces) {
        POSTERN_ASSERT(EVP_DigestUpdate(context.get(), piece.data(), piece.size()) == 1);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    POSTERN_ASSERT(EVP_DigestFinal_ex(context.get(), digest.data(), &length) == 1);
    return std::string{as_text({digest.data(), length})};
}

std::string sha256(std::string_view bytes) {
    return hash(HashAlgorithm::sha256, {bytes});
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
    std::string bytes(count, '\0');
    POSTERN_ASSERT(RAND_bytes(writable(bytes), static_cast<int>(count)) == 1);
    return bytes;
}

void wipe(std::string& secret) {
    OPENSSL_cleanse(secret.data(), secret.size());
    secret.clear();
}

struct HmacKey::Keyed {
    MacContext context;
};

HmacKey::HmacKey(HashAlgorithm algorithm, std::string_view secret)
    : keyed_{std::make_unique<Keyed>()} {
    // Fetched once and kept for the life of the process: every key of it shares the algorithm.
    static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    POSTERN_ASSERT(mac != nullptr);
    keyed_->context.reset(EVP_MAC_CTX_new(mac));
    std::string digest{name_of(algorithm)};
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    // OpenSSL takes a null key as "keep the old one", so an empty secret needs an address.
    const unsigned char* key = secret.empty() ? as_bytes(" ") : as_bytes(secret);
    POSTERN_ASSERT(EVP_MAC_init(keyed_->context.get(), key, secret.size(), parameters.data()) == 1);
}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

std::string HmacKey::sign(Pieces pieces) const {
    const MacContext context{EVP_MAC_CTX_dup(keyed_->context.get())};
    POSTERN_ASSERT(context != nullptr);
    for (const std::string_view piece : pieces) {
        POSTERN_ASSERT(EVP_MAC_update(context.get(), as_bytes(piece), piece.size()) == 1);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    std::size_t length = 0;
    POSTERN_ASSERT(EVP_MAC_final(context.get(), digest.data(), &length, digest.size()) == 1);
    return std::string{as_text({digest.data(), length})};
}

std::optional<std::string> decrypt_aes_256_gcm(const AesGcmInput& input) {
    if (input.key.size() != kAes256KeyBytes || input.nonce.size() != kGcmNonceBytes) {
        return std::nullopt;
    }
    if (input.text.size() < kGcmTagBytes) return std::nullopt;
    const std::string_view sealed = input.text.substr(0, input.text.size() - kGcmTagBytes);
    std::string tag{input.text.substr(sealed.size())};
    const CipherContext context{EVP_CIPHER_CTX_new()};
    EVP_CIPHER_CTX* cipher = context.get();
    int written = 0;
    POSTERN_ASSERT(
        EVP_DecryptInit_ex(
            cipher, EVP_aes_256_gcm(), nullptr, as_bytes(input.key), as_bytes(input.nonce)
        )
        == 1
    );
    const std::string_view aad = input.associated_data;
    if (!aad.empty()) {
        const int size = static_cast<int>(aad.size());
        POSTERN_ASSERT(EVP_DecryptUpdate(cipher, nullptr, &written, as_bytes(aad), size) == 1);
    }
    std::string plain(sealed.size() + kGcmTagBytes, '\0');
    const int size = static_cast<int>(sealed.size());
    POSTERN_ASSERT(
        EVP_DecryptUpdate(cipher, writable(plain), &written, as_bytes(sealed), size) == 1
    );
    std::size_t length = static_cast<std::size_t>(written);
    EVP_CIPHER_CTX_ctrl(
        cipher, EVP_CTRL_GCM_SET_TAG, static_cast<int>(kGcmTagBytes), writable(tag)
    );
    // Only here is the tag checked: text is worth nothing before.
    if (EVP_DecryptFinal_ex(cipher, writable(plain) + length, &written) != 1) return std::nullopt;
    length += static_cast<std::size_t>(written);
    plain.resize(length);
    return plain;
}

std::string encrypt_aes_256_gcm(const AesGcmInput& input) {
    POSTERN_ASSERT(input.key.size() == kAes256KeyBytes);
    POSTERN_ASSERT(input.nonce.size() == kGcmNonceBytes);
    const CipherContext context{EVP_CIPHER_CTX_new()};
    EVP_CIPHER_CTX* cipher = context.get();
    int written = 0;
    POSTERN_ASSERT(
        EVP_EncryptInit_ex(
            cipher, EVP_aes_256_gcm(), nullptr, as_bytes(input.key), as_bytes(input.nonce)
        )
        == 1
    );
    const std::string_view aad = input.associated_data;
    if (!aad.empty()) {
        const int size = static_cast<int>(aad.size());
        POSTERN_ASSERT(EVP_EncryptUpdate(cipher, nullptr, &written, as_bytes(aad), size) == 1);
    }
    std::string sealed(input.text.size() + kGcmTagBytes, '\0');
    const int size = static_cast<int>(input.text.size());
    POSTERN_ASSERT(
        EVP_EncryptUpdate(cipher, writable(sealed), &written, as_bytes(input.text), size) == 1
    );
    const auto length = static_cast<std::size_t>(written);
    POSTERN_ASSERT(EVP_EncryptFinal_ex(cipher, writable(sealed) + length, &written) == 1);
    sealed.resize(length + kGcmTagBytes);
    POSTERN_ASSERT(
        EVP_CIPHER_CTX_ctrl(
            cipher, EVP_CTRL_GCM_GET_TAG, static_cast<int>(kGcmTagBytes), writable(sealed) + length
        )
        == 1
    );
    return sealed;
}

namespace {

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }

    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace

std::uint64_t sip_hash(const SipKey& key, std::string_view bytes) {
    SipState state{
        key.first ^ 0x736f6d6570736575ULL,
        key.second ^ 0x646f72616e646f6dULL,
        key.first ^ 0x6c7967656e657261ULL,
        key.second ^ 0x7465646279746573ULL};
    const std::uint64_t size = bytes.size();
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
        std::uint64_t word = 0;
        std::memcpy(&word, bytes.data(), 8);
        state.absorb(word);
    }
    std::uint64_t last = size << 56;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        last |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    state.absorb(last);
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace postern
