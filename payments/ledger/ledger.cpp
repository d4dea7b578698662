#include "payments/ledger/ledger.hpp"

#include "core/assert.hpp"

#include <algorithm>

namespace postern::payments {
namespace {

struct Flow {
    LedgerAccount from = LedgerAccount::clearing;
    LedgerAccount to = LedgerAccount::clearing;
    std::int64_t minor = 0;
};

// A negative sum flows the other way: a refund settles as its charge does.
Postings moved(const Flow& flow) {
    if (flow.minor == 0 || flow.from == flow.to) return {};
    return {{flow.from, -flow.minor}, {flow.to, flow.minor}};
}

void append(Postings& postings, LedgerAccount account, std::int64_t minor) {
    if (minor != 0) postings.push_back({account, minor});
}

constexpr std::int64_t kFeePerMille = 29;
constexpr std::int64_t kFeeFixedMinor = 30;

}  // namespace

std::string_view to_text(LedgerAccount account) {
    switch (account) {
        case LedgerAccount::clearing: return "clearing";
        case LedgerAccount::pending: return "pending";
        case LedgerAccount::pending_instant: return "pending_instant";
        case LedgerAccount::available: return "available";
        case LedgerAccount::reserved: return "reserved";
        case LedgerAccount::in_transit: return "in_transit";
        case LedgerAccount::fees: return "fees";
        case LedgerAccount::paid_out: return "paid_out";
        case LedgerAccount::connected: return "connected";
    }
    return "";
}

bool is_balanced(const Postings& postings) {
    std::int64_t sum = 0;
    for (const Posting& posting : postings) sum += posting.minor;
    return sum == 0;
}

LedgerAccount account_of(Bucket bucket) {
    switch (bucket) {
        case Bucket::pending: return LedgerAccount::pending;
        case Bucket::pending_instant: return LedgerAccount::pending_instant;
        case Bucket::available: return LedgerAccount::available;
    }
    return LedgerAccount::pending;
}

std::int64_t sandbox_fee(std::int64_t minor) {
    if (minor <= 0) return 0;
    return std::min(minor, (minor * kFeePerMille + 500) / 1000 + kFeeFixedMinor);
}

Postings charge_postings(const ChargePosting& charge) {
    POSTERN_ASSERT(charge.gross > 0);
    POSTERN_ASSERT(charge.fee >= 0);
    Postings postings{{LedgerAccount::clearing, -charge.gross}};
    append(postings, account_of(charge.bucket), charge.gross - charge.fee);
    append(postings, LedgerAccount::fees, charge.fee);
    return postings;
}

Postings settle_postings(Bucket from, std::int64_t net) {
    return moved({.from = account_of(from), .to = LedgerAccount::available, .minor = net});
}

// The fee of the charge is not given back.
Postings refund_postings(Bucket bucket, std::int64_t minor) {
    return moved({.from = account_of(bucket), .to = LedgerAccount::clearing, .minor = minor});
}

Postings refund_returned_postings(Bucket bucket, std::int64_t minor) {
    return moved({.from = LedgerAccount::clearing, .to = account_of(bucket), .minor = minor});
}

Postings dispute_postings(const DisputePosting& dispute) {
    POSTERN_ASSERT(dispute.minor >= 0 && dispute.fee >= 0);
    Postings postings;
    append(postings, account_of(dispute.bucket), -(dispute.minor + dispute.fee));
    append(postings, LedgerAccount::reserved, dispute.minor);
    append(postings, LedgerAccount::fees, dispute.fee);
    return postings;
}

Postings dispute_won_postings(Bucket bucket, std::int64_t minor) {
    return moved({.from = LedgerAccount::reserved, .to = account_of(bucket), .minor = minor});
}

Postings dispute_lost_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::reserved, .to = LedgerAccount::clearing, .minor = minor});
}

Postings transfer_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::available, .to = LedgerAccount::connected, .minor = minor}
    );
}

Postings reversal_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::connected, .to = LedgerAccount::available, .minor = minor}
    );
}

Postings payout_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::available, .to = LedgerAccount::in_transit, .minor = minor}
    );
}

Postings payout_paid_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::in_transit, .to = LedgerAccount::paid_out, .minor = minor}
    );
}

Postings payout_returned_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::in_transit, .to = LedgerAccount::available, .minor = minor}
    );
}

Postings paid_payout_returned_postings(std::int64_t minor) {
    return moved({.from = LedgerAccount::paid_out, .to = LedgerAccount::available, .minor = minor});
}

std::string_view to_text(TransactionType type) {
    switch (type) {
        case TransactionType::charge: return "charge";
        case TransactionType::refund: return "refund";
        case TransactionType::refund_failure: return "refund_failure";
        case TransactionType::dispute: return "dispute";
        case TransactionType::dispute_reversal: return "dispute_reversal";
        case TransactionType::transfer: return "transfer";
        case TransactionType::transfer_refund: return "transfer_refund";
        case TransactionType::payout: return "payout";
        case TransactionType::payout_cancel: return "payout_cancel";
        case TransactionType::payout_failure: return "payout_failure";
    }
    return "";
}

std::int64_t CurrencyBalance::instant_available() const {
    return std::max<std::int64_t>(0, available() + of(LedgerAccount::pending_instant));
}

}  // namespace postern::payments
