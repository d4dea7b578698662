#pragma once

#include "payments/domain/ids.hpp"
#include "payments/domain/values.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// Double entry: every movement is a set of postings whose sum is zero in each currency. Balances
// and balance transactions are read from what was posted and from nothing else.
namespace postern::payments {

// Stored numbers: new values are added at the end only. The merchant's buckets are positive when
// money is theirs; the others are what stands against them.
enum class LedgerAccount : std::uint8_t {
    clearing,         // what gateways took for us and owe us: negative
    pending,          // the merchant's, not yet settled
    pending_instant,  // the same, and may be paid out at once
    available,
    reserved,    // withheld for disputes
    in_transit,  // on its way to the merchant's bank
    fees,
    paid_out,   // left for the merchant's bank
    connected,  // transferred to others
};
inline constexpr std::size_t kLedgerAccountCount = 9;
std::string_view to_text(LedgerAccount account);

struct Posting {
    LedgerAccount account = LedgerAccount::clearing;
    std::int64_t minor = 0;
    bool operator==(const Posting&) const = default;
};
using Postings = std::vector<Posting>;
bool is_balanced(const Postings& postings);

// Which of the merchant's buckets a charge's money lies in.
enum class Bucket : std::uint8_t { pending, pending_instant, available };
LedgerAccount account_of(Bucket bucket);

// The gateway's fee for a charge in the sandbox: 2.9 % rounded half up, and 30 minor units; never
// more than the charge.
std::int64_t sandbox_fee(std::int64_t minor);
inline constexpr std::int64_t kDisputeFeeMinor = 1'500;

struct ChargePosting {
    std::int64_t gross = 0;
    std::int64_t fee = 0;  // the gateway's word: of a very small charge it may be more than that
    Bucket bucket = Bucket::pending;
};
Postings charge_postings(const ChargePosting& charge);
Postings settle_postings(Bucket from, std::int64_t net);
Postings refund_postings(Bucket bucket, std::int64_t minor);
Postings refund_returned_postings(Bucket bucket, std::int64_t minor);  // a refund that failed
struct DisputePosting {
    Bucket bucket = Bucket::available;
    std::int64_t minor = 0;
    std::int64_t fee = 0;
};
Postings dispute_postings(const DisputePosting& dispute);
Postings dispute_won_postings(Bucket bucket, std::int64_t minor);
Postings dispute_lost_postings(std::int64_t minor);
Postings transfer_postings(std::int64_t minor);
Postings reversal_postings(std::int64_t minor);
Postings payout_postings(std::int64_t minor);
Postings payout_paid_postings(std::int64_t minor);
Postings payout_returned_postings(std::int64_t minor);       // canceled or failed on its way
Postings paid_payout_returned_postings(std::int64_t minor);  // failed after it was paid

// Stored numbers: new values are added at the end only.
enum class TransactionType : std::uint8_t {
    charge,
    refund,
    refund_failure,
    dispute,           // "adjustment" at /v1
    dispute_reversal,  // the same
    transfer,
    transfer_refund,
    payout,
    payout_cancel,
    payout_failure,
};
std::string_view to_text(TransactionType type);

// One line of the merchant's statement.
struct BalanceTransaction {
    BalanceTransactionId id;
    Owner owner;
    TransactionType type = TransactionType::charge;
    Currency currency;
    std::int64_t amount = 0;  // signed: what the merchant gains or loses, before the fee
    std::int64_t fee = 0;
    std::int64_t net() const { return amount - fee; }
    Bucket bucket = Bucket::pending;
    TimePoint available_on;
    enum class State : std::uint8_t { pending, available } state = State::pending;
    std::string source;                // the Stripe id of what moved the money
    std::optional<PaymentId> payment;  // where a payment is behind it
    TimePoint created_at;
    bool operator==(const BalanceTransaction&) const = default;
};

struct CurrencyBalance {
    Currency currency;
    std::int64_t by_account[kLedgerAccountCount] = {};
    std::int64_t of(LedgerAccount account) const {
        return by_account[static_cast<std::size_t>(account)];
    }
    std::int64_t pending() const {
        return of(LedgerAccount::pending) + of(LedgerAccount::pending_instant);
    }
    std::int64_t available() const { return of(LedgerAccount::available); }
    std::int64_t instant_available() const;  // never below zero
};

}  // namespace postern::payments
