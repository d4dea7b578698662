#pragma once

#include "payments/records/payment_records.hpp"

#include <optional>
#include <string>
#include <vector>

namespace postern::payments {

// One condition of a search, parsed and typed by the dialect.
struct SearchTerm {
    enum class Field : std::uint8_t { amount, created, currency, customer, status, metadata };
    enum class Compare : std::uint8_t { equal, greater, less, greater_equal, less_equal, absent };
    enum class Sense : std::uint8_t { plain, negated };
    Field field = Field::amount;
    Compare compare = Compare::equal;
    Sense sense = Sense::plain;
    std::string name;         // of a metadata pair
    std::string text;         // currency (lower case), metadata value
    std::int64_t number = 0;  // amount, unix seconds, customer's number, status's number
    bool operator==(const SearchTerm&) const = default;
};
struct PaymentSearch {
    Owner owner;
    std::vector<SearchTerm> terms;  // at least one
    enum class Join : std::uint8_t { all, any } join = Join::all;
};
// Newest first. Walks the index of the most telling term. A page that would look at too many rows
// ends early: `resume` then says where the next goes on, though there may be few or no rows in it.
struct SearchPage {
    std::vector<Payment> payments;
    std::optional<PaymentId> resume;  // absent: this was the last
};
[[nodiscard]] Result<SearchPage, StoreError> search_payments(
    Connection& connection,
    const PaymentSearch& search,
    const storage::PageRequest<PaymentId>& page
);

}  // namespace postern::payments
