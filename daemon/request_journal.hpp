#pragma once

#include "core/metrics.hpp"
#include "daemon/store.hpp"
#include "storage/request_log_repository.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace postern::daemon {

// Keeps the log of requests, and when each key was last used, off the way of the requests: they
// are collected for a moment and written many at a time by a thread of its own. Nobody ever waits
// for it. When more comes than can be written, rows are dropped and counted.
class RequestJournal {
 public:
    enum class Rows { kept, dropped };
    struct Parts {
        Store& store;
        MetricRegistry& metrics;
        Rows rows = Rows::kept;
    };
    struct Limits {
        std::size_t queue_rows_max = 8'192;
        std::size_t batch_rows_max = 256;
        std::chrono::milliseconds collected_for{200};
        std::chrono::milliseconds pause_after_failure{1'000};
        std::chrono::minutes use_noted_every{1};
    };
    explicit RequestJournal(const Parts& parts) : RequestJournal{parts, Limits{}} {}
    RequestJournal(const Parts& parts, const Limits& limits);
    ~RequestJournal();  // stops
    RequestJournal(const RequestJournal&) = delete;
    RequestJournal& operator=(const RequestJournal&) = delete;

    bool keeps_rows() const { return parts_.rows == Rows::kept; }
    void note(storage::RequestLogRow row);  // any thread
    void start();
    void stop();  // writes what is there, once, while the writer still runs

 private:
    using Uses = std::map<ApiKeyId, TimePoint>;
    struct Batch {
        std::vector<storage::RequestLogRow> rows;
        Uses uses;

        bool is_empty() const { return rows.empty() && uses.empty(); }
    };
    enum class Written { all, later };

    void run_thread();
    bool has_work() const { return !queue_.empty() || !uses_.empty(); }
    Batch take_batch();
    Written write(const Batch& batch);
    void give_back(Batch batch);
    void note_use(const storage::RequestLogRow& row);

    const Parts parts_;
    const Limits limits_;
    Counter dropped_;

    std::mutex mutex_;  // guards what follows
    std::condition_variable wake_;
    std::deque<storage::RequestLogRow> queue_;
    Uses uses_;        // to be written
    Uses noted_uses_;  // were written, or are about to be
    bool stopping_ = false;
    std::jthread thread_;
};

}  // namespace postern::daemon
