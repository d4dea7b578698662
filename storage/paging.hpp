#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"
#include "storage/database.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace postern::storage {

enum class Order { newest_first, oldest_first };

inline constexpr std::size_t kPageRowsMax = 100;

// Keyset paging: the next page begins after the last id of this one, so it costs the same however
// deep it lies, and rows that arrive meanwhile shift nothing.
template <class Id>
struct PageRequest {
    std::optional<Id> after;  // the last row of the page before
    Order order = Order::newest_first;
    std::size_t rows_max = 20;
    // Rows that lie before the first: only for lists by page number, since each of them is passed.
    std::size_t rows_skipped = 0;
};

template <class Row>
struct Page {
    std::vector<Row> rows;
    enum class More { no, yes };
    More more = More::no;
};

// Where several nodes write, a row may become visible after others with later ids. Who follows a
// list forwards by its cursor would miss it, so such a list ends this long ago.
inline constexpr std::chrono::seconds kSettledAfter{5};
struct Followed {
    Order order = Order::newest_first;
    std::optional<TimePoint> until;  // as it was asked for
    TimePoint now;
};
std::optional<TimePoint> settled_until(const Connection& connection, const Followed& list);

// Puts a list's statement together from the filters that are set, so that each combination is a
// statement of its own which can use its index. Conditions and values stay in step by position.
class ListQuery {
 public:
    // `column_is` is a constant of ours such as "gateway =", never anything from outside.
    void where(std::string_view column_is, std::int64_t value);
    void where(std::string_view column_is, const std::optional<std::int64_t>& value);
    // The same with a text from outside, which is bound like the numbers.
    void where_text(std::string_view column_is, std::string value);
    void also(std::string_view condition);  // a constant of ours, without a value
    // By the moment in the id itself: arrival, to the millisecond.
    void between(const std::optional<TimePoint>& since, const std::optional<TimePoint>& until);
    void after(const std::optional<std::int64_t>& last_id, Order order);
    void skip(std::size_t rows) { rows_skipped_ = rows; }
    // By a column that grows with the id, where the index wants it. A constant of ours.
    void order_by(std::string_view column) { order_column_ = column; }

    // One row more than asked for tells whether there is another page.
    std::string text(std::string_view select_from) const;
    // Bound texts are views into this list, which must outlive the last step.
    void bind_to(Query& query, std::size_t rows_max) const;

    // The same rows without an order or a page, as they are counted.
    std::string text_of_all(std::string_view select_from) const;
    void bind_to_all(Query& query) const;
    // The number of the next parameter, for who appends to the text.
    std::size_t next_parameter() const { return values_.size() + 1; }

 private:
    std::string conditions_;
    std::vector<std::variant<std::int64_t, std::string>> values_;
    Order order_ = Order::newest_first;
    std::size_t rows_skipped_ = 0;
    std::string_view order_column_ = "id";
};

template <class Row, class ReadRow>
Result<Page<Row>, StoreError> read_page(Query& query, std::size_t rows_max, ReadRow read_row) {
    Page<Row> page;
    for (;;) {
        const auto step = query.step();
        if (!step) return step.error();
        if (*step == Step::done) return page;
        if (page.rows.size() == rows_max) {
            page.more = Page<Row>::More::yes;
            return page;
        }
        page.rows.push_back(read_row(query));
    }
}

}  // namespace postern::storage
