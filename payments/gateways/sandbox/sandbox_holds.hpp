#pragma once

#include "payments/work.hpp"

#include <chrono>
#include <vector>

// Holds of the sandboxes that nobody captures: they end as a provider ends them.
namespace postern::payments {

inline constexpr std::chrono::hours kHoldLives{7 * 24};

// Those whose time is up by `now`, of every sandbox, at most `rows_max` of each.
[[nodiscard]] Result<std::vector<PaymentId>, StoreError>
expired_holds(const Books& books, std::size_t rows_max);
// Cancels them, and leaves what their providers will say of it; how many. One that is being
// captured or canceled is left to the answer that is on its way.
[[nodiscard]] Result<std::size_t, StoreError> expire_holds(Work& work, std::size_t rows_max);

}  // namespace postern::payments
