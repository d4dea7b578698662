#include "payments/service/balance_service.hpp"

#include "payments/records/ledger_records.hpp"
#include "payments/service/announcements.hpp"
#include "payments/service/booking.hpp"

#include <map>
#include <set>
#include <tuple>

namespace postern::payments {
namespace {

// What settles together: one movement for all of it.
struct Settling {
    Owner owner;
    Currency currency;
    Bucket bucket = Bucket::pending;
    auto operator<=>(const Settling&) const = default;
};

Result<void, StoreError> settle_together(Work& work, const std::map<Settling, std::int64_t>& nets) {
    for (const auto& [settling, net] : nets) {
        const auto posted = post(
            work.transaction,
            settling.owner,
            settling.currency,
            settle_postings(settling.bucket, net)
        );
        if (!posted) return posted.error();
    }
    return {};
}

// Whose balance it is, is the work's owner while it is told.
Result<void, StoreError> tell_owners(Work& work, const std::set<Owner>& owners) {
    const Owner before = work.owner;
    for (const Owner owner : owners) {
        work.owner = owner;
        const auto told = announce_balance_available(work);
        if (!told) return told.error();
    }
    work.owner = before;
    return {};
}

}  // namespace

Result<BalanceTransaction, StoreError>
book_charge(Work& work, const Charge& charge, const ChargeMoney& money) {
    const bool is_available = money.bucket == Bucket::available;
    const Booking booking{
        .type = TransactionType::charge,
        .amount = {money.gross, charge.amount.currency},
        .fee = money.fee,
        .place =
            {.bucket = money.bucket,
             .available_on = is_available ? work.now() : work.now() + kSettlesAfter},
        .source = stripe_id(work.around.ids, charge.id),
        .payment = charge.payment};
    return book(
        work,
        booking,
        charge_postings({.gross = money.gross, .fee = money.fee, .bucket = money.bucket})
    );
}

Result<BalanceTransaction, StoreError>
book_refund(Work& work, const Refund& refund, const Charge& charge) {
    const auto place = find_place(work, charge.balance_transaction);
    if (!place) return place.error();
    const Booking booking{
        .type = TransactionType::refund,
        .amount = {-refund.amount.minor, refund.amount.currency},
        .place = *place,
        .source = stripe_id(work.around.ids, refund.id),
        .payment = refund.payment};
    return book(work, booking, refund_postings(place->bucket, refund.amount.minor));
}

Result<BalanceTransaction, StoreError>
book_refund_returned(Work& work, const Refund& refund, const Charge& charge) {
    const auto place = find_place(work, charge.balance_transaction);
    if (!place) return place.error();
    const Booking booking{
        .type = TransactionType::refund_failure,
        .amount = refund.amount,
        .place = *place,
        .source = stripe_id(work.around.ids, refund.id),
        .payment = refund.payment};
    return book(work, booking, refund_returned_postings(place->bucket, refund.amount.minor));
}

Result<std::size_t, StoreError> settle_due(Work& work, std::size_t rows_max) {
    const auto due = due_balance_transactions(work.transaction.connection(), work.now(), rows_max);
    if (!due) return due.error();
    std::map<Settling, std::int64_t> nets;
    std::set<Owner> owners;
    for (const BalanceTransaction& line : *due) {
        nets[{line.owner, line.currency, line.bucket}] += line.net();
        owners.insert(line.owner);
        const auto marked = mark_available(work.transaction, line.id);
        if (!marked) return marked.error();
    }
    const auto settled = settle_together(work, nets);
    if (!settled) return settled.error();
    const auto told = tell_owners(work, owners);
    if (!told) return told.error();
    return due->size();
}

}  // namespace postern::payments
