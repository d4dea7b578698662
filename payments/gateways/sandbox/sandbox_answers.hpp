#pragma once

#include "payments/gateways/gateway.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"
#include "payments/gateways/sandbox/sandbox_teller.hpp"

#include <chrono>
#include <string_view>

namespace postern::payments {

// How long a page of the sandbox waits for its customer.
inline constexpr std::chrono::minutes kActionLives{30};

// What the customer did on the page.
enum class ActionOutcome { succeeded, failed, abandoned };

// What a gateway says to an order. Pure: the same order has the same answer, however often it is
// asked.
class SandboxAnswers {
 public:
    SandboxAnswers(SandboxKind kind, const SandboxOptions& options)
        : teller_{kind, options.ids}, options_{options} {}

    GatewayAnswer answer(const GatewayOrder& order) const;
    // The order that led to the page, asked again once the customer has decided there.
    GatewayAnswer after_action(const GatewayOrder& order, ActionOutcome outcome) const;
    // The page was left alone until its time was up.
    GatewayAnswer after_expiry(const GatewayOrder& order) const;

    const SandboxTeller& teller() const { return teller_; }

 private:
    GatewayAnswer authorize(const GatewayOrder& order) const;
    GatewayAnswer authorize_card(const GatewayOrder& order) const;
    GatewayAnswer debit_bank(const GatewayOrder& order) const;
    GatewayAnswer capture(const GatewayOrder& order) const;
    GatewayAnswer cancel(const GatewayOrder& order) const;
    GatewayAnswer refund(const GatewayOrder& order) const;
    GatewayAnswer pay_out(const GatewayOrder& order) const;
    GatewayAnswer judge_evidence(const GatewayOrder& order) const;
    GatewayAnswer close_dispute(const GatewayOrder& order) const;

    GatewayAnswer about_payment(const GatewayOrder& order) const;
    void approve(GatewayAnswer& answer, const GatewayOrder& order) const;
    void decline(GatewayAnswer& answer, const GatewayOrder& order, PaymentError error) const;
    void require_action(GatewayAnswer& answer, const GatewayOrder& order) const;
    void open_dispute(GatewayAnswer& answer, const GatewayOrder& order, std::int64_t minor) const;
    void tell(GatewayAnswer& answer, const GatewayOrder& order, const Telling& telling) const;

    SandboxTeller teller_;
    SandboxOptions options_;
};

}  // namespace postern::payments
