#include "daemon/payment_surroundings.hpp"

#include "config/vault_keys.hpp"
#include "payments/gateways/sandbox/sandbox_gateway.hpp"
#include "storage/account_repository.hpp"

#include <optional>

namespace postern::daemon {

using payments::CardDesk;
using payments::GatewayBook;
using payments::Owner;
using payments::PaymentGateway;
using storage::Livemode;

namespace {

constexpr std::string_view kFingerprintPurpose = "card fingerprints";

std::vector<CardDesk::VaultKey> vault_keys(const config::Payments& payments) {
    std::vector<CardDesk::VaultKey> keys;
    auto configured = config::read_vault_keys(payments.vault_keys);
    if (!configured) return keys;
    for (config::VaultKey& key : *configured) {
        keys.push_back({.id = std::move(key.name), .key_32_bytes = std::move(key.key_32_bytes)});
    }
    return keys;
}

payments::SandboxOptions sandbox_options(const PaymentSurroundings::Parts& parts) {
    const config::Payments& wanted = parts.config.payments;
    payments::SandboxOptions options{
        .settles_after = wanted.sandbox_settle, .public_url = parts.public_url, .ids = parts.ids};
    if (wanted.sandbox_latency.count() > 0) options.latency = wanted.sandbox_latency;
    return options;
}

// A gateway as the payment API sees it, and whose it is.
struct Offered {
    PaymentGateway gateway;
    Owner owner;
};

// Those that can move money: the kinds that the sandbox plays, while they are in sandbox mode.
std::vector<Offered> offered_gateways(const PaymentSurroundings::Parts& parts) {
    std::vector<Offered> offered;
    for (const Gateway* gateway : parts.gateways.all()) {
        const bool plays =
            gateway->mode == Gateway::Mode::sandbox && gateway->state == Gateway::State::enabled;
        if (!plays) continue;
        auto sandbox = payments::make_sandbox_gateway(gateway->kind->name, sandbox_options(parts));
        if (sandbox == nullptr) continue;
        offered.push_back(
            {.gateway =
                 {.name = gateway->id,
                  .kind = std::string{gateway->kind->name},
                  .number = gateway->number,
                  .mode = PaymentGateway::Mode::sandbox,
                  .gateway = std::move(sandbox)},
             .owner = {.account = gateway->account, .livemode = gateway->livemode}}
        );
    }
    return offered;
}

std::vector<PaymentGateway>
gateways_for(const std::vector<Offered>& offered, std::optional<Owner> owner) {
    std::vector<PaymentGateway> gateways;
    for (const Offered& one : offered) {
        const bool serves = !owner
                            || (one.owner.livemode == owner->livemode
                                && (one.owner.account == storage::kDefaultAccount
                                    || one.owner.account == owner->account));
        if (serves) gateways.push_back(one.gateway);
    }
    return gateways;
}

// The configured one, whether or not it can take payments now: money never leaves through another
// than the one that was written. Where nobody wrote one, the first that there is.
std::string
default_name(const PaymentSurroundings::Parts& parts, const std::vector<PaymentGateway>& gateways) {
    const std::string& wanted = parts.config.payments.default_gateway;
    const bool written = wanted != config::Payments{}.default_gateway;
    if (written || gateways.empty() || parts.gateways.find(wanted) != nullptr) return wanted;
    return gateways.front().name;
}

}  // namespace

PaymentSurroundings::Set::Set(const Parts& parts, GatewayBook gateways, const CardDesk& cards)
    : book{std::move(gateways)},
      surroundings{
          .ids = parts.ids,
          .gateways = book,
          .cards = cards,
          .public_url = parts.public_url} {}

PaymentSurroundings::PaymentSurroundings(const Parts& parts)
    : cards_{parts.secrets.derive(kFingerprintPurpose), vault_keys(parts.config.payments)} {
    const std::vector<Offered> offered = offered_gateways(parts);
    everything_ = set_of(parts, gateways_for(offered, std::nullopt));
    for (const Livemode livemode : {Livemode::test, Livemode::live}) {
        const Owner platform{.account = storage::kDefaultAccount, .livemode = livemode};
        of_platform_[livemode] = set_of(parts, gateways_for(offered, platform));
    }
    for (const Offered& one : offered) {
        if (one.owner.account == storage::kDefaultAccount) continue;
        of_account_[one.owner] = set_of(parts, gateways_for(offered, one.owner));
    }
}

std::unique_ptr<PaymentSurroundings::Set>
PaymentSurroundings::set_of(const Parts& parts, const std::vector<PaymentGateway>& gateways) const {
    GatewayBook book{gateways, default_name(parts, gateways)};
    return std::make_unique<Set>(parts, std::move(book), cards_);
}

const payments::Surroundings& PaymentSurroundings::of(Owner owner) const {
    const auto own = of_account_.find(owner);
    if (own != of_account_.end()) return own->second->surroundings;
    return of_platform_.at(owner.livemode)->surroundings;
}

}  // namespace postern::daemon
