#pragma once

#include <cstdint>
#include <string_view>

namespace postern::dispatch {

enum class StripeObject : std::uint8_t { payment_intent, charge, refund, dispute, payout };

// The object that events of this name tell of: `type` is a Stripe name or a unified type.
StripeObject stripe_object_of(std::string_view type);

}  // namespace postern::dispatch
