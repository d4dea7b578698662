#pragma once

#include "core/ids.hpp"
#include "core/result.hpp"
#include "core/time.hpp"
#include "storage/poison.hpp"
#include "storage/row_locks.hpp"
#include "storage/store_error.hpp"
#include "storage/values.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// The port: what a database driver offers. SQL above it is the common subset of SQLite and
// PostgreSQL: parameters $1, $2 … numbered in the order in which they first appear, INSERT … ON
// CONFLICT DO NOTHING, RETURNING, keyset paging. It lives beside the repository function using it.
namespace postern::storage {

struct IngestItem;
struct DedupeClaim;

// One statement's text. Its address is its name in a connection's cache of prepared statements, so
// the hot path hashes no text; hence constants only, and no copies.
class Sql {
 public:
    constexpr explicit Sql(const char* text) : text_{text} {}
    Sql(const Sql&) = delete;
    Sql& operator=(const Sql&) = delete;
    constexpr const char* text() const { return text_; }

 private:
    const char* text_;
};

// Bytes as opposed to text; a view like every other bound value.
struct Blob {
    std::string_view bytes;
};

enum class Step { row, done };

// A prepared statement. Bound text and bytes are views that must outlive the last step.
class Statement {
 public:
    virtual ~Statement() = default;
    virtual void bind_integer(int index, std::int64_t value) = 0;  // parameters count from 1
    virtual void bind_text(int index, std::string_view value) = 0;
    virtual void bind_bytes(int index, std::string_view value) = 0;
    virtual void bind_null(int index) = 0;
    virtual Result<Step, StoreError> step() = 0;
    // For statements that answer with no rows. A driver may send it with what follows, and then its
    // failure shows at the next step, count of changed rows, release of a savepoint, or commit.
    // The views may go when this returns.
    virtual Result<void, StoreError> queue();
    virtual std::int64_t changed_rows() const = 0;  // by the last step
    virtual bool is_null(int column) const = 0;     // columns count from 0
    virtual std::int64_t integer(int column) const = 0;
    virtual std::string_view text(int column) const = 0;  // until the next step
    virtual std::string_view bytes(int column) const = 0;
    virtual void reset() noexcept = 0;
};

// One use of a prepared statement: binds in the order of the parameters, and gives the statement
// back when it goes, so that no forgotten cursor pins a snapshot. A statement that could not be
// prepared says so at its first step, which keeps the check in one place.
class Query {
 public:
    explicit Query(Statement& statement) : statement_{&statement} {}
    Query(Query&& other) noexcept : statement_{other.statement_}, bound_{other.bound_} {
        other.statement_ = nullptr;
    }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    Query& operator=(Query&&) = delete;
    ~Query() {
        if (statement_ != nullptr) statement_->reset();
    }

    Query& bind(std::int64_t value) {
        statement_->bind_integer(++bound_, value);
        return *this;
    }
    Query& bind(std::string_view value) {
        statement_->bind_text(++bound_, value);
        return *this;
    }
    Query& bind(Blob value) {
        statement_->bind_bytes(++bound_, value.bytes);
        return *this;
    }
    Query& bind(std::nullopt_t) {
        statement_->bind_null(++bound_);
        return *this;
    }
    Query& bind(TimePoint value) { return bind(unix_microseconds(value)); }
    template <class Value>
    Query& bind(const std::optional<Value>& value) {
        return value ? bind(*value) : bind(std::nullopt);
    }

    [[nodiscard]] Result<Step, StoreError> step() { return statement_->step(); }
    [[nodiscard]] Result<void, StoreError> run() { return statement_->queue(); }
    std::int64_t changed_rows() const { return statement_->changed_rows(); }

    bool is_null(int column) const { return statement_->is_null(column); }
    std::int64_t integer(int column) const { return statement_->integer(column); }
    std::string_view text(int column) const { return statement_->text(column); }
    std::string_view bytes(int column) const { return statement_->bytes(column); }
    TimePoint time(int column) const { return from_unix_microseconds(integer(column)); }

 private:
    Statement* statement_;
    int bound_ = 0;
};

// Many: transactions of other connections and other processes change rows meanwhile. Such a store
// takes FOR UPDATE, and lists of numbers as `$1::bigint[]`, bound as the text "{1,2}". The clocks
// of several processes make its ids, so only those of one process tell what came first.
enum class Writers { one, many };

// One thread at a time. Reads may go through any connection; writes only through a Transaction.
class Connection {
 public:
    virtual ~Connection() = default;
    virtual Statement& statement(const Sql& sql) = 0;
    // For lists whose filters are put together at run time: cached by text, bounded.
    virtual Statement& composed_statement(const std::string& text) = 0;
    // A snapshot: every read between the two sees the same state.
    [[nodiscard]] virtual Result<void, StoreError> begin_read() = 0;
    virtual void end_read() noexcept = 0;
    virtual Writers writers() const noexcept { return Writers::one; }

    Query query(const Sql& sql) { return Query{statement(sql)}; }
    Query query(const std::string& text) { return Query{composed_statement(text)}; }
};

class Transaction;

enum class Room { plenty, low };
enum class Load { burst, idle };

// The one connection that changes anything, and that alone looks after the files.
class WriteConnection : public Connection {
 public:
    [[nodiscard]] virtual Result<void, StoreError> begin() = 0;
    [[nodiscard]] virtual Result<void, StoreError> commit() = 0;  // on failure: rolled back
    virtual void rollback() noexcept = 0;
    [[nodiscard]] virtual Result<void, StoreError> begin_savepoint() = 0;
    [[nodiscard]] virtual Result<void, StoreError> release_savepoint() = 0;
    // Fails when the whole transaction is gone, as it is after some errors.
    [[nodiscard]] virtual Result<void, StoreError> rollback_savepoint() = 0;

    // A whole batch at once, so that a driver may need one round trip for it. The first failure
    // ends it; the caller rolls back.
    [[nodiscard]] virtual Result<void, StoreError>
    ingest(Transaction& transaction, std::span<IngestItem* const> items) = 0;

    // The row that told this thing before; 0 when it is new and now claimed. For things found later
    // in a row that is there: ingest claims for its batches itself.
    [[nodiscard]] virtual Result<InboxId, StoreError> claim(const DedupeClaim& claim) = 0;

    // Waits until no other transaction that took its turn is open, on whatever node, and keeps the
    // others waiting until this one ends. Units of work that read before they write need no other
    // lock among each other. Where one connection writes, it is always its turn.
    [[nodiscard]] virtual Result<void, StoreError> take_turn() { return {}; }

    // May other processes change this store?
    virtual bool is_shared() const { return false; }

    // Schema changes of one migration; several statements in one text.
    [[nodiscard]] virtual Result<void, StoreError> execute_script(const std::string& script) = 0;

    virtual Room room() = 0;                      // is there space to take new events?
    virtual void give_up_reserve() noexcept = 0;  // the disk is full: let what must go on go on
    // Called between batches: the driver moves the log into the tables when it is due.
    [[nodiscard]] virtual Result<void, StoreError> keep_house(Load load) = 0;
};

// What a unit of work writes through. Ids grow in the order of commits, so a reader who pages
// forward by id misses none.
class Transaction {
 public:
    struct Parts {
        WriteConnection& connection;
        IdGenerator& ids;
        TimePoint now;
    };
    explicit Transaction(Parts parts) : parts_{parts} {}
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    WriteConnection& connection() { return parts_.connection; }
    Query query(const Sql& sql) { return parts_.connection.query(sql); }
    TimePoint now() const { return parts_.now; }  // one moment for the whole batch
    void look_at(const Clock& clock) { parts_.now = clock.now(); }
    std::int64_t next_id() { return parts_.ids.next(parts_.now); }
    std::int64_t next_id_after(std::int64_t other) {
        parts_.ids.go_on_after(other);
        return next_id();
    }
    // For a unit of the hot lane that finds out that it has to decide something.
    [[nodiscard]] Result<void, StoreError> take_turn() { return locks_.take_turn(*this); }
    RowLocks& locks() { return locks_; }

 private:
    Parts parts_;
    RowLocks locks_;
};

class Database {
 public:
    virtual ~Database() = default;
    virtual WriteConnection& writer() = 0;  // for the writer's thread only, once there is one
    // For units in the other lanes, each for its own thread; null, both: the one above does all.
    virtual WriteConnection* hot_writer() { return nullptr; }
    virtual WriteConnection* records_writer() { return nullptr; }
    [[nodiscard]] virtual Result<std::unique_ptr<Connection>, StoreError> open_reader() = 0;
    // One more that writes, for a thread of its own and short statements, each its own transaction
    // unless it is told otherwise. Null: this store has only the one above.
    [[nodiscard]] virtual Result<std::unique_ptr<WriteConnection>, StoreError> open_side() {
        return std::unique_ptr<WriteConnection>{};
    }
    virtual const StoreKeys& keys() const = 0;
    // Goes on after the greatest id in the store.
    virtual IdGenerator& ids() = 0;
    virtual Poison& poison() = 0;
    virtual std::string description() const = 0;  // for health answers: "SQLite 3.40.1"
};

}  // namespace postern::storage
