#include "payments/dialects/onerway/gateway_choice.hpp"

#include <algorithm>
#include <vector>

namespace postern::payments::onerway {
namespace {

bool takes(const PaymentGateway& gateway, const GatewayWish& wish) {
    const std::string code = wish.currency.upper();
    const auto methods = gateway.gateway->methods();
    return std::any_of(methods.begin(), methods.end(), [&](const MethodDescription& method) {
        const auto& types = wish.types;
        const auto& currencies = method.currencies;
        return std::find(types.begin(), types.end(), method.type) != types.end()
               && std::find(currencies.begin(), currencies.end(), code) != currencies.end();
    });
}

bool is_for(const PaymentGateway& gateway, storage::Livemode livemode) {
    const bool live = gateway.mode == PaymentGateway::Mode::live;
    return live == (livemode == storage::Livemode::live);
}

}  // namespace

std::string gateway_for(const GatewayBook& gateways, const GatewayWish& wish) {
    const PaymentGateway* otherwise = gateways.default_gateway();
    if (wish.types.empty() || otherwise == nullptr) return {};
    if (is_for(*otherwise, wish.livemode) && takes(*otherwise, wish)) return {};
    for (const PaymentGateway& gateway : gateways.all()) {
        if (is_for(gateway, wish.livemode) && takes(gateway, wish)) return gateway.name;
    }
    return {};
}

std::string
gateway_for(const GatewayBook& gateways, const PaymentDraft& draft, const Owner& owner) {
    if (draft.method || draft.new_method) return {};
    std::vector<MethodType> types;
    for (const std::string& name : draft.details.method_types) {
        if (const auto type = method_type_from_text(name)) types.push_back(*type);
    }
    return gateway_for(
        gateways, {.types = types, .currency = draft.amount.currency, .livemode = owner.livemode}
    );
}

}  // namespace postern::payments::onerway
