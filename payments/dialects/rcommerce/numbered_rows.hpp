#pragma once

#include "payments/records/payment_records.hpp"
#include "storage/paging.hpp"

#include <algorithm>
#include <vector>

namespace postern::payments::rcommerce {

struct NumberedRows {
    NumberedPage page;
    std::int64_t total = 0;  // of the list, in the same snapshot
};

// Lists that are kept by cursor, read by page number: newest first, counted from the nearer end.
template <class Id, class ListRows>
auto rows_of_page(const NumberedRows& which, const ListRows& list_rows)
    -> decltype(list_rows(storage::PageRequest<Id>{})) {
    const std::int64_t before = (which.page.page - 1) * which.page.per_page;
    const std::int64_t rows = std::min(which.page.per_page, which.total - before);
    if (rows <= 0) return {};
    const std::int64_t after = which.total - before - rows;
    const bool from_newest = before <= after;
    auto page = list_rows(storage::PageRequest<Id>{
        .after = {},
        .order = from_newest ? storage::Order::newest_first : storage::Order::oldest_first,
        .rows_max = static_cast<std::size_t>(rows),
        .rows_skipped = static_cast<std::size_t>(from_newest ? before : after)});
    if (page && !from_newest) std::reverse(page->rows.begin(), page->rows.end());
    return page;
}

}  // namespace postern::payments::rcommerce
