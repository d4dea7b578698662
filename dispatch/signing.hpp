#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Standard Webhooks v1 (HMAC-SHA256 over "id.timestamp.body"), v1a (ed25519 over the same) and the
// Stripe-shaped header.
namespace postern::dispatch {

// A secret of an endpoint as it is stored. Old ones sign beside the new one until they expire.
struct EndpointSecret {
    std::string secret;  // "whsec_" and base64 (24 to 75 bytes once decoded)
    std::optional<TimePoint> expires_at;

    bool operator==(const EndpointSecret&) const = default;
};

std::string make_endpoint_secret();  // 32 random bytes
// What a merchant may bring: "whsec_" and base64 of 24 to 75 bytes; the prefix is added if missing.
Result<std::string, Complaint> parse_endpoint_secret(std::string_view text);
inline constexpr std::size_t kEndpointSecretsMax = 10;

// The platform's ed25519 key pair for v1a.
class AsymmetricKey {
 public:
    static AsymmetricKey from_seed(std::string_view seed_32_bytes);
    std::string sign(std::string_view message) const;
    const std::string& public_bytes() const { return public_bytes_; }
    std::string key_id() const;           // short and stable, for the JWKS
    std::string public_key_text() const;  // "whpk_" and base64

 private:
    AsymmetricKey(PrivateKey key, std::string public_bytes)
        : key_{std::move(key)}, public_bytes_{std::move(public_bytes)} {}
    PrivateKey key_;
    std::string public_bytes_;
};
// {"keys":[{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":…,"x":…}]}
std::string jwks_of(const std::vector<std::shared_ptr<const AsymmetricKey>>& keys);

struct MessageToSign {
    std::string_view id;
    std::int64_t timestamp = 0;  // Unix seconds of this attempt
    std::string_view body;
};

// An endpoint's secrets with their key schedules done.
class SigningKeys {
 public:
    explicit SigningKeys(std::vector<EndpointSecret> secrets);

    const std::vector<EndpointSecret>& secrets() const { return secrets_; }
    const EndpointSecret& newest() const { return secrets_.front(); }

    // "v1,<base64> v1,<base64>": newest first, expired ones left out; v1a appended when a key is
    // given.
    std::string standard_signature(
        const MessageToSign& message,
        TimePoint now,
        const AsymmetricKey* asymmetric
    ) const;
    // "t=…,v1=<hex>,v1=<hex>": the key is the whole "whsec_…" text, as Stripe's libraries have it.
    std::string stripe_signature(const MessageToSign& message, TimePoint now) const;

 private:
    struct Keyed {
        HmacKey standard;  // of the decoded bytes
        HmacKey stripe;    // of the text
    };
    std::vector<EndpointSecret> secrets_;
    std::vector<Keyed> keyed_;
};

}  // namespace postern::dispatch
