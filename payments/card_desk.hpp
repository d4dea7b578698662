#pragma once

#include "core/crypto.hpp"
#include "core/result.hpp"
#include "payments/domain/card.hpp"
#include "payments/domain/payment_method.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::payments {

// Where card numbers end: takes one, gives what may be kept. Made from the secret key beside the
// store, so that a fingerprint says nothing without it. The vault is off unless the operator gives
// it a key of its own.
class CardDesk {
 public:
    struct VaultKey {
        std::string id;  // written beside what it sealed, for rotation
        std::string key_32_bytes;
    };
    // The first vault key seals, all open; none: no vault.
    CardDesk(std::string_view fingerprint_secret, std::vector<VaultKey> vault_keys);

    Result<Card, CardFault> tokenise(const CardInput& input, const TokeniseRules& rules) const;
    Result<BankAccount, Complaint>
    tokenise_bank(std::string_view account_number, std::string_view routing_number) const;

    bool has_vault() const { return !vault_keys_.empty(); }
    std::string seal(std::string_view number, PaymentMethodId id) const;
    std::optional<std::string> open(std::string_view sealed, PaymentMethodId id) const;

 private:
    HmacKey fingerprint_key_;
    std::vector<VaultKey> vault_keys_;
};

}  // namespace postern::payments
