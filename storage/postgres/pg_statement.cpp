#include "storage/postgres/pg_statement.hpp"

#include "core/log.hpp"
#include "storage/postgres/pg_text.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <utility>

namespace postern::storage {

PgStatement::PgStatement(PgSender& sender, std::string text, std::uint64_t number)
    : sender_{sender},
      text_{std::move(text)},
      number_{number},
      name_{"statement_" + std::to_string(number)} {}

void PgStatement::bind_integer(int index, std::int64_t value) {
    parameters_.set_integer(index, value);
}

void PgStatement::bind_text(int index, std::string_view value) {
    parameters_.set_text(index, value);
}

void PgStatement::bind_bytes(int index, std::string_view value) {
    parameters_.set_bytes(index, value);
}

void PgStatement::bind_null(int index) {
    parameters_.set_null(index);
}

void PgStatement::bind_array(int index, PgArray& values) {
    const unsigned type = values.type();
    parameters_.set_array(index, type, values.take());
}

// The types are part of what is prepared. A NULL has none, so it fits whatever was said before; but
// what was prepared without a type is prepared again, by another name, when one is known.
bool PgStatement::is_prepared(std::uint64_t connection) {
    const auto types = parameters_.types();
    if (prepared_types_.size() < types.size()) prepared_types_.resize(types.size());
    bool fits = true;
    for (std::size_t i = 0; i < types.size(); ++i) {
        if (types[i] == pg_type::kUnknown || types[i] == prepared_types_[i]) continue;
        prepared_types_[i] = types[i];
        fits = false;
    }
    if (fits) return prepared_on_ == connection;
    prepared_on_ = 0;
    name_ = "statement_" + std::to_string(number_) + "_" + std::to_string(++version_);
    return false;
}

Result<Step, StoreError> PgStatement::step() {
    if (state_ == State::fresh) {
        const auto sent = queue();
        if (!sent) return sent.error();
    }
    if (state_ == State::sent) {
        const auto settled = sender_.settle();
        if (!settled) return settled.error();
        if (state_ != State::complete) return StoreError::unavailable;
    }
    ++row_;
    told_.clear();
    return row_ < rows_ ? Step::row : Step::done;
}

Result<void, StoreError> PgStatement::queue() {
    state_ = State::sent;
    return sender_.send(*this);
}

void PgStatement::complete(std::uint64_t use, PgResult result) {
    if (use != use_) return;
    state_ = State::complete;
    result_ = std::move(result);
    row_ = kBeforeRows;
    rows_ = PQntuples(result_.get());
}

std::int64_t PgStatement::changed_rows() const {
    // A failure is remembered by the sender, and told by its next step.
    if (state_ == State::sent) static_cast<void>(sender_.settle());
    if (state_ != State::complete) return 0;
    const std::string_view told = PQcmdTuples(result_.get());
    std::int64_t rows = 0;
    std::from_chars(told.data(), told.data() + told.size(), rows);
    return rows;
}

PgValue PgStatement::value(int column) const {
    const PGresult* result = result_.get();
    return {
        PQftype(result, column),
        {PQgetvalue(result, row_, column),
         static_cast<std::size_t>(PQgetlength(result, row_, column))}};
}

bool PgStatement::is_null(int column) const {
    return PQgetisnull(result_.get(), row_, column) == 1;
}

std::int64_t PgStatement::integer(int column) const {
    if (is_null(column)) return 0;
    const auto number = read_integer(value(column));
    if (number) return *number;
    log::error("store.not_a_number", {{"statement", text_}, {"column", column}});
    return 0;
}

std::string_view PgStatement::text(int column) const {
    const std::string_view stored = value(column).bytes;
    auto told = told_text(stored);
    return told ? std::string_view{told_.emplace_back(std::move(*told))} : stored;
}

std::string_view PgStatement::bytes(int column) const {
    const PgValue held = value(column);
    return held.type == pg_type::kBytes ? held.bytes : text(column);
}

void PgStatement::reset() noexcept {
    ++use_;
    state_ = State::fresh;
    result_.reset();
    row_ = kBeforeRows;
    rows_ = 0;
    parameters_.clear();
    told_.clear();
}

}  // namespace postern::storage
