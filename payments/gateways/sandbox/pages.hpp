#pragma once

#include "payments/api.hpp"
#include "payments/gateways/sandbox/sandbox_answers.hpp"

#include <span>
#include <string>
#include <string_view>

// The pages that customers of a sandbox gateway are sent to: no key, no script, used once.
namespace postern::payments {

struct ReturnTrip {
    std::string_view return_url;
    ActionOutcome outcome = ActionOutcome::succeeded;
};
// Where the shop finds out what became of it, as Stripe's redirects tell.
std::string return_location(const Payment& payment, const IdCodec& ids, const ReturnTrip& trip);

std::span<const Route> sandbox_page_routes();

}  // namespace postern::payments
