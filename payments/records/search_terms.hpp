#pragma once

#include "payments/records/payment_search.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

// What the terms of a search say, without a store.
namespace postern::payments {

bool matches(const SearchTerm& term, const Payment& payment);
bool matches_all(const std::vector<SearchTerm>& terms, const Payment& payment);

// What some indexes tell of a payment beside its id.
struct MoneyOfRow {
    std::int64_t thousandths = 0;
    std::string_view currency;
};
// False: the payment cannot match, whatever else it is.
bool may_match(const std::vector<SearchTerm>& terms, const MoneyOfRow& money);

// What the plain terms leave of the ids; both ends included.
struct Bounds {
    std::int64_t first = 0;
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
};
Bounds id_bounds(const std::vector<SearchTerm>& terms);
// And of the amounts, in thousandths: ranges that do not meet, the least first. The terms count in
// the smallest units of a currency, which they may not tell: then there is a range for each number
// of places, and some amounts within do not match. Empty: no term.
std::vector<Bounds> amount_bounds(const std::vector<SearchTerm>& terms);

}  // namespace postern::payments
