#include "verifiers/registry.hpp"

#include "verifiers/adyen.hpp"
#include "verifiers/afterpay.hpp"
#include "verifiers/airwallex.hpp"
#include "verifiers/alipay.hpp"
#include "verifiers/braintree.hpp"
#include "verifiers/checkout.hpp"
#include "verifiers/coinbase.hpp"
#include "verifiers/generic_hmac.hpp"
#include "verifiers/gocardless.hpp"
#include "verifiers/klarna.hpp"
#include "verifiers/mollie.hpp"
#include "verifiers/onerway.hpp"
#include "verifiers/paypal.hpp"
#include "verifiers/paystack.hpp"
#include "verifiers/razorpay.hpp"
#include "verifiers/square.hpp"
#include "verifiers/standardwebhooks.hpp"
#include "verifiers/stripe.hpp"
#include "verifiers/wechatpay.hpp"

#include <array>

namespace postern::verifiers {
namespace {

constexpr std::array kKinds = {
    ProviderKind{"adyen", "Adyen", make_adyen, sample_adyen, sandbox_settings_adyen},
    ProviderKind{"afterpay", "Afterpay", make_afterpay, sample_afterpay, sandbox_settings_afterpay},
    ProviderKind{
        "airwallex",
        "Airwallex",
        make_airwallex,
        sample_airwallex,
        sandbox_settings_airwallex},
    ProviderKind{"alipay", "Alipay", make_alipay, sample_alipay, sandbox_settings_alipay},
    ProviderKind{
        "braintree",
        "Braintree",
        make_braintree,
        sample_braintree,
        sandbox_settings_braintree},
    ProviderKind{
        "checkout",
        "Checkout.com",
        make_checkout,
        sample_checkout,
        sandbox_settings_checkout},
    ProviderKind{
        "coinbase",
        "Coinbase Commerce",
        make_coinbase,
        sample_coinbase,
        sandbox_settings_coinbase},
    ProviderKind{
        "generic_hmac",
        "Generic HMAC",
        make_generic_hmac,
        sample_generic_hmac,
        sandbox_settings_generic_hmac},
    ProviderKind{
        "gocardless",
        "GoCardless",
        make_gocardless,
        sample_gocardless,
        sandbox_settings_gocardless},
    ProviderKind{"klarna", "Klarna", make_klarna, sample_klarna, sandbox_settings_klarna},
    ProviderKind{"mollie", "Mollie", make_mollie, sample_mollie, sandbox_settings_mollie},
    ProviderKind{"onerway", "Onerway", make_onerway, sample_onerway, sandbox_settings_onerway},
    ProviderKind{"paypal", "PayPal", make_paypal, sample_paypal, sandbox_settings_paypal},
    ProviderKind{"paystack", "Paystack", make_paystack, sample_paystack, sandbox_settings_paystack},
    ProviderKind{"razorpay", "Razorpay", make_razorpay, sample_razorpay, sandbox_settings_razorpay},
    ProviderKind{"square", "Square", make_square, sample_square, sandbox_settings_square},
    ProviderKind{
        "standardwebhooks",
        "Standard Webhooks",
        make_standardwebhooks,
        sample_standardwebhooks,
        sandbox_settings_standardwebhooks},
    ProviderKind{"stripe", "Stripe", make_stripe, sample_stripe, sandbox_settings_stripe},
    ProviderKind{
        "wechatpay",
        "WeChat Pay",
        make_wechatpay,
        sample_wechatpay,
        sandbox_settings_wechatpay},
};

}  // namespace

std::span<const ProviderKind> provider_kinds() {
    return kKinds;
}

const ProviderKind* find_provider_kind(std::string_view name) {
    for (const ProviderKind& kind : kKinds) {
        if (kind.name == name) return &kind;
    }
    return nullptr;
}

}  // namespace postern::verifiers
