#pragma once

#include "storage/database.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace postern::storage {

// The values of many rows, each column as one bound text, "{1,NULL,3}", of which unnest() makes
// rows again: one statement then takes a whole batch. For statements of stores with many writers.
class ColumnTexts {
 public:
    explicit ColumnTexts(std::size_t columns) : columns_(columns, "{") {}

    // Row by row: the next value goes to the next column, and after the last to the first again.
    ColumnTexts& add(std::int64_t value);
    ColumnTexts& add(TimePoint value) { return add(unix_microseconds(value)); }
    ColumnTexts& add(std::string_view value);
    ColumnTexts& add(std::nullopt_t);
    template <class Value>
    ColumnTexts& add(const std::optional<Value>& value) {
        return value ? add(*value) : add(std::nullopt);
    }

    // Nothing may be added afterwards, and the columns must live until the statement has run.
    void bind_to(Query& query);

 private:
    std::string& next();

    std::vector<std::string> columns_;
    std::size_t next_ = 0;
};

}  // namespace postern::storage
