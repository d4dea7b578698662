#pragma once

#include "core/ids.hpp"
#include "core/parameters.hpp"
#include "storage/paging.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace postern::daemon::stripe {

template <class Id>
struct ListWish {
    storage::PageRequest<Id> page;
    Direction direction = Direction::older;
};

// limit, starting_after and ending_before. `what` names the things listed: "webhook endpoint".
template <class Id>
ListWish<Id> read_list(Parameters& parameters, const IdCodec& ids, std::string_view what) {
    ListWish<Id> wish;
    wish.page.rows_max = read_limit(parameters);
    const auto cursor = read_cursor(parameters);
    if (!cursor) return wish;
    wish.direction = cursor->direction;
    if (wish.direction == Direction::newer) wish.page.order = storage::Order::oldest_first;
    wish.page.after = ids.decode<Id>(cursor->id);
    if (!wish.page.after) parameters.complain(unknown_cursor(*cursor, what));
    return wish;
}

// For objects whose only reference, the application, leads nowhere: whoever asks for another one
// misspells a name or means another object.
inline void expand_nothing(Parameters& parameters) {
    const auto paths = parameters.texts("expand");
    if (!paths) return;
    const auto wrong = std::find_if(paths->begin(), paths->end(), [](const std::string& path) {
        return path != "application" && path != "data.application";
    });
    if (wrong == paths->end()) return;
    std::string message = "This property cannot be expanded (";
    message += *wrong;
    message += ").";
    parameters.complain({.message = std::move(message), .parameter = "expand"});
}

// A page before a cursor is read away from it and shown newest first like any other.
template <class Row>
void newest_first(storage::Page<Row>& page, Direction direction) {
    if (direction == Direction::newer) std::reverse(page.rows.begin(), page.rows.end());
}

}  // namespace postern::daemon::stripe
