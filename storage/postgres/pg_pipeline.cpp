#include "storage/postgres/pg_pipeline.hpp"

#include "core/log.hpp"
#include "storage/postgres/pg_failure.hpp"

#include <libpq-fe.h>

#include <utility>

namespace postern::storage {
namespace {

std::string_view field_of(const pg_result* result, int field) {
    const char* text = PQresultErrorField(result, field);
    return text == nullptr ? std::string_view{} : std::string_view{text};
}

// The primary message alone: the details of a broken constraint quote the row.
std::string_view reason_of(const pg_result* result) {
    const std::string_view primary = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
    if (primary.empty()) return "the connection broke";
    // Of the class of values that do not fit, some messages quote the value.
    if (field_of(result, PG_DIAG_SQLSTATE).starts_with("22")) return "a value does not fit";
    return primary;
}

bool is_answer(const pg_result* result) {
    const ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

}  // namespace

bool PgFailure::ends_connection() const {
    return storage::ends_connection(state);
}

std::optional<std::string> PgPipeline::connect(const ConnectionWords& words) {
    give_up();
    ++connection_;
    return link_.connect(words);
}

void PgPipeline::close() noexcept {
    give_up();
}

bool PgPipeline::is_usable() {
    if (!link_.is_open() || link_.was_closed()) return false;
    while (!pending_.empty() && link_.has_result()) {
        const Pending pending = pending_.front();
        pending_.pop_front();
        const auto failure = answered(pending, link_.next_result());
        if (failure && failure->ends_connection()) return false;
    }
    return !link_.was_closed();
}

void PgPipeline::give_up() noexcept {
    pending_.clear();
    link_.close();
}

bool PgPipeline::push(Pending pending) {
    pending_.push_back(pending);
    return true;
}

bool PgPipeline::add(PgStatement& statement) {
    if (!statement.is_prepared(connection_)) {
        const PgLink::Prepare prepare{
            statement.name().c_str(), statement.sql().c_str(), statement.prepared_types()};
        if (!link_.send_prepare(prepare)) return false;
        statement.prepared(connection_);
        push({.kind = Pending::Kind::prepare, .statement = &statement});
    }
    const auto parameters = statement.parameters().sendable();
    if (!link_.send_prepared(statement.name().c_str(), parameters)) return false;
    return push({.kind = Pending::Kind::execute, .statement = &statement, .use = statement.use()});
}

bool PgPipeline::add(const char* command) {
    return link_.send_text(command) && push({.kind = Pending::Kind::command});
}

bool PgPipeline::add_border() {
    return link_.send_sync() && push({.kind = Pending::Kind::border});
}

void PgPipeline::send_off() {
    if (!add_border() || !link_.flush()) return give_up();
    static_cast<void>(ignore_all());
}

bool PgPipeline::add_aside(const char* command) {
    return add(command) && add_border() && ignore_all();
}

bool PgPipeline::ignore_all() {
    for (Pending& pending : pending_) pending.failure = Pending::Failure::ignored;
    return true;
}

std::optional<PgFailure> PgPipeline::settle() {
    if (pending_.empty()) return std::nullopt;
    if (pending_.back().kind != Pending::Kind::border && !add_border()) {
        give_up();
        return PgFailure{StoreError::unavailable, {}};
    }
    std::optional<PgFailure> first;
    bool lost = false;
    while (!pending_.empty()) {
        const Pending pending = pending_.front();
        pending_.pop_front();
        auto failure = answered(pending, link_.next_result());
        if (!failure) continue;
        lost = lost || failure->ends_connection();
        const bool ignored = pending.failure == Pending::Failure::ignored && !lost;
        if (!first && !ignored) first = std::move(failure);
        if (!link_.is_open()) break;
    }
    if (lost) give_up();
    return first;
}

std::optional<PgFailure> PgPipeline::answered(const Pending& pending, PgResult result) {
    if (!result) return PgFailure{StoreError::unavailable, {}};
    if (pending.kind == Pending::Kind::border) {
        if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return std::nullopt;
        return PgFailure{StoreError::unavailable, {}};
    }
    if (is_answer(result.get())) {
        last_tag_ = PQcmdStatus(result.get());
        const bool is_execution = pending.kind == Pending::Kind::execute;
        if (is_execution) pending.statement->complete(pending.use, std::move(result));
        return std::nullopt;
    }
    if (pending.kind == Pending::Kind::prepare) pending.statement->forget_prepared();
    return refusal(pending, result.get());
}

PgFailure PgPipeline::refusal(const Pending& pending, const pg_result* result) {
    // The server passed it over because of one before it, whose failure is known.
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED) return {StoreError::failed, "aborted"};
    const std::string state{field_of(result, PG_DIAG_SQLSTATE)};
    const StoreError error = classify_state(state);
    if (pending.failure == Pending::Failure::ignored) return {error, state};
    if (error == StoreError::failed) {
        // Only the text is at fault, or a right is missing; both are for a human.
        log::error(
            "store.statement_refused",
            {{"reason", reason_of(result)},
             {"state", state},
             {"statement", pending.statement == nullptr ? "" : pending.statement->sql()}}
        );
    } else {
        log::warn("store.refused", {{"reason", reason_of(result)}, {"state", state}});
    }
    return {error, state};
}

std::optional<PgFailure> PgPipeline::run_script(const char* text) {
    if (auto failure = settle()) return failure;
    const PgResult result = link_.run_script(text);
    if (!result) {
        give_up();
        return PgFailure{StoreError::unavailable, {}};
    }
    if (is_answer(result.get())) return std::nullopt;
    auto failure = refusal({.kind = Pending::Kind::command}, result.get());
    if (failure.ends_connection()) give_up();
    return failure;
}

void PgPipeline::forget(const PgStatement& statement) {
    for (const Pending& pending : pending_) {
        if (pending.statement != &statement) continue;
        settle_quietly();
        return;
    }
}

}  // namespace postern::storage
