#include "payments/card_desk.hpp"

#include "core/assert.hpp"
#include "core/bytes.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

constexpr std::size_t kVaultKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr char kKeyIdEnd = ':';
constexpr std::size_t kAccountDigitsMin = 4;
constexpr std::size_t kAccountDigitsMax = 17;
constexpr std::size_t kRoutingDigits = 9;

// Ties what is sealed to its method: copied into another row it does not open.
std::string associated_data(PaymentMethodId id) {
    return "card number of payment method " + std::to_string(id.value);
}

// The American Bankers Association's check: weights 3, 7, 1 over nine digits.
bool is_routing_number(std::string_view digits) {
    if (digits.size() != kRoutingDigits) return false;
    constexpr int kWeights[] = {3, 7, 1};
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) sum += (digits[i] - '0') * kWeights[i % 3];
    return sum > 0 && sum % 10 == 0;
}

// Joined in one piece: growing would leave a copy behind.
ForgottenText whole_account(std::string_view routing, const ForgottenText& account) {
    std::string whole;
    whole.reserve(routing.size() + 1 + account.text().size());
    whole += routing;
    whole += '/';
    whole += account.text();
    return ForgottenText{std::move(whole)};
}

}  // namespace

CardDesk::CardDesk(std::string_view fingerprint_secret, std::vector<VaultKey> vault_keys)
    : fingerprint_key_{HashAlgorithm::sha256, fingerprint_secret},
      vault_keys_{std::move(vault_keys)} {
    for (const VaultKey& key : vault_keys_) {
        POSTERN_ASSERT(key.key_32_bytes.size() == kVaultKeyBytes);
        POSTERN_ASSERT(!key.id.empty() && key.id.find(kKeyIdEnd) == std::string::npos);
    }
}

Result<Card, CardFault> CardDesk::tokenise(const CardInput& input, const TokeniseRules& rules)
    const {
    return payments::tokenise(input, fingerprint_key_, rules);
}

Result<BankAccount, Complaint>
CardDesk::tokenise_bank(std::string_view account_number, std::string_view routing_number) const {
    const ForgottenText account{typed_digits(account_number)};
    const std::size_t digits = account.text().size();
    if (digits < kAccountDigitsMin || digits > kAccountDigitsMax) {
        return Complaint{"account_number must have 4 to 17 digits"};
    }
    const std::string routing = typed_digits(routing_number);
    if (!is_routing_number(routing)) {
        return Complaint{"routing_number must be the nine digits of a US bank"};
    }
    const ForgottenText whole = whole_account(routing, account);
    BankAccount kept;
    kept.last4 = account.text().substr(digits - 4);
    kept.routing_number = routing;
    kept.fingerprint =
        keyed_fingerprint(fingerprint_key_, FingerprintOf::bank_account, whole.text());
    return kept;
}

// "<key id>:<base64 of nonce, ciphertext and tag>"
std::string CardDesk::seal(std::string_view number, PaymentMethodId id) const {
    POSTERN_ASSERT(has_vault());
    const ForgottenText digits{typed_digits(number)};
    const std::string nonce = random_bytes(kNonceBytes);
    const std::string bound_to = associated_data(id);
    const std::string sealed = encrypt_aes_256_gcm(
        {.key = vault_keys_.front().key_32_bytes,
         .nonce = nonce,
         .associated_data = bound_to,
         .text = digits.text()}
    );
    return vault_keys_.front().id + kKeyIdEnd + to_base64(nonce + sealed);
}

std::optional<std::string> CardDesk::open(std::string_view sealed, PaymentMethodId id) const {
    const auto end = sealed.find(kKeyIdEnd);
    if (end == std::string_view::npos) return std::nullopt;
    const auto key =
        std::find_if(vault_keys_.begin(), vault_keys_.end(), [&](const VaultKey& candidate) {
            return candidate.id == sealed.substr(0, end);
        });
    const auto bytes = from_base64(sealed.substr(end + 1));
    if (key == vault_keys_.end() || !bytes || bytes->size() < kNonceBytes) return std::nullopt;
    const std::string bound_to = associated_data(id);
    const std::string_view whole = *bytes;
    return decrypt_aes_256_gcm(
        {.key = key->key_32_bytes,
         .nonce = whole.substr(0, kNonceBytes),
         .associated_data = bound_to,
         .text = whole.substr(kNonceBytes)}
    );
}

}  // namespace postern::payments
