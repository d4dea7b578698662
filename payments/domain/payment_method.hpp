#pragma once

#include "payments/domain/card.hpp"
#include "payments/domain/ids.hpp"
#include "payments/domain/values.hpp"

#include <optional>
#include <string>

namespace postern::payments {

// Stored numbers: new values are added at the end only.
enum class MethodType : std::uint8_t {
    card,
    us_bank_account,  // also the R Commerce dialect's bank_transfer
    wechat_pay,
    alipay,
    bank_transfer,
};
std::string_view to_text(MethodType type);
std::optional<MethodType> method_type_from_text(std::string_view text);

struct BankAccount {
    std::string last4;
    std::string routing_number;
    std::string holder_name;
    std::string bank_name;
    std::string fingerprint;
    bool operator==(const BankAccount&) const = default;
};

struct PaymentMethod {
    PaymentMethodId id;
    Owner owner;
    MethodType type = MethodType::card;
    std::optional<CustomerId> customer;
    std::optional<Card> card;
    std::optional<BankAccount> bank;
    BillingDetails billing;
    Metadata metadata;
    // Stored numbers: new values are added at the end only.
    enum class State : std::uint8_t {
        usable,    // attached; or never attached, and pays once
        used_up,   // was never attached and has paid once, or was detached: pays no more
        deleted,   // answers as absent in the R Commerce dialect
        reusable,  // a token that the R Commerce dialect issued: pays without a customer too
    } state = State::usable;
    std::string gateway_token;  // the gateway's own token for it; empty: none
    std::string vault;          // sealed number, where the operator keeps a vault; else empty
    TimePoint created_at;
    bool operator==(const PaymentMethod&) const = default;
};

}  // namespace postern::payments
