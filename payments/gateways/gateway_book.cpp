#include "payments/gateways/gateway.hpp"

#include <algorithm>

namespace postern::payments {

GatewayBook::GatewayBook(std::vector<PaymentGateway> gateways, std::string default_name)
    : gateways_{std::move(gateways)}, default_name_{std::move(default_name)} {}

const PaymentGateway* GatewayBook::find(std::string_view name) const {
    const auto found =
        std::find_if(gateways_.begin(), gateways_.end(), [name](const PaymentGateway& gateway) {
            return gateway.name == name;
        });
    return found == gateways_.end() ? nullptr : &*found;
}

const PaymentGateway* GatewayBook::find(storage::GatewayNumber number) const {
    const auto found =
        std::find_if(gateways_.begin(), gateways_.end(), [number](const PaymentGateway& gateway) {
            return gateway.number == number;
        });
    return found == gateways_.end() ? nullptr : &*found;
}

const PaymentGateway* GatewayBook::default_gateway() const {
    return find(default_name_);
}

}  // namespace postern::payments
