#pragma once

#include "core/metrics.hpp"
#include "core/time.hpp"
#include "daemon/retention_periods.hpp"
#include "daemon/store.hpp"
#include "storage/oldest_row.hpp"
#include "storage/sweep.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

namespace postern::daemon {

// Takes away what is older than it is kept, and answers to requests that nobody can repeat any
// more. On a thread of its own and in small steps, each a transaction; between two of them it rests
// for longer than the last one took, so the busier the writer is, the less is asked of it. Whatever
// ends the process, a step was made or it was not, and the next start goes on.
class Retention {
 public:
    struct Parts {
        Store& store;
        MetricRegistry& metrics;
        RetentionPeriods periods;
        std::chrono::seconds first_sweep_after{3};  // of the start, which has enough to do
        std::chrono::seconds report_every{10};      // of a sweep that takes long
        StepGuard guard = {};
    };
    explicit Retention(const Parts& parts);
    ~Retention();  // stops
    Retention(const Retention&) = delete;
    Retention& operator=(const Retention&) = delete;

    // Several times, each after the stop before it.
    void start();
    void stop();  // ends after the step in hand

 private:
    using SteadyTime = std::chrono::steady_clock::time_point;
    struct StepStart {
        TimePoint before;
        std::int64_t after = 0;  // where the step before it stopped
    };
    struct StepEnd {
        std::int64_t rows = 0;
        std::int64_t reached = 0;
        enum class Rest : std::uint8_t { none, some };
        Rest rest = Rest::none;
    };
    using StepResult = Result<StepEnd, storage::StoreError>;
    using Forget = Result<
        storage::SweptRows,
        storage::StoreError> (*)(storage::Transaction&, const storage::OldRows&);
    // One kind of thing, and how far its sweep is. A sweep begins with the first old row and ends
    // when none is left.
    struct Rule {
        std::string_view what;
        std::chrono::seconds kept;
        StepResult (*step)(storage::Transaction&, const StepStart&);
        std::optional<storage::DatedTable> table;
        Counter rows_swept;
        std::int64_t after = 0;
        SteadyTime from_the_oldest_at = {};  // when what was passed over is looked at again
        std::int64_t rows = 0;
        std::int64_t steps = 0;
        SteadyTime began_at = {};
        SteadyTime report_at = {};
    };
    enum class Turn { rest, more, stop };

    template <Forget forget_some>
    static StepResult forget_by_age(storage::Transaction& transaction, const StepStart& start);
    static StepResult forget_old_events(storage::Transaction& transaction, const StepStart& start);

    struct Wish {
        std::string_view what;
        std::chrono::seconds kept;
    };
    void add_rule(
        const Wish& wish,
        StepResult (*step)(storage::Transaction&, const StepStart&),
        std::optional<storage::DatedTable> table
    );
    void run_thread();
    Turn sweep_all();
    Turn sweep(Rule& rule);
    StepResult make_step(const Rule& rule);
    void count(Rule& rule, const StepEnd& end);
    void report_progress(Rule& rule);
    void report_end(Rule& rule);
    bool rest(std::chrono::microseconds duration);  // false: it is time to stop

    Parts parts_;
    std::vector<Rule> rules_;  // the thread only

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace postern::daemon
