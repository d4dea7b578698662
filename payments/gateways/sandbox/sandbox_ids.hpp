#pragma once

#include "payments/domain/dispute.hpp"
#include "payments/domain/payment.hpp"
#include "payments/domain/payout.hpp"
#include "payments/domain/refund.hpp"
#include "payments/gateways/sandbox/sandbox_kind.hpp"

#include <string>
#include <string_view>

namespace postern::payments {

// The ids that a provider would give, in its own style. Made of our ids and nothing else, so that
// a transaction that runs twice says the same twice; of Stripe's, the object's own /v1 id.
class SandboxIds {
 public:
    SandboxIds(SandboxKind kind, const IdCodec& ids) : kind_{kind}, ids_{ids} {}

    std::string payment(const Payment& payment) const;  // the one it has, if it has one
    std::string charge(const Payment& payment) const;
    std::string refund(const Refund& refund) const;
    std::string payout(const Payout& payout) const;
    // A payment may be disputed more than once; `number` tells them apart.
    std::string dispute(const Payment& payment, std::int64_t number) const;

 private:
    SandboxKind kind_;
    IdCodec ids_;
};

// Hexadecimal digits that only these parts lead to: what makes a provider's event id.
std::string sandbox_digest(std::initializer_list<std::string_view> parts);

}  // namespace postern::payments
