#include "storage/column_texts.hpp"

#include "core/assert.hpp"

namespace postern::storage {

std::string& ColumnTexts::next() {
    std::string& column = columns_[next_];
    next_ = (next_ + 1) % columns_.size();
    if (column.size() > 1) column += ',';
    return column;
}

ColumnTexts& ColumnTexts::add(std::int64_t value) {
    next() += std::to_string(value);
    return *this;
}

ColumnTexts& ColumnTexts::add(std::string_view value) {
    std::string& column = next();
    column += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') column += '\\';
        column += c;
    }
    column += '"';
    return *this;
}

ColumnTexts& ColumnTexts::add(std::nullopt_t) {
    next() += "NULL";
    return *this;
}

void ColumnTexts::bind_to(Query& query) {
    POSTERN_ASSERT(next_ == 0);
    for (std::string& column : columns_) {
        column += '}';
        query.bind(std::string_view{column});
    }
}

}  // namespace postern::storage
