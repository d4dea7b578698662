#pragma once

#include "payments/ledger/ledger.hpp"
#include "payments/work.hpp"

#include <optional>
#include <string>

// Inside the balance service: one movement of the books and the line of the statement that tells
// it. A line lies in the bucket that its postings touch, and settles as they do.
namespace postern::payments {

// Where money lies, and when it becomes available.
struct Place {
    Bucket bucket = Bucket::available;
    TimePoint available_on;
};
// What has become available meanwhile lies there.
Place place_of(const BalanceTransaction& line, TimePoint now);

struct Booking {
    TransactionType type = TransactionType::charge;
    Money amount;  // signed: what the merchant gains or loses
    std::int64_t fee = 0;
    Place place;
    std::string source;
    std::optional<PaymentId> payment = {};
};
[[nodiscard]] Result<BalanceTransaction, StoreError>
book(Work& work, const Booking& booking, const Postings& postings);

// Where the money of a line of this owner lies now.
[[nodiscard]] Result<Place, StoreError>
find_place(Work& work, const std::optional<BalanceTransactionId>& line);

}  // namespace postern::payments
