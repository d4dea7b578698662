#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Everything that touches OpenSSL's libcrypto. Digests and signatures are byte strings.
namespace postern {

enum class HashAlgorithm { sha1, sha256, sha512 };

using Pieces = std::initializer_list<std::string_view>;

std::string hash(HashAlgorithm algorithm, Pieces pieces);
std::string sha256(std::string_view bytes);

// Length may leak, content may not: both sides are compared to the last byte.
bool equal_in_constant_time(std::string_view a, std::string_view b);

std::string random_bytes(std::size_t count);

// Overwrites the text before it is given back to the allocator.
void wipe(std::string& secret);

// A secret with its key schedule done once: signing a message then costs two hash passes less.
// Safe to share between threads.
class HmacKey {
 public:
    HmacKey(HashAlgorithm algorithm, std::string_view secret);
    HmacKey(HmacKey&&) noexcept;
    HmacKey& operator=(HmacKey&&) noexcept;
    ~HmacKey();

    std::string sign(Pieces pieces) const;

 private:
    struct Keyed;
    std::unique_ptr<Keyed> keyed_;
};

// What an asymmetric signature is checked with. PKCS#1 v1.5 for RSA, plain for ed25519.
class PublicKey {
 public:
    // PEM ("PUBLIC KEY", "RSA PUBLIC KEY" or a certificate's key), or the bare base64 of a
    // SubjectPublicKeyInfo as Alipay's console shows it.
    static Result<PublicKey, Complaint> parse(std::string_view text);
    static Result<PublicKey, Complaint> ed25519(std::string_view raw_32_bytes);

    PublicKey(PublicKey&&) noexcept;
    PublicKey& operator=(PublicKey&&) noexcept;
    ~PublicKey();

    bool verify(HashAlgorithm algorithm, Pieces message, std::string_view signature) const;
    bool verify_ed25519(std::string_view message, std::string_view signature) const;

 private:
    struct Handle;
    friend class Certificate;
    explicit PublicKey(std::unique_ptr<Handle> handle);
    std::unique_ptr<Handle> handle_;
};

class PrivateKey {
 public:
    static Result<PrivateKey, Complaint> parse(std::string_view pem);
    static PrivateKey generate_rsa_2048();
    static Result<PrivateKey, Complaint> ed25519(std::string_view raw_32_byte_seed);

    PrivateKey(PrivateKey&&) noexcept;
    PrivateKey& operator=(PrivateKey&&) noexcept;
    ~PrivateKey();

    std::string sign(HashAlgorithm algorithm, Pieces message) const;
    std::string sign_ed25519(std::string_view message) const;
    std::string to_pem() const;
    std::string public_key_pem() const;
    std::string ed25519_public_bytes() const;

 private:
    struct Handle;
    friend class Certificate;
    explicit PrivateKey(std::unique_ptr<Handle> handle);
    std::unique_ptr<Handle> handle_;
};

struct SelfSigned {
    std::string_view common_name;
    TimePoint not_before;
    TimePoint not_after;
};

class Certificate {
 public:
    // Every certificate of a PEM text, in its order (leaf first by convention).
    static Result<std::vector<Certificate>, Complaint> parse_chain(std::string_view pem);
    static std::string make_self_signed_pem(const PrivateKey& key, const SelfSigned& wanted);

    Certificate(Certificate&&) noexcept;
    Certificate& operator=(Certificate&&) noexcept;
    ~Certificate();

    PublicKey public_key() const;
    std::string common_name() const;
    std::string serial_hex() const;  // upper case, no separators
    TimePoint not_before() const;
    TimePoint not_after() const;

 private:
    struct Handle;
    friend std::vector<Certificate> system_trust_roots();
    friend bool
    chain_is_trusted(const std::vector<Certificate>&, const std::vector<Certificate>&, TimePoint);
    explicit Certificate(std::unique_ptr<Handle> handle);
    std::unique_ptr<Handle> handle_;
};

// Builds a path from chain.front() over the rest of the chain to one of the roots, every
// certificate valid at `now`. Purpose is not checked: providers sign with TLS server certificates.
bool chain_is_trusted(
    const std::vector<Certificate>& chain,
    const std::vector<Certificate>& roots,
    TimePoint now
);

// The operating system's trust store, for providers whose chain ends at a public root.
std::vector<Certificate> system_trust_roots();

struct AesGcmInput {
    std::string_view key;    // 32 bytes
    std::string_view nonce;  // 12 bytes
    std::string_view associated_data;
    std::string_view text;  // to decrypt: ciphertext with the 16 byte tag at its end
};
std::optional<std::string> decrypt_aes_256_gcm(const AesGcmInput& input);  // nullopt: tag is wrong
std::string encrypt_aes_256_gcm(const AesGcmInput& input);

// SipHash-2-4: a short keyed hash for tables whose keys strangers choose.
struct SipKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};
std::uint64_t sip_hash(const SipKey& key, std::string_view bytes);

}  // namespace postern
