#pragma once

#include "payments/records/ledger_records.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/payment_service.hpp"

#include <optional>
#include <string>
#include <vector>

// What the sandbox's desk does: the change at once, in the caller's transaction, and what the
// provider will say of it by webhook.
namespace postern::payments {

struct DisputeWish {
    PaymentId payment;
    std::optional<std::string> decimal;  // as sent; absent: all that the charge has left
    std::string reason;
};
[[nodiscard]] Done<Dispute> dispute_by_sandbox(Work& work, const DisputeWish& wish);
[[nodiscard]] Done<Dispute> resolve_by_sandbox(Work& work, DisputeId id, DisputeStatus outcome);
[[nodiscard]] Done<FullRefund>
end_refund_by_sandbox(Work& work, RefundId id, const RefundFact& fact);
[[nodiscard]] Done<Payout> end_payout_by_sandbox(Work& work, PayoutId id, const PayoutFact& fact);

struct SandboxSettlement {
    std::int64_t lines = 0;                            // that became available
    enum class Rest { none, some } rest = Rest::none;  // some: more than one call may do at once
    std::vector<CurrencyBalance> balances;
};
// Makes what is pending available, as if the days until then had gone by.
[[nodiscard]] Result<SandboxSettlement, StoreError> settle_by_sandbox(Work& work);

}  // namespace postern::payments
