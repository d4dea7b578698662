#pragma once

#include "payments/domain/dispute.hpp"
#include "payments/domain/payout.hpp"
#include "payments/failure.hpp"
#include "payments/ledger/ledger.hpp"
#include "payments/service/payment_service.hpp"
#include "payments/work.hpp"

#include <chrono>

namespace postern::payments {

// When a charge's money becomes available.
inline constexpr std::chrono::hours kSettlesAfter{48};

// Each posts the movement, writes the line of the statement and gives it. Called by the services
// that change the state, in the same transaction.
struct ChargeMoney {
    std::int64_t gross = 0;
    std::int64_t fee = 0;
    Bucket bucket = Bucket::pending_instant;
};
[[nodiscard]] Result<BalanceTransaction, StoreError>
book_charge(Work& work, const Charge& charge, const ChargeMoney& money);
// Where the charge's money lies now decides which bucket pays.
[[nodiscard]] Result<BalanceTransaction, StoreError>
book_refund(Work& work, const Refund& refund, const Charge& charge);
[[nodiscard]] Result<BalanceTransaction, StoreError>
book_refund_returned(Work& work, const Refund& refund, const Charge& charge);

// Moves what is due from pending to available, of all owners, and tells them; how many lines. As
// many as `rows_max`: call again.
[[nodiscard]] Result<std::size_t, StoreError> settle_due(Work& work, std::size_t rows_max);

struct DisputeDraft {
    std::string gateway_dispute_id;
    std::string reason = "fraudulent";
    std::optional<std::int64_t> minor;  // absent: what is left of the charge
    // One that is over already is opened and ended, and so are its books.
    DisputeStatus status = DisputeStatus::needs_response;
};
[[nodiscard]] Done<Dispute>
open_dispute(Work& work, const Payment& payment, const DisputeDraft& draft);
[[nodiscard]] Done<Dispute> load_dispute(const Books& books, DisputeId id);
struct EvidenceEdit {
    Metadata evidence;  // merged pair by pair, by Stripe's names
    Metadata metadata;
    PaymentEdit::ClearMetadata clear_metadata = PaymentEdit::ClearMetadata::no;
    enum class Submit : std::uint8_t { no, yes } submit = Submit::yes;
};
[[nodiscard]] Done<Dispute> update_dispute_of(Work& work, DisputeId id, const EvidenceEdit& edit);
[[nodiscard]] Done<Dispute> close_dispute(Work& work, DisputeId id);
[[nodiscard]] Result<Effect, StoreError>
settle_dispute(Work& work, const Dispute& dispute, const DisputeFact& fact);

// Standard payouts and transfers spend what is available. An instant payout may spend what is
// pending_instant as well: it is taken from what is available, which then stands below zero until
// those charges settle, so that nothing can be spent twice.
struct PayoutDraft {
    Money amount;
    Payout::Method method = Payout::Method::standard;
    Payout::Origin origin = Payout::Origin::asked_for;
    std::string destination, description, statement_descriptor;
    Metadata metadata;
};
[[nodiscard]] Done<Payout> create_payout(Work& work, const PayoutDraft& draft);
[[nodiscard]] Done<Payout> load_payout(const Books& books, PayoutId id);
[[nodiscard]] Done<Payout>
update_payout_of(Work& work, PayoutId id, const PaymentEdit& metadata_edit);
[[nodiscard]] Done<Payout> cancel_payout(Work& work, PayoutId id);
[[nodiscard]] Result<Effect, StoreError>
settle_payout(Work& work, const Payout& payout, const PayoutFact& fact);
// The daily payout of everything that an owner has available in one currency. What cannot be paid
// out now is left for another day.
[[nodiscard]] Result<void, StoreError>
make_scheduled_payout(Work& work, Owner owner, const Currency& currency);

struct TransferDraft {
    Money amount;
    std::string destination, description, transfer_group;
    std::optional<ChargeId> source;
    Metadata metadata;
};
[[nodiscard]] Done<Transfer> create_transfer(Work& work, const TransferDraft& draft);
[[nodiscard]] Done<Transfer> load_transfer(const Books& books, TransferId id);
[[nodiscard]] Done<Transfer>
update_transfer_of(Work& work, TransferId id, const PaymentEdit& edit);  // description, metadata
struct FullReversal {
    TransferReversal reversal;
    Transfer transfer;
};
[[nodiscard]] Done<FullReversal> reverse_transfer(
    Work& work,
    TransferId id,
    std::optional<std::int64_t> minor,
    const Metadata& metadata
);

}  // namespace postern::payments
