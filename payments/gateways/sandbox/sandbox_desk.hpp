#pragma once

#include "payments/api.hpp"

#include <span>

// What banks and card owners do, at the merchant's request: disputes, refunds and payouts that
// fail, money that settles at once. In test mode only, and only at gateways that are sandboxes.
namespace postern::payments {

std::span<const Route> sandbox_desk_routes();

}  // namespace postern::payments
