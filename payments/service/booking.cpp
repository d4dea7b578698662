#include "payments/service/booking.hpp"

#include "core/assert.hpp"
#include "payments/records/ledger_records.hpp"

namespace postern::payments {

Place place_of(const BalanceTransaction& line, TimePoint now) {
    if (line.state == BalanceTransaction::State::available)
        return {.bucket = Bucket::available, .available_on = now};
    return {.bucket = line.bucket, .available_on = line.available_on};
}

Result<BalanceTransaction, StoreError>
book(Work& work, const Booking& booking, const Postings& postings) {
    BalanceTransaction line;
    line.owner = work.owner;
    line.type = booking.type;
    line.currency = booking.amount.currency;
    line.amount = booking.amount.minor;
    line.fee = booking.fee;
    line.bucket = booking.place.bucket;
    line.available_on = booking.place.available_on;
    line.state = line.bucket == Bucket::available ? BalanceTransaction::State::available
                                                  : BalanceTransaction::State::pending;
    line.source = booking.source;
    line.payment = booking.payment;
    const auto posted = post(work.transaction, work.owner, line.currency, postings);
    if (!posted) return posted.error();
    const auto inserted = insert_balance_transaction(work.transaction, line);
    if (!inserted) return inserted.error();
    return line;
}

Result<Place, StoreError> find_place(Work& work, const std::optional<BalanceTransactionId>& line) {
    POSTERN_ASSERT(line.has_value());
    const auto found = find_balance_transaction(work.transaction.connection(), work.owner, *line);
    if (!found) return found.error();
    POSTERN_ASSERT(found->has_value());
    return place_of(**found, work.now());
}

}  // namespace postern::payments
