#pragma once

#include "core/result.hpp"
#include "payments/domain/values.hpp"
#include "storage/database.hpp"
#include "storage/paging.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

// What all repositories of the payment API say of rows. A row's reader answers Result<Row,
// StoreError>, since the JSON in a row may turn out to be damaged.
namespace postern::payments {

template <class Enum>
std::int64_t stored(Enum value) {
    return static_cast<std::int64_t>(value);
}

// Of an id, or of none.
template <class Id>
std::optional<std::int64_t> stored_id(const std::optional<Id>& id) {
    return id ? std::optional{id->value} : std::nullopt;
}
template <class Id>
std::optional<Id> read_optional_id(const storage::Query& query, int column) {
    return query.is_null(column) ? std::nullopt : std::optional{Id{query.integer(column)}};
}
inline std::optional<TimePoint> read_optional_time(const storage::Query& query, int column) {
    return query.is_null(column) ? std::nullopt : std::optional{query.time(column)};
}

inline storage::Query& bind_owner(storage::Query& query, Owner owner) {
    return query.bind(owner.account.value).bind(stored(owner.livemode));
}
// Two columns, the account and the mode, from `column` on.
inline Owner read_owner(const storage::Query& query, int column) {
    return {
        AccountId{query.integer(column)},
        static_cast<storage::Livemode>(query.integer(column + 1))};
}
inline void where_owner(storage::ListQuery& list, Owner owner) {
    list.where("account_id =", owner.account.value);
    list.where("livemode =", stored(owner.livemode));
}
// For lists of one payment, charge or customer: the plus keeps them from the index of the owner's
// rows, of which there are far more.
inline void where_owner_checked(storage::ListQuery& list, Owner owner) {
    list.where("+account_id =", owner.account.value);
    list.where("+livemode =", stored(owner.livemode));
}

// "created" filters are to the second: an id holds its moment to the millisecond, so the seconds'
// first ids are their borders.
inline void where_created(
    storage::ListQuery& list,
    const std::optional<TimePoint>& from,
    const std::optional<TimePoint>& until
) {
    if (from) list.where("id >=", first_id_at(*from));
    if (until) list.where("id <", first_id_at(*until));
}

template <class ReadRow>
auto read_one(storage::Query& query, ReadRow read_row) -> Result<
    std::optional<typename std::invoke_result_t<ReadRow, const storage::Query&>::value_type>,
    storage::StoreError> {
    using Row = typename std::invoke_result_t<ReadRow, const storage::Query&>::value_type;
    const auto step = query.step();
    if (!step) return step.error();
    if (*step == storage::Step::done) return std::optional<Row>{};
    auto row = read_row(query);
    if (!row) return row.error();
    return std::optional<Row>{std::move(*row)};
}

template <class ReadRow>
auto read_all(storage::Query& query, ReadRow read_row) -> Result<
    std::vector<typename std::invoke_result_t<ReadRow, const storage::Query&>::value_type>,
    storage::StoreError> {
    std::vector<typename std::invoke_result_t<ReadRow, const storage::Query&>::value_type> rows;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == storage::Step::done) return rows;
        auto row = read_row(query);
        if (!row) return row.error();
        rows.push_back(std::move(*row));
    }
}

// Of a statement that asks for one row more than the page holds.
template <class Row, class ReadRow>
Result<storage::Page<Row>, storage::StoreError>
read_rows_of_page(storage::Query& query, std::size_t rows_max, ReadRow read_row) {
    storage::Page<Row> page;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == storage::Step::done) return page;
        if (page.rows.size() == rows_max) {
            page.more = storage::Page<Row>::More::yes;
            return page;
        }
        auto row = read_row(query);
        if (!row) return row.error();
        page.rows.push_back(std::move(*row));
    }
}

// Of a statement that counts.
inline Result<std::int64_t, storage::StoreError> read_count(storage::Query& query) {
    const auto step = query.step();
    if (!step) return step.error();
    return *step == storage::Step::row ? query.integer(0) : 0;
}

}  // namespace postern::payments
