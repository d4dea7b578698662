#pragma once

#include "payments/domain/dispute.hpp"
#include "payments/domain/payout.hpp"
#include "payments/ledger/ledger.hpp"
#include "payments/records/payment_records.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::payments {

// Writes the postings of one movement and keeps the balances' sums. The postings must balance.
[[nodiscard]] Result<void, StoreError>
post(Transaction& transaction, Owner owner, const Currency& currency, const Postings& postings);

[[nodiscard]] Result<std::vector<CurrencyBalance>, StoreError>
read_balances(Connection& connection, Owner owner);  // by currency
[[nodiscard]] Result<CurrencyBalance, StoreError>
read_balance(Connection& connection, Owner owner, const Currency& currency);

[[nodiscard]] Result<void, StoreError>
insert_balance_transaction(Transaction& transaction, BalanceTransaction& line);
[[nodiscard]] Result<std::optional<BalanceTransaction>, StoreError>
find_balance_transaction(Connection& connection, Owner owner, BalanceTransactionId id);
// Money that a dispute took away and gave back, in that order.
[[nodiscard]] Result<std::vector<BalanceTransaction>, StoreError>
lines_of(Connection& connection, const Dispute& dispute);
// The money of a refund that failed, given back; nullopt: nothing was. `source`: the refund's id.
[[nodiscard]] Result<std::optional<BalanceTransaction>, StoreError>
find_refund_failure_line(Connection& connection, Owner owner, std::string_view source);
struct BalanceTransactionFilter {
    Owner owner;
    std::optional<TransactionType> type;
    std::string source;  // a Stripe id; empty: any
    std::string payout;  // reserved for lists by payout; empty: any
    std::optional<Currency> currency;
    std::optional<TimePoint> created_from, created_until;
};
[[nodiscard]] Result<storage::Page<BalanceTransaction>, StoreError> list_balance_transactions(
    Connection& connection,
    const BalanceTransactionFilter& filter,
    const storage::PageRequest<BalanceTransactionId>& page
);
// All of an owner's, by page number: found by the lines' numbers, so that it costs the same at any
// depth.
struct BalanceTransactionPage {
    std::vector<BalanceTransaction> lines;
    std::int64_t total = 0;
};
[[nodiscard]] Result<BalanceTransactionPage, StoreError>
list_balance_transactions_by_page(Connection& connection, Owner owner, const NumberedPage& page);
[[nodiscard]] Result<std::int64_t, StoreError>
count_balance_transactions(Connection& connection, const BalanceTransactionFilter& filter);
// Pending lines whose day has come, oldest first, of all owners.
[[nodiscard]] Result<std::vector<BalanceTransaction>, StoreError>
due_balance_transactions(Connection& connection, TimePoint now, std::size_t rows_max);
[[nodiscard]] Result<void, StoreError>
mark_available(Transaction& transaction, BalanceTransactionId id);

// Owners whose available money in a currency is at least so much, in the order of owner and
// currency, behind a given place.
struct AvailableMoney {
    Owner owner;
    Money money;
};
struct AvailableQuestion {
    std::int64_t minor_min = 1;
    std::optional<AvailableMoney> after;
};
[[nodiscard]] Result<std::vector<AvailableMoney>, StoreError> owners_with_available(
    Connection& connection,
    const AvailableQuestion& question,
    std::size_t rows_max
);

// Do the books balance: every movement sums to zero, every balance is the sum of its entries, the
// merchant's buckets and the fees agree with the balance transactions, what is reserved, under way,
// paid out or transferred agrees with the disputes, payouts and transfers, and no payment is
// refunded by more than it received. What a payment took its charges and lines took too, once, and
// what is counted is there. A sentence for each that does not.
[[nodiscard]] Result<std::vector<std::string>, StoreError> audit_books(Connection& connection);

// A book is what an account has in a mode and a currency; in each, all balances add up to zero.
struct BookCount {
    std::int64_t books = 0;
    std::int64_t unbalanced = 0;
    bool operator==(const BookCount&) const = default;
};
[[nodiscard]] Result<BookCount, StoreError> count_books(Connection& connection);

[[nodiscard]] Result<void, StoreError> insert_payout(Transaction& transaction, Payout& payout);
[[nodiscard]] Result<void, StoreError> update_payout(Transaction& transaction, Payout& payout);
[[nodiscard]] Result<std::optional<Payout>, StoreError>
find_payout(Connection& connection, Owner owner, PayoutId id);
[[nodiscard]] Result<std::optional<Payout>, StoreError>
find_payout_by_gateway_id(Connection& connection, const GatewayObject& which);
struct PayoutFilter {
    Owner owner;
    std::optional<PayoutStatus> status;
    std::optional<TimePoint> created_from, created_until;
    std::optional<TimePoint> arrival_from, arrival_until;
};
[[nodiscard]] Result<storage::Page<Payout>, StoreError> list_payouts(
    Connection& connection,
    const PayoutFilter& filter,
    const storage::PageRequest<PayoutId>& page
);
[[nodiscard]] Result<std::int64_t, StoreError>
count_payouts(Connection& connection, const PayoutFilter& filter);

[[nodiscard]] Result<void, StoreError>
insert_transfer(Transaction& transaction, Transfer& transfer);
[[nodiscard]] Result<void, StoreError>
update_transfer(Transaction& transaction, const Transfer& transfer);
[[nodiscard]] Result<std::optional<Transfer>, StoreError>
find_transfer(Connection& connection, Owner owner, TransferId id);
struct TransferFilter {
    Owner owner;
    std::string destination, transfer_group;  // empty: any
    std::optional<TimePoint> created_from, created_until;
};
[[nodiscard]] Result<storage::Page<Transfer>, StoreError> list_transfers(
    Connection& connection,
    const TransferFilter& filter,
    const storage::PageRequest<TransferId>& page
);
// What of a charge's money was sent on, without what came back.
[[nodiscard]] Result<std::int64_t, StoreError>
transferred_minor(Connection& connection, ChargeId source);
[[nodiscard]] Result<void, StoreError>
insert_reversal(Transaction& transaction, TransferReversal& reversal);
[[nodiscard]] Result<std::vector<TransferReversal>, StoreError>
reversals_of(Connection& connection, TransferId transfer);

}  // namespace postern::payments
