#pragma once

#include "storage/database.hpp"
#include "storage/postgres/pg_link.hpp"
#include "storage/postgres/pg_values.hpp"

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

namespace postern::storage {

class PgStatement;

// What sends statements. It is told here, so that a statement needs to know no more about it.
class PgSender {
 public:
    virtual ~PgSender() = default;
    virtual Result<void, StoreError> send(PgStatement& statement) = 0;
    // Until all answers are there.
    virtual Result<void, StoreError> settle() = 0;
};

// One text and, in its turn, one execution of it with all of its rows.
class PgStatement final : public Statement {
 public:
    PgStatement(PgSender& sender, std::string text, std::uint64_t number);

    void bind_integer(int index, std::int64_t value) override;
    void bind_text(int index, std::string_view value) override;
    void bind_bytes(int index, std::string_view value) override;
    void bind_null(int index) override;
    void bind_array(int index, PgArray& values);  // which is empty afterwards
    // What was queued before is not sent again: its rows are read, however long they are there.
    Result<Step, StoreError> step() override;
    Result<void, StoreError> queue() override;
    std::int64_t changed_rows() const override;
    bool is_null(int column) const override;
    std::int64_t integer(int column) const override;
    std::string_view text(int column) const override;
    std::string_view bytes(int column) const override;
    void reset() noexcept override;

    // For who sends it. A new connection knows nothing of what was prepared on the one before it,
    // so each has a number.
    const std::string& name() const { return name_; }
    const std::string& sql() const { return text_; }
    PgParameters& parameters() { return parameters_; }
    bool is_prepared(std::uint64_t connection);
    std::span<const unsigned> prepared_types() const { return prepared_types_; }
    void prepared(std::uint64_t connection) { prepared_on_ = connection; }
    void forget_prepared() { prepared_on_ = 0; }
    // Names one execution, as long as nobody uses the statement for another.
    std::uint64_t use() const { return use_; }
    void complete(std::uint64_t use, PgResult result);

 private:
    PgValue value(int column) const;

    PgSender& sender_;
    std::string text_;
    std::uint64_t number_;
    unsigned version_ = 0;
    std::string name_;
    std::uint64_t prepared_on_ = 0;
    std::vector<unsigned> prepared_types_;
    PgParameters parameters_;
    std::uint64_t use_ = 0;
    enum class State { fresh, sent, complete } state_ = State::fresh;
    PgResult result_;
    static constexpr int kBeforeRows = -1;
    int row_ = kBeforeRows;
    int rows_ = 0;
    mutable std::deque<std::string> told_;  // texts that are stored in another form
};

}  // namespace postern::storage
