#pragma once

#include "payments/domain/charge.hpp"
#include "payments/domain/dispute.hpp"
#include "payments/domain/refund.hpp"
#include "payments/records/payment_records.hpp"

#include <optional>
#include <vector>

// Charges, refunds and disputes. Inserts give the id (unless it is set) and the moments.
namespace postern::payments {

[[nodiscard]] Result<void, StoreError> insert_charge(Transaction& transaction, Charge& charge);
[[nodiscard]] Result<void, StoreError>
update_charge(Transaction& transaction, const Charge& charge);
[[nodiscard]] Result<std::optional<Charge>, StoreError>
find_charge(Connection& connection, Owner owner, ChargeId id);
struct ChargeFilter {
    Owner owner;
    std::optional<PaymentId> payment;
    std::optional<CustomerId> customer;
    std::optional<TimePoint> created_from, created_until;
};
[[nodiscard]] Result<storage::Page<Charge>, StoreError> list_charges(
    Connection& connection,
    const ChargeFilter& filter,
    const storage::PageRequest<ChargeId>& page
);

[[nodiscard]] Result<void, StoreError>
insert_refund(Transaction& transaction, Refund& refund, storage::GatewayNumber gateway);
[[nodiscard]] Result<void, StoreError> update_refund(Transaction& transaction, Refund& refund);
[[nodiscard]] Result<std::optional<Refund>, StoreError>
find_refund(Connection& connection, Owner owner, RefundId id);
[[nodiscard]] Result<std::optional<Refund>, StoreError>
find_refund_by_gateway_id(Connection& connection, const GatewayObject& which);
struct RefundFilter {
    Owner owner;
    std::optional<PaymentId> payment;
    std::optional<ChargeId> charge;
    std::optional<TimePoint> created_from, created_until;
};
[[nodiscard]] Result<storage::Page<Refund>, StoreError> list_refunds(
    Connection& connection,
    const RefundFilter& filter,
    const storage::PageRequest<RefundId>& page
);
// All of a payment, oldest first; bounded by what a payment can have.
[[nodiscard]] Result<std::vector<Refund>, StoreError>
refunds_of(Connection& connection, PaymentId payment);

[[nodiscard]] Result<void, StoreError>
insert_dispute(Transaction& transaction, Dispute& dispute, storage::GatewayNumber gateway);
[[nodiscard]] Result<void, StoreError> update_dispute(Transaction& transaction, Dispute& dispute);
[[nodiscard]] Result<std::optional<Dispute>, StoreError>
find_dispute(Connection& connection, Owner owner, DisputeId id);
[[nodiscard]] Result<std::optional<Dispute>, StoreError>
find_dispute_by_gateway_id(Connection& connection, const GatewayObject& which);
struct DisputeFilter {
    Owner owner;
    std::optional<PaymentId> payment;
    std::optional<ChargeId> charge;
    std::optional<DisputeStatus> status;
    std::optional<TimePoint> created_from, created_until;
};
[[nodiscard]] Result<storage::Page<Dispute>, StoreError> list_disputes(
    Connection& connection,
    const DisputeFilter& filter,
    const storage::PageRequest<DisputeId>& page
);
[[nodiscard]] Result<std::int64_t, StoreError>
count_disputes(Connection& connection, const DisputeFilter& filter);

}  // namespace postern::payments
