#pragma once

#include "core/ids.hpp"
#include "daemon/faces/stripe/request_body.hpp"
#include "storage/paging.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace postern::daemon::stripe {

// Reads a request's parameters one by one and remembers the first complaint, which is all that
// Stripe's envelope has room for. `expand` is known everywhere: nothing here has parts to expand.
class Parameters {
 public:
    explicit Parameters(const RequestNode& root) : root_{root} {}

    bool has(std::string_view name) const { return root_.find(name) != nullptr; }
    std::optional<std::string> text(std::string_view name);
    std::string required_text(std::string_view name);
    std::optional<std::int64_t> integer(std::string_view name);
    std::optional<bool> flag(std::string_view name);
    std::optional<std::vector<std::string>> texts(std::string_view name);
    // Names and values, as metadata has them; the empty text gives none.
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    std::optional<Pairs> pairs(std::string_view name);
    // A table to be read by itself; its members are the caller's to judge.
    const RequestNode* table(std::string_view name);

    void complain(ParameterComplaint complaint);
    // The first thing wrong, among it a parameter that nobody asked for.
    std::optional<ParameterComplaint> finish();

 private:
    const RequestNode* find(std::string_view name);
    const RequestNode* leaf(std::string_view name);

    const RequestNode& root_;
    std::set<std::string, std::less<>> known_ = {"expand"};
    std::optional<ParameterComplaint> complaint_;
};

// Which way a list goes on from its cursor.
enum class Direction { older, newer };

template <class Id>
struct ListWish {
    storage::PageRequest<Id> page;
    Direction direction = Direction::older;
};

inline constexpr std::int64_t kListRowsDefault = 10;

std::size_t read_limit(Parameters& parameters);
// The cursor's text and its direction, if there is one.
struct Cursor {
    std::string id;
    std::string_view parameter;
    Direction direction = Direction::older;
};
std::optional<Cursor> read_cursor(Parameters& parameters);
ParameterComplaint unknown_cursor(const Cursor& cursor, std::string_view what);

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

// A page before a cursor is read away from it and shown newest first like any other.
template <class Row>
void newest_first(storage::Page<Row>& page, Direction direction) {
    if (direction == Direction::newer) std::reverse(page.rows.begin(), page.rows.end());
}

}  // namespace postern::daemon::stripe
