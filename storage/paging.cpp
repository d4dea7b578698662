#include "storage/paging.hpp"

#include "core/assert.hpp"

namespace postern::storage {

void ListQuery::also(std::string_view condition) {
    conditions_ += conditions_.empty() ? " WHERE " : " AND ";
    conditions_ += condition;
}

void ListQuery::where(std::string_view column_is, std::int64_t value) {
    also(column_is);
    values_.push_back(value);
    conditions_ += " $" + std::to_string(values_.size());
}

void ListQuery::where(std::string_view column_is, const std::optional<std::int64_t>& value) {
    if (value) where(column_is, *value);
}

void ListQuery::between(
    const std::optional<TimePoint>& since,
    const std::optional<TimePoint>& until
) {
    if (since) where("id >=", first_id_at(*since));
    if (until) where("id <", first_id_at(*until));
}

void ListQuery::after(const std::optional<std::int64_t>& last_id, Order order) {
    order_ = order;
    where(order == Order::newest_first ? "id <" : "id >", last_id);
}

std::string ListQuery::text(std::string_view select_from) const {
    std::string text{select_from};
    text += conditions_;
    text += " ORDER BY ";
    text += order_column_;
    text += order_ == Order::newest_first ? " DESC LIMIT $" : " LIMIT $";
    text += std::to_string(values_.size() + 1);
    return text;
}

void ListQuery::bind_to(Query& query, std::size_t rows_max) const {
    POSTERN_ASSERT(rows_max > 0 && rows_max <= kPageRowsMax);
    for (const std::int64_t value : values_) query.bind(value);
    query.bind(static_cast<std::int64_t>(rows_max) + 1);
}

}  // namespace postern::storage
