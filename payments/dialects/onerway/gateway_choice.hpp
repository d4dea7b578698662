#pragma once

#include "payments/gateways/gateway.hpp"
#include "payments/service/payment_service.hpp"

#include <span>
#include <string>

// Requests of this dialect name no gateway. The default one takes their payments, unless it has
// nothing of what they are to be paid with and another gateway has.
namespace postern::payments::onerway {

struct GatewayWish {
    std::span<const MethodType> types;  // any of them will do; none: whatever there is
    Currency currency;
    storage::Livemode livemode = storage::Livemode::test;
};
// A name; empty: the default one.
std::string gateway_for(const GatewayBook& gateways, const GatewayWish& wish);

// From the draft's types. Where it has a method, that decides later.
std::string gateway_for(const GatewayBook& gateways, const PaymentDraft& draft, const Owner& owner);

}  // namespace postern::payments::onerway
