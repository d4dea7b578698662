#pragma once

#include "payments/records/payment_records.hpp"

#include <algorithm>
#include <cstdint>

// Pages by number, as places in an order from the smallest up.
namespace postern::payments {

struct RankRange {
    std::int64_t first = 0;  // from 0
    std::int64_t count = 0;
};

// How many lie before the page, whichever end it is counted from.
inline std::int64_t offset_of(const NumberedPage& page, std::int64_t total) {
    if (page.page - 1 > total / page.per_page) return total;
    return std::min(total, (page.page - 1) * page.per_page);
}

inline RankRange ranks_of(const NumberedPage& page, std::int64_t total) {
    const std::int64_t offset = offset_of(page, total);
    const std::int64_t count = std::min(page.per_page, total - offset);
    if (page.order == storage::Order::oldest_first) return {.first = offset, .count = count};
    return {.first = total - offset - count, .count = count};
}

}  // namespace postern::payments
