#include "payments/gateways/sandbox/sandbox_teller.hpp"

#include "core/money.hpp"

namespace postern::payments {
namespace {

// WeChat Pay, Alipay and Onerway take no payment without the merchant's own number of it: ours is
// the payment's id, in the 32 characters that all of them allow.
std::string reference_of(SandboxKind kind, const IdCodec& ids, const Payment& payment) {
    const bool demanded = kind == SandboxKind::wechatpay || kind == SandboxKind::alipay
                          || kind == SandboxKind::onerway;
    if (!payment.order_id.empty() || !demanded) return payment.order_id;
    return stripe_id(ids, payment.id).substr(PaymentId::kStripePrefix.size());
}

// WeChat Pay and Onerway have words of their own for why something failed, which their samples
// know; ours would be strange in their webhooks.
bool speaks_our_reasons(SandboxKind kind) {
    return kind != SandboxKind::wechatpay && kind != SandboxKind::onerway;
}

const Money& money_of(const TellingAbout& about) {
    if (about.payout != nullptr) return about.payout->amount;
    if (about.refund != nullptr) return about.refund->amount;
    return about.payment.amount;
}

}  // namespace

std::optional<ProviderMessage>
SandboxTeller::message(const TellingAbout& about, const Telling& telling) const {
    if (!can_say(kind_, telling.type)) return std::nullopt;
    const Currency currency = money_of(about).currency;
    ProviderMessage message;
    message.delay = telling.delay;
    UnifiedEvent& event = message.event;
    event.type = telling.type;
    if (about.payout != nullptr) {
        event.gateway_payout_id = ids_.payout(*about.payout);
    } else {
        event.gateway_payment_id = ids_.payment(about.payment);
        event.merchant_reference = reference_of(kind_, codec_, about.payment);
    }
    if (about.refund != nullptr) event.gateway_refund_id = ids_.refund(*about.refund);
    event.gateway_dispute_id = about.gateway_dispute_id;
    event.currency = currency.upper();
    event.amount =
        decimal_from_minor(telling.minor, currency.exponent(), event.currency).value_or("0");
    if (speaks_our_reasons(kind_)) event.reason = telling.reason;
    event.outcome = telling.outcome;
    message.unique = sandbox_digest(
        {event.gateway_payment_id,
         event.gateway_refund_id,
         event.gateway_dispute_id,
         event.gateway_payout_id,
         to_text(telling.type),
         std::to_string(about.cause)}
    );
    return message;
}

}  // namespace postern::payments
