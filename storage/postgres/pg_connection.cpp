#include "storage/postgres/pg_connection.hpp"

#include "core/assert.hpp"
#include "core/log.hpp"
#include "storage/postgres/pg_failure.hpp"

#include <utility>

namespace postern::storage {
namespace {

constexpr const char* kBeginRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
constexpr const char* kBegin = "BEGIN ISOLATION LEVEL READ COMMITTED";
constexpr const char* kCommit = "COMMIT";
constexpr const char* kRollback = "ROLLBACK";
constexpr const char* kSavepoint = "SAVEPOINT unit";
constexpr const char* kRelease = "RELEASE SAVEPOINT unit";
constexpr const char* kRollbackTo = "ROLLBACK TO SAVEPOINT unit";

constexpr Sql kTakeTurnSql{"SELECT name FROM turns WHERE name = 'general' FOR UPDATE"};
constexpr Sql kLeftBehindSql{
    "SELECT pid FROM pg_stat_activity"
    " WHERE pid = $1 AND usename = current_user AND wait_event = 'SyncRep'"};

constexpr Sql kNewestChangeSql{"SELECT coalesce(max(number), 0) FROM changes"};

// A plan made for a small table is kept while it grows, until the server counts its rows again.
constexpr std::chrono::seconds kPlansLast{15};

// Filters make a few dozen texts at most; beyond this the one that was not used longest goes.
constexpr std::size_t kComposedMax = 256;

}  // namespace

PgConnection::PgConnection(PgSession session)
    : session_{std::move(session)}, connector_{session_}, pipeline_{session_.patience} {}

PgConnection::~PgConnection() = default;

PgStatement& PgConnection::prepared(const Sql& sql) {
    auto& slot = statements_[&sql];
    if (!slot) slot = std::make_unique<PgStatement>(sender(), sql.text(), ++statements_made_);
    return *slot;
}

Statement& PgConnection::composed_statement(const std::string& text) {
    const auto held = composed_.find(text);
    if (held != composed_.end()) {
        composed_turns_.splice(composed_turns_.begin(), composed_turns_, held->second.turn);
        return *held->second.statement;
    }
    if (composed_.size() >= kComposedMax) drop_oldest_composed();
    const auto made = composed_.emplace(text, Composed{}).first;
    composed_turns_.push_front(&made->first);
    made->second.turn = composed_turns_.begin();
    made->second.statement = std::make_unique<PgStatement>(sender(), text, ++statements_made_);
    return *made->second.statement;
}

void PgConnection::drop_oldest_composed() {
    const auto oldest = composed_.find(*composed_turns_.back());
    composed_turns_.pop_back();
    pipeline_.forget(*oldest->second.statement);
    unused_names_.push_back(oldest->second.statement->name());
    composed_.erase(oldest);
}

// A failure inside a transaction is told to all that follows in it. Only one that writes has a
// commit that tells what failed before it; of all others each statement says so itself.
Result<void, StoreError> PgConnection::send(PgStatement& statement) {
    if (failure_) return *failure_;
    if (phase_ == Phase::none) {
        const auto open = open_to_write();
        if (!open) return open.error();
    }
    if (!pipeline_.add(statement)) return broken();
    if (phase_ == Phase::writing) return {};
    return settle();
}

Result<void, StoreError> PgConnection::settle() {
    if (failure_) return *failure_;
    return note(pipeline_.settle());
}

Result<void, StoreError> PgConnection::note(const std::optional<PgFailure>& failure) {
    if (!failure) return {};
    last_state_ = failure->state;
    // Who only reads and writes all the same is wrong; for others it means that it is a standby.
    const bool is_wrong = phase_ == Phase::reading && failure->state == kReadOnly;
    const StoreError error = is_wrong ? StoreError::failed : failure->error;
    if (phase_ != Phase::none) failure_ = error;
    return error;
}

StoreError PgConnection::broken() {
    pipeline_.close();
    last_state_.clear();
    if (phase_ != Phase::none) failure_ = StoreError::unavailable;
    return StoreError::unavailable;
}

Result<void, StoreError> PgConnection::add_command(const char* command) {
    if (failure_) return *failure_;
    if (!pipeline_.add(command)) return broken();
    return {};
}

// No timeout ends a commit that waits for its standby, and its process outlives the connection. To
// write on would leave one more of them behind with each try, until the server takes nobody.
Result<void, StoreError> PgConnection::open_to_write() {
    const auto open = connector_.ensure_open(pipeline_);
    if (!open) return open.error();
    const int before = std::exchange(backend_, pipeline_.link().backend());
    if (before != backend_ && left_behind_ == 0) left_behind_ = before;
    if (left_behind_ == 0 || looking_) return {};
    looking_ = true;
    const auto gone = look_for_left_behind();
    looking_ = false;
    return gone;
}

Result<void, StoreError> PgConnection::look_for_left_behind() {
    auto query = this->query(kLeftBehindSql);
    query.bind(std::int64_t{left_behind_});
    const auto step = query.step();
    if (!step && step.error() == StoreError::unavailable) return StoreError::unavailable;
    if (step && *step == Step::row) {
        log::warn("store.commit_waits_for_standby", {{"process", left_behind_}});
        return StoreError::unavailable;
    }
    // It has ended, or the server cannot say, and then has no such waits.
    left_behind_ = 0;
    return {};
}

Result<void, StoreError> PgConnection::begin_as(Phase phase, const char* command) {
    POSTERN_ASSERT(phase_ == Phase::none);
    const bool writes = phase == Phase::writing;
    const auto open = writes ? open_to_write() : connector_.ensure_open(pipeline_);
    if (!open) return open.error();
    if (!add_housekeeping() || !pipeline_.add(command)) return broken();
    phase_ = phase;
    failure_.reset();
    return {};
}

// What is sent along now and then, before a transaction.
bool PgConnection::add_housekeeping() {
    for (const std::string& name : std::exchange(unused_names_, {})) {
        if (!pipeline_.add_aside(("DEALLOCATE " + name).c_str())) return false;
    }
    const auto now = std::chrono::steady_clock::now();
    if (now < plans_end_at_) return true;
    plans_end_at_ = now + kPlansLast;
    return pipeline_.add_aside("DISCARD PLANS");
}

Result<void, StoreError> PgConnection::begin_read() {
    return begin_as(Phase::reading, kBeginRead);
}

// What was read is there, so nobody waits for the end of it.
void PgConnection::end_read() noexcept {
    if (failure_) return end_quietly();
    phase_ = Phase::none;
    if (pipeline_.add(kCommit)) pipeline_.send_off();
}

Result<void, StoreError> PgConnection::begin() {
    return begin_as(Phase::writing, kBegin);
}

Result<void, StoreError> PgConnection::commit() {
    POSTERN_ASSERT(phase_ == Phase::writing);
    auto done = add_command(kCommit);
    const bool asked = done.has_value();
    if (asked) done = settle();
    if (done && pipeline_.link().take_unreplicated()) {
        log::warn("store.commit_unreplicated", {});
        done = StoreError::unavailable;
    }
    if (done && pipeline_.last_tag() != kCommit) done = StoreError::failed;
    if (!done) {
        const bool unknown = asked && !pipeline_.is_open() && last_state_ != kReadOnly;
        if (unknown) log::warn("store.commit_unknown", {});
        end_quietly();
        return done.error();
    }
    phase_ = Phase::none;
    return {};
}

void PgConnection::rollback() noexcept {
    if (phase_ != Phase::none) end_quietly();
}

// Whatever failed before, the server has to hear that it is over.
void PgConnection::end_quietly() noexcept {
    phase_ = Phase::none;
    failure_.reset();
    if (!pipeline_.is_open()) return;
    if (pipeline_.add_border() && pipeline_.add(kRollback)) {
        pipeline_.settle_quietly();
    } else {
        pipeline_.close();
    }
}

Result<void, StoreError> PgConnection::begin_savepoint() {
    if (phase_ != Phase::writing) return StoreError::failed;
    return add_command(kSavepoint);
}

// Here the failure of what the unit queued shows, while the unit can still be told from others.
Result<void, StoreError> PgConnection::release_savepoint() {
    if (phase_ != Phase::writing) return StoreError::failed;
    const auto added = add_command(kRelease);
    if (!added) return added.error();
    return settle();
}

Result<void, StoreError> PgConnection::rollback_savepoint() {
    if (phase_ != Phase::writing) return StoreError::failed;
    pipeline_.settle_quietly();
    if (!pipeline_.is_open()) return broken();
    failure_.reset();
    for (const char* command : {kRollbackTo, kRelease}) {
        const auto added = add_command(command);
        if (!added) return added.error();
    }
    return settle();
}

// The question goes along with those of ingest, so its answer costs nobody a wait.
Result<void, StoreError>
PgConnection::ingest(Transaction& transaction, std::span<IngestItem* const> items) {
    POSTERN_ASSERT(ingest_.has_value());
    if (follower_ == nullptr) return ingest_->run(transaction, items);
    auto newest = query(kNewestChangeSql);
    const auto asked = newest.run();
    if (!asked) return asked.error();
    const auto ingested = ingest_->run(transaction, items);
    if (!ingested) return ingested.error();
    return follow(newest);
}

Result<void, StoreError> PgConnection::follow(Query& newest) {
    const auto step = newest.step();
    if (!step) return step.error();
    return follower_->follow(newest.integer(0));
}

Result<InboxId, StoreError> PgConnection::claim(const DedupeClaim& claim) {
    POSTERN_ASSERT(ingest_.has_value());
    return ingest_->claim(claim);
}

Result<void, StoreError> PgConnection::take_turn() {
    const auto asked = query(kTakeTurnSql).run();
    if (!asked || follower_ == nullptr) return asked;
    auto newest = query(kNewestChangeSql);
    return follow(newest);
}

Result<void, StoreError> PgConnection::execute_script(const std::string& script) {
    if (failure_) return *failure_;
    if (phase_ == Phase::none) {
        const auto open = connector_.ensure_open(pipeline_);
        if (!open) return open.error();
    }
    return note(pipeline_.run_script(script.c_str()));
}

}  // namespace postern::storage
