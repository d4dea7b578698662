#pragma once

#include "payments/domain/payment_method.hpp"

#include <optional>
#include <string>

namespace postern::payments {

// Why a gateway said no. `code` is the Stripe dialect's; the others are found in tables by it.
struct PaymentError {
    std::string code;          // "card_declined", "payment_intent_authentication_failure"
    std::string decline_code;  // "generic_decline", "insufficient_funds"; empty: none
    std::string message;       // English; other languages are looked up by code
    // Of the try that failed, where the payment knows it. It has no charge where the bank was never
    // asked, and the payment itself has let go of it.
    std::optional<PaymentMethodId> method = {};
    bool operator==(const PaymentError&) const = default;
};

// One try to take the money. A payment may have several; at most one of them succeeds.
struct Charge {
    enum class Status : std::uint8_t { pending, succeeded, failed };
    ChargeId id;
    Owner owner;
    PaymentId payment;
    Status status = Status::pending;
    Money amount;
    std::int64_t captured_minor = 0;
    std::int64_t refunded_minor = 0;
    enum class Captured : std::uint8_t { no, yes } captured = Captured::no;
    std::optional<PaymentError> error;
    // The method as it was when it paid: it may change or go later.
    std::optional<PaymentMethodId> method;
    MethodType method_type = MethodType::card;
    std::optional<Card> card;
    std::optional<BankAccount> bank;
    BillingDetails billing;
    enum class ThreeDSecure : std::uint8_t {
        none,
        frictionless,
        challenge
    } three_d_secure = ThreeDSecure::none;
    std::optional<CustomerId> customer;
    std::optional<BalanceTransactionId> balance_transaction;
    std::optional<DisputeId> dispute;
    std::string gateway_charge_id;
    TimePoint created_at;
    bool operator==(const Charge&) const = default;
};

}  // namespace postern::payments
