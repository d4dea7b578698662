#pragma once

#include "core/ids.hpp"
#include "daemon/faces/svix/input.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace postern::daemon::svix {

// From what a caller sent to what a repository takes. `Own` is the id as Svix's clients know it.
template <class Id, class Own>
storage::PageRequest<Id> page_request(Query& query, const PageWish& wish, const IdCodec& ids) {
    storage::PageRequest<Id> request{.order = wish.read_order(), .rows_max = wish.rows_max};
    if (!wish.from) return request;
    const auto id = ids.decode<Own>(*wish.from);
    if (id) request.after = Id{id->value};
    if (!id) complain_about_iterator(query);
    return request;
}

// Back was read away from its border, and is shown in the list's own order.
template <class Row>
void in_shown_order(std::vector<Row>& rows, const PageWish& wish) {
    if (wish.direction == PageWish::Direction::back) std::reverse(rows.begin(), rows.end());
}

template <class Own, class Row>
ListBorders borders_of(const storage::Page<Row>& page, const IdCodec& ids) {
    ListBorders borders;
    if (page.more == storage::Page<Row>::More::yes) borders.rest = ListBorders::Rest::some;
    if (page.rows.empty()) return borders;
    borders.first = ids.encode(Own{page.rows.front().id.value});
    borders.last = ids.encode(Own{page.rows.back().id.value});
    return borders;
}

}  // namespace postern::daemon::svix
