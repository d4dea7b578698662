#include "dispatch/signing.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"
#include "core/json_writer.hpp"

#include <algorithm>

namespace postern::dispatch {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kPublicKeyPrefix = "whpk_";
constexpr std::size_t kSecretBytesMade = 32;
constexpr std::size_t kSecretBytesMin = 24;
constexpr std::size_t kSecretBytesMax = 75;
constexpr std::size_t kKeyIdBytes = 8;

std::string_view without_prefix(std::string_view secret) {
    if (secret.starts_with(kSecretPrefix)) secret.remove_prefix(kSecretPrefix.size());
    return secret;
}

std::string_view without_padding(std::string_view base64) {
    while (base64.ends_with('=')) base64.remove_suffix(1);
    return base64;
}

// Decoders differ about bits behind the last whole byte, so a secret that has some is refused: two
// of them could read two keys.
bool is_canonical(std::string_view base64, std::string_view decoded) {
    std::string again = to_base64(decoded);
    const bool same = without_padding(again) == without_padding(base64);
    wipe(again);
    return same;
}

std::string base64_url(std::string_view bytes) {
    std::string text{without_padding(to_base64(bytes))};
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return text;
}

// parse_endpoint_secret() lets in nothing that is not base64. Should a store hold such a secret all
// the same, its endpoint's own check must fail, and not this daemon.
HmacKey standard_key(std::string_view secret) {
    const std::string_view text = without_prefix(secret);
    std::string bytes = from_base64(text).value_or(std::string{text});
    HmacKey key{HashAlgorithm::sha256, bytes};
    wipe(bytes);
    return key;
}

bool is_live(const EndpointSecret& secret, TimePoint now) {
    return !secret.expires_at || now < *secret.expires_at;
}

}  // namespace

std::string make_endpoint_secret() {
    std::string secret{kSecretPrefix};
    secret += to_base64(random_bytes(kSecretBytesMade));
    return secret;
}

Result<std::string, Complaint> parse_endpoint_secret(std::string_view text) {
    const std::string_view base64 = without_prefix(text);
    auto bytes = from_base64(base64);
    if (!bytes || !is_canonical(base64, *bytes)) {
        return Complaint{"not a signing secret: write whsec_ and base64 of 24 to 75 bytes"};
    }
    const std::size_t size = bytes->size();
    wipe(*bytes);
    if (size < kSecretBytesMin || size > kSecretBytesMax) {
        return Complaint{"a signing secret holds 24 to 75 bytes, as base64 behind whsec_"};
    }
    std::string secret{kSecretPrefix};
    secret += base64;
    return {boost::system::in_place_value, std::move(secret)};
}

AsymmetricKey AsymmetricKey::from_seed(std::string_view seed_32_bytes) {
    auto key = PrivateKey::ed25519(seed_32_bytes);
    POSTERN_ASSERT(key.has_value());
    std::string public_bytes = key->ed25519_public_bytes();
    return AsymmetricKey{*std::move(key), std::move(public_bytes)};
}

std::string AsymmetricKey::sign(std::string_view message) const {
    return key_.sign_ed25519(message);
}

std::string AsymmetricKey::key_id() const {
    return to_hex(sha256(public_bytes_).substr(0, kKeyIdBytes));
}

std::string AsymmetricKey::public_key_text() const {
    std::string text{kPublicKeyPrefix};
    text += to_base64(public_bytes_);
    return text;
}

std::string jwks_of(const std::vector<std::shared_ptr<const AsymmetricKey>>& keys) {
    std::string out;
    JsonWriter writer{out};
    writer.begin_object();
    writer.key("keys");
    writer.begin_array();
    for (const auto& key : keys) {
        writer.begin_object();
        writer.member("kty", "OKP");
        writer.member("crv", "Ed25519");
        writer.member("use", "sig");
        writer.member("alg", "EdDSA");
        writer.member("kid", key->key_id());
        writer.member("x", base64_url(key->public_bytes()));
        writer.end_object();
    }
    writer.end_array();
    writer.end_object();
    return out;
}

SigningKeys::SigningKeys(std::vector<EndpointSecret> secrets) : secrets_{std::move(secrets)} {
    keyed_.reserve(secrets_.size());
    for (const EndpointSecret& secret : secrets_) {
        keyed_.push_back(
            {.standard = standard_key(secret.secret),
             .stripe = HmacKey{HashAlgorithm::sha256, secret.secret}}
        );
    }
}

std::string SigningKeys::standard_signature(
    const MessageToSign& message,
    TimePoint now,
    const AsymmetricKey* asymmetric
) const {
    const std::string timestamp = std::to_string(message.timestamp);
    std::string header;
    for (std::size_t i = 0; i < keyed_.size(); ++i) {
        if (!is_live(secrets_[i], now)) continue;
        header += header.empty() ? "v1," : " v1,";
        header +=
            to_base64(keyed_[i].standard.sign({message.id, ".", timestamp, ".", message.body}));
    }
    if (asymmetric == nullptr) return header;
    std::string signed_text;
    signed_text.reserve(message.id.size() + timestamp.size() + message.body.size() + 2);
    signed_text.append(message.id).append(".").append(timestamp).append(".").append(message.body);
    header += header.empty() ? "v1a," : " v1a,";
    header += to_base64(asymmetric->sign(signed_text));
    return header;
}

std::string SigningKeys::stripe_signature(const MessageToSign& message, TimePoint now) const {
    const std::string timestamp = std::to_string(message.timestamp);
    std::string header = "t=";
    header += timestamp;
    for (std::size_t i = 0; i < keyed_.size(); ++i) {
        if (!is_live(secrets_[i], now)) continue;
        header += ",v1=";
        header += to_hex(keyed_[i].stripe.sign({timestamp, ".", message.body}));
    }
    return header;
}

}  // namespace postern::dispatch
