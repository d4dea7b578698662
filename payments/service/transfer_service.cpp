#include "payments/records/ledger_records.hpp"
#include "payments/records/money_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/balance_service.hpp"
#include "payments/service/booking.hpp"
#include "payments/service/customer_service.hpp"

#include <utility>

namespace postern::payments {
namespace {

using Written = Result<void, StoreError>;

constexpr std::string_view kMoreThanIsLeft =
    "The reversal's amount is greater than what is left of the transfer.";
constexpr std::string_view kNothingCaptured =
    "The source_transaction must be a charge that succeeded and was captured.";
constexpr std::string_view kOtherCurrency =
    "The currency of the transfer must be the currency of its source_transaction.";
constexpr std::string_view kMoreThanTheSource =
    "Transfers that use this charge as their source_transaction must not exceed what it brought,"
    " less what was refunded.";

Refusal bad_amount() {
    return {.reason = Reason::amount_invalid, .parameter = "amount"};
}

std::optional<Refusal> missing_source(const Books& books, ChargeId id) {
    return Refusal{
        .reason = Reason::reference_missing,
        .parameter = "source_transaction",
        .what = "charge",
        .id = stripe_id(books.around.ids, id)};
}

std::optional<Refusal> unfit_source(std::string_view detail) {
    return Refusal{
        .reason = Reason::parameter_invalid,
        .parameter = "source_transaction",
        .detail = std::string{detail}};
}

// What is sent on of a charge is never more than the charge has brought.
Result<std::optional<Refusal>, StoreError>
why_not_from(const Books& books, const TransferDraft& draft, ChargeId source) {
    const auto found = find_charge(books.connection, books.owner, source);
    if (!found) return found.error();
    if (!*found) return missing_source(books, source);
    const Charge& charge = **found;
    if (charge.captured_minor == 0) return unfit_source(kNothingCaptured);
    if (charge.amount.currency != draft.amount.currency) return unfit_source(kOtherCurrency);
    const auto sent = transferred_minor(books.connection, source);
    if (!sent) return sent.error();
    if (draft.amount.minor <= charge.captured_minor - charge.refunded_minor - *sent) {
        return std::optional<Refusal>{};
    }
    Refusal refusal = bad_amount();
    refusal.detail = kMoreThanTheSource;
    return std::optional{std::move(refusal)};
}

Result<std::optional<Refusal>, StoreError>
why_not_transfer(const Books& books, const TransferDraft& draft) {
    if (draft.amount.minor <= 0) return std::optional{bad_amount()};
    if (draft.source) {
        auto refusal = why_not_from(books, draft, *draft.source);
        if (!refusal || *refusal) return refusal;
    }
    const auto balance = read_balance(books.connection, books.owner, draft.amount.currency);
    if (!balance) return balance.error();
    if (draft.amount.minor <= balance->available()) return std::optional<Refusal>{};
    return std::optional{Refusal{.reason = Reason::balance_insufficient}};
}

std::optional<Refusal>
why_not_reverse(const Books& books, const Transfer& transfer, std::int64_t minor) {
    const std::int64_t left = transfer.amount.minor - transfer.reversed_minor;
    if (left <= 0) {
        return Refusal{
            .reason = Reason::transfer_already_reversed,
            .what = "transfer",
            .id = stripe_id(books.around.ids, transfer.id)};
    }
    if (minor <= 0) return bad_amount();
    if (minor <= left) return std::nullopt;
    Refusal refusal = bad_amount();
    refusal.detail = kMoreThanIsLeft;
    return refusal;
}

// Both ways the money lies in what is available.
Result<BalanceTransaction, StoreError>
book_transfer(Work& work, TransactionType type, const Money& amount, std::string source) {
    const bool is_sent = type == TransactionType::transfer;
    const Booking booking{
        .type = type,
        .amount = {is_sent ? -amount.minor : amount.minor, amount.currency},
        .place = {.bucket = Bucket::available, .available_on = work.now()},
        .source = std::move(source)};
    return book(
        work, booking, is_sent ? transfer_postings(amount.minor) : reversal_postings(amount.minor)
    );
}

}  // namespace

Done<Transfer> create_transfer(Work& work, const TransferDraft& draft) {
    auto refusal = why_not_transfer(work.books(), draft);
    if (!refusal) return refusal.error();
    if (*refusal) return std::move(**refusal);
    Transfer transfer;
    transfer.id = TransferId{work.transaction.next_id()};
    transfer.owner = work.owner;
    transfer.amount = draft.amount;
    transfer.destination = draft.destination;
    transfer.description = draft.description;
    transfer.transfer_group = draft.transfer_group;
    transfer.source = draft.source;
    transfer.metadata = draft.metadata;
    const auto line = book_transfer(
        work, TransactionType::transfer, transfer.amount, stripe_id(work.around.ids, transfer.id)
    );
    if (!line) return line.error();
    transfer.balance_transaction = line->id;
    const Written added = insert_transfer(work.transaction, transfer);
    if (!added) return added.error();
    const Announced told = announce_transfer(work, "transfer.created", transfer);
    if (!told) return told.error();
    return transfer;
}

Done<Transfer> load_transfer(const Books& books, TransferId id) {
    auto transfer = find_transfer(books.connection, books.owner, id);
    if (!transfer) return transfer.error();
    if (*transfer) return std::move(**transfer);
    return Refusal{
        .reason = Reason::not_found, .what = "transfer", .id = stripe_id(books.around.ids, id)};
}

Done<Transfer> update_transfer_of(Work& work, TransferId id, const PaymentEdit& edit) {
    auto transfer = load_transfer(work.books(), id);
    if (!transfer) return transfer;
    const Transfer before = *transfer;
    if (edit.description) transfer->description = *edit.description;
    merge(transfer->metadata, edit.metadata, edit.clear_metadata);
    if (*transfer == before) return transfer;
    const Written saved = update_transfer(work.transaction, *transfer);
    if (!saved) return saved.error();
    const Announced told = announce_transfer(work, "transfer.updated", *transfer);
    if (!told) return told.error();
    return transfer;
}

Done<FullReversal> reverse_transfer(
    Work& work,
    TransferId id,
    std::optional<std::int64_t> minor,
    const Metadata& metadata
) {
    auto transfer = load_transfer(work.books(), id);
    if (!transfer) return transfer.error();
    const std::int64_t wanted = minor.value_or(transfer->amount.minor - transfer->reversed_minor);
    if (auto refusal = why_not_reverse(work.books(), *transfer, wanted)) return std::move(*refusal);
    TransferReversal reversal;
    reversal.id = ReversalId{work.transaction.next_id()};
    reversal.transfer = transfer->id;
    reversal.owner = work.owner;
    reversal.amount = {wanted, transfer->amount.currency};
    reversal.metadata = metadata;
    const auto line = book_transfer(
        work,
        TransactionType::transfer_refund,
        reversal.amount,
        stripe_id(work.around.ids, reversal.id)
    );
    if (!line) return line.error();
    reversal.balance_transaction = line->id;
    transfer->reversed_minor += wanted;
    const Written added = insert_reversal(work.transaction, reversal);
    if (!added) return added.error();
    const Written saved = update_transfer(work.transaction, *transfer);
    if (!saved) return saved.error();
    const Announced told = announce_transfer(work, "transfer.reversed", *transfer);
    if (!told) return told.error();
    return FullReversal{std::move(reversal), std::move(*transfer)};
}

}  // namespace postern::payments
