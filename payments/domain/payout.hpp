#pragma once

#include "payments/domain/ids.hpp"
#include "payments/domain/payment.hpp"

#include <optional>
#include <string>

namespace postern::payments {

enum class PayoutStatus : std::uint8_t { pending, in_transit, paid, failed, canceled };
std::string_view to_text(PayoutStatus status);
std::optional<PayoutStatus> payout_status_from_text(std::string_view text);

struct Payout {
    enum class Method : std::uint8_t { standard, instant };
    enum class Origin : std::uint8_t { asked_for, schedule };
    PayoutId id;
    Owner owner;
    Money amount;
    PayoutStatus status = PayoutStatus::pending;
    Method method = Method::standard;
    Origin origin = Origin::asked_for;
    storage::GatewayNumber gateway;
    std::string gateway_payout_id;
    std::string destination;
    std::string description;
    std::string statement_descriptor;
    std::string failure_code;
    Metadata metadata;
    TimePoint arrival_at;
    std::optional<BalanceTransactionId> balance_transaction;
    std::optional<BalanceTransactionId> failure_transaction;
    TimePoint created_at;
    TimePoint updated_at;
    bool operator==(const Payout&) const = default;
};

struct PayoutFact {
    PayoutStatus status = PayoutStatus::paid;
    std::string failure_code;
};
// pending → in_transit → paid | failed; pending → canceled; paid → failed (the bank sent it back).
Effect apply(Payout& payout, const PayoutFact& fact, TimePoint now);
bool may_cancel(const Payout& payout);

struct Transfer {
    TransferId id;
    Owner owner;
    Money amount;
    std::int64_t reversed_minor = 0;
    std::string destination;
    std::string description;
    std::string transfer_group;
    std::optional<ChargeId> source;
    std::optional<BalanceTransactionId> balance_transaction;
    Metadata metadata;
    TimePoint created_at;
    bool operator==(const Transfer&) const = default;
};

struct TransferReversal {
    ReversalId id;
    TransferId transfer;
    Owner owner;
    Money amount;
    std::optional<BalanceTransactionId> balance_transaction;
    Metadata metadata;
    TimePoint created_at;
    bool operator==(const TransferReversal&) const = default;
};

}  // namespace postern::payments
