#include "storage/paging.hpp"

#include "core/assert.hpp"

#include <algorithm>
#include <utility>

namespace postern::storage {

std::optional<TimePoint> settled_until(const Connection& connection, const Followed& list) {
    if (connection.writers() == Writers::one || list.order == Order::newest_first)
        return list.until;
    const TimePoint settled = list.now - kSettledAfter;
    return list.until ? std::min(*list.until, settled) : settled;
}

void ListQuery::also(std::string_view condition) {
    conditions_ += conditions_.empty() ? " WHERE " : " AND ";
    conditions_ += condition;
}

void ListQuery::where(std::string_view column_is, std::int64_t value) {
    also(column_is);
    values_.emplace_back(value);
    conditions_ += " $" + std::to_string(values_.size());
}

void ListQuery::where_text(std::string_view column_is, std::string value) {
    also(column_is);
    values_.emplace_back(std::move(value));
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
    if (rows_skipped_ > 0) text += " OFFSET $" + std::to_string(values_.size() + 2);
    return text;
}

void ListQuery::bind_to(Query& query, std::size_t rows_max) const {
    POSTERN_ASSERT(rows_max > 0 && rows_max <= kPageRowsMax);
    bind_to_all(query);
    query.bind(static_cast<std::int64_t>(rows_max) + 1);
    if (rows_skipped_ > 0) query.bind(static_cast<std::int64_t>(rows_skipped_));
}

std::string ListQuery::text_of_all(std::string_view select_from) const {
    return std::string{select_from} + conditions_;
}

void ListQuery::bind_to_all(Query& query) const {
    for (const auto& value : values_) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) query.bind(*number);
        if (const auto* text = std::get_if<std::string>(&value))
            query.bind(std::string_view{*text});
    }
}

}  // namespace postern::storage
