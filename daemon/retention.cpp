#include "daemon/retention.hpp"

#include "core/log.hpp"
#include "daemon/blocking_read.hpp"
#include "daemon/blocking_write.hpp"
#include "daemon/write_once.hpp"
#include "storage/attempt_repository.hpp"
#include "storage/event_sweep.hpp"
#include "storage/idempotency_repository.hpp"
#include "storage/inbox_repository.hpp"
#include "storage/job_repository.hpp"
#include "storage/request_log_repository.hpp"

#include <algorithm>

namespace postern::daemon {

using std::chrono::steady_clock;
using storage::DatedTable;
using storage::StoreError;

namespace {

constexpr std::chrono::seconds kSweepEvery{60};
// Old rows that are still needed are passed over, and not looked at again for so long; neither is
// what another node wrote late.
constexpr std::chrono::hours kFromTheOldestEvery{1};
constexpr std::int64_t kStepsOfATurn = 100;  // then the next kind has its turn
// A quarter of the time at most, so that a backlog of years delays nobody.
constexpr int kRestForEachStep = 3;
constexpr std::chrono::milliseconds kRestMin{1};
constexpr std::chrono::seconds kRestMax{2};

}  // namespace

template <Retention::Forget forget_some>
Retention::StepResult
Retention::forget_by_age(storage::Transaction& transaction, const StepStart& start) {
    const auto swept = forget_some(transaction, {.before = start.before, .after = start.after});
    if (!swept) return swept.error();
    return StepEnd{
        .rows = swept->rows,
        .reached = swept->reached,
        .rest = swept->rows == 0 ? StepEnd::Rest::none : StepEnd::Rest::some};
}

Retention::StepResult
Retention::forget_old_events(storage::Transaction& transaction, const StepStart& start) {
    const auto gone = storage::forget_events(
        transaction, {.before = start.before, .after = EventId{start.after}}
    );
    if (!gone) return gone.error();
    const bool more = gone->rest == storage::ForgottenEvents::Rest::some;
    return StepEnd{
        .rows = gone->rows(),
        .reached = gone->reached.value,
        .rest = more ? StepEnd::Rest::some : StepEnd::Rest::none};
}

Retention::Retention(const Parts& parts) : parts_{parts} {
    const RetentionPeriods& kept = parts.periods;
    add_rule(
        {"idempotent_replies", kIdempotentReplyKept},
        forget_by_age<storage::forget_idempotent_replies>,
        std::nullopt
    );
    add_rule(
        {"request_log", kept.request_log},
        forget_by_age<storage::forget_request_log>,
        DatedTable::request_log
    );
    add_rule({"jobs", kept.jobs}, forget_by_age<storage::forget_jobs>, DatedTable::jobs);
    add_rule(
        {"attempts", kept.attempts}, forget_by_age<storage::forget_attempts>, DatedTable::attempts
    );
    add_rule({"events", kept.events}, forget_old_events, DatedTable::events);
    add_rule({"inbox", kept.inbox}, forget_by_age<storage::forget_inbox>, DatedTable::inbox);
}

Retention::~Retention() {
    stop();
}

void Retention::add_rule(
    const Wish& wish,
    StepResult (*step)(storage::Transaction&, const StepStart&),
    std::optional<DatedTable> table
) {
    const Counter rows_swept = parts_.metrics.counter(
        {"postern_retention_rows_total", "Rows that went since they were old"},
        {{"what", wish.what}}
    );
    if (wish.kept.count() == 0) return;
    rules_.push_back(
        {.what = wish.what,
         .kept = wish.kept,
         .step = step,
         .table = table,
         .rows_swept = rows_swept}
    );
}

void Retention::start() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = false;
    }
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

void Retention::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

bool Retention::rest(std::chrono::microseconds duration) {
    std::unique_lock lock{mutex_};
    return !wake_.wait_for(lock, duration, [this] { return stopping_; });
}

void Retention::run_thread() {
    if (!rest(parts_.first_sweep_after)) return;
    for (;;) {
        switch (sweep_all()) {
            case Turn::stop: return;
            case Turn::more: break;
            case Turn::rest:
                if (!rest(kSweepEvery)) return;
                break;
        }
    }
}

Retention::Turn Retention::sweep_all() {
    Turn all = Turn::rest;
    for (Rule& rule : rules_) {
        switch (sweep(rule)) {
            case Turn::stop: return Turn::stop;
            case Turn::more: all = Turn::more; break;
            case Turn::rest: break;
        }
    }
    return all;
}

Retention::Turn Retention::sweep(Rule& rule) {
    if (rule.from_the_oldest_at <= steady_clock::now()) {
        rule.after = 0;
        rule.from_the_oldest_at = steady_clock::now() + kFromTheOldestEvery;
    }
    for (std::int64_t i = 0; i < kStepsOfATurn; ++i) {
        const SteadyTime begun = steady_clock::now();
        const StepResult step = make_step(rule);
        if (!step) {
            // A writer that has too much to do already answers as a closed one does.
            const auto report = step.error() == StoreError::closed ? log::debug : log::warn;
            report("retention.step_failed", {{"what", rule.what}, {"why", to_text(step.error())}});
            return Turn::rest;
        }
        count(rule, *step);
        if (step->rest == StepEnd::Rest::none) {
            report_end(rule);
            return Turn::rest;
        }
        if (rule.report_at <= steady_clock::now()) report_progress(rule);
        const auto took =
            std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
        const auto wanted =
            std::clamp<std::chrono::microseconds>(took * kRestForEachStep, kRestMin, kRestMax);
        if (!rest(wanted)) return Turn::stop;
    }
    return Turn::more;
}

Retention::StepResult Retention::make_step(const Rule& rule) {
    StepEnd end;
    const WriteWork work = [&rule, &end](storage::Transaction& transaction) -> StoreResult {
        const auto step =
            rule.step(transaction, {.before = transaction.now() - rule.kept, .after = rule.after});
        if (!step) return step.error();
        end = *step;
        return {};
    };
    const WriteResult written = write_and_wait(parts_.store.writer, guarded(parts_.guard, work));
    if (!written) return written.error();
    return end;
}

void Retention::count(Rule& rule, const StepEnd& end) {
    rule.after = end.reached;
    if (end.rows == 0) return;
    if (rule.rows == 0) {
        rule.began_at = steady_clock::now();
        rule.report_at = rule.began_at + parts_.report_every;
    }
    rule.rows += end.rows;
    rule.steps += 1;
    rule.rows_swept.add(static_cast<double>(end.rows));
}

// How old the oldest is tells how far the sweep has come, and costs less than to count the rest.
void Retention::report_progress(Rule& rule) {
    rule.report_at = steady_clock::now() + parts_.report_every;
    if (rule.rows == 0) return;
    std::optional<TimePoint> oldest;
    const ReadWork work = [&rule, &oldest](storage::Connection& connection) -> StoreResult {
        if (!rule.table) return {};
        const auto found = storage::oldest_row(connection, *rule.table);
        if (!found) return found.error();
        oldest = *found;
        return {};
    };
    if (!read_and_wait(parts_.store.readers, work)) return;
    log::info(
        "retention.sweeping",
        {{"what", rule.what},
         {"rows", rule.rows},
         {"oldest", oldest ? to_iso8601(*oldest) : std::string{}},
         {"days_kept", std::chrono::floor<std::chrono::days>(rule.kept).count()}}
    );
}

void Retention::report_end(Rule& rule) {
    if (rule.rows == 0) return;
    // One step is everyday work; more than one is something that an operator may be waiting for.
    const auto report = rule.steps > 1 ? log::info : log::debug;
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - rule.began_at);
    report(
        "retention.swept",
        {{"what", rule.what},
         {"rows", rule.rows},
         {"steps", rule.steps},
         {"milliseconds", std::int64_t{took.count()}}}
    );
    rule.rows = 0;
    rule.steps = 0;
}

}  // namespace postern::daemon
