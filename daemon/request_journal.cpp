#include "daemon/request_journal.hpp"

#include "core/log.hpp"
#include "daemon/blocking_write.hpp"
#include "storage/api_key_repository.hpp"

#include <algorithm>

namespace postern::daemon {
namespace {

constexpr std::size_t kNotedUsesMax = 4'096;

}  // namespace

RequestJournal::RequestJournal(const Parts& parts, const Limits& limits)
    : parts_{parts},
      limits_{limits},
      dropped_{parts.metrics.counter(
          {"postern_request_log_dropped_total",
           "Rows of the request log that were not kept: more came than could be written"}
      )} {}

RequestJournal::~RequestJournal() {
    stop();
}

void RequestJournal::start() {
    thread_ = std::jthread{[this] {
        run_thread();
    }};
}

void RequestJournal::stop() {
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void RequestJournal::note(storage::RequestLogRow row) {
    const std::lock_guard lock{mutex_};
    const bool was_idle = !has_work();
    note_use(row);
    if (keeps_rows()) {
        if (queue_.size() >= limits_.queue_rows_max) return dropped_.add();
        queue_.push_back(std::move(row));
    }
    const bool begins = was_idle && has_work();
    if (begins || queue_.size() == limits_.batch_rows_max) wake_.notify_one();
}

// Not every use is worth a write.
void RequestJournal::note_use(const storage::RequestLogRow& row) {
    if (noted_uses_.size() >= kNotedUsesMax) noted_uses_.clear();
    TimePoint& noted_at = noted_uses_[row.api_key];
    const auto since = row.created_at - noted_at;
    if (since < limits_.use_noted_every && since > -limits_.use_noted_every) return;
    noted_at = row.created_at;
    uses_[row.api_key] = row.created_at;
}

void RequestJournal::run_thread() {
    std::unique_lock lock{mutex_};
    for (;;) {
        wake_.wait(lock, [this] { return stopping_ || has_work(); });
        wake_.wait_for(lock, limits_.collected_for, [this] {
            return stopping_ || queue_.size() >= limits_.batch_rows_max;
        });
        const bool last = stopping_;
        do {
            Batch batch = take_batch();
            if (batch.is_empty()) break;
            lock.unlock();
            const Written written = write(batch);
            lock.lock();
            if (written == Written::all) continue;
            if (last) return;
            give_back(std::move(batch));
            wake_.wait_for(lock, limits_.pause_after_failure, [this] { return stopping_; });
            break;
        } while (queue_.size() >= limits_.batch_rows_max || last);
        if (last) return;
    }
}

RequestJournal::Batch RequestJournal::take_batch() {
    Batch batch;
    batch.uses.swap(uses_);
    const std::size_t count = std::min(queue_.size(), limits_.batch_rows_max);
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
    batch.rows.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
    return batch;
}

RequestJournal::Written RequestJournal::write(const Batch& batch) {
    const WriteWork work = [&batch](storage::Transaction& transaction) -> StoreResult {
        for (const storage::RequestLogRow& row : batch.rows) {
            const auto inserted = storage::insert_request_log(transaction, row);
            if (!inserted) return inserted.error();
        }
        for (const auto& [key, used_at] : batch.uses) {
            const auto noted = storage::note_api_key_use(transaction, key, used_at);
            if (!noted) return noted.error();
        }
        return {};
    };
    const WriteResult written =
        write_and_wait(parts_.store.writer, work, storage::WorkLane::records);
    if (written) return Written::all;
    if (written.error() != storage::StoreError::constraint) return Written::later;
    // It would break the same rule again, and hold back all that comes after it.
    log::warn("request_log.refused", {{"rows", batch.rows.size()}});
    dropped_.add(static_cast<double>(batch.rows.size()));
    return Written::all;
}

// The rows that came meanwhile stay; of the older ones those that find no room are dropped.
void RequestJournal::give_back(Batch batch) {
    for (const auto& [key, used_at] : batch.uses) uses_.emplace(key, used_at);
    const std::size_t room = limits_.queue_rows_max - queue_.size();
    const std::size_t kept = std::min(room, batch.rows.size());
    const auto begin = batch.rows.end() - static_cast<std::ptrdiff_t>(kept);
    queue_.insert(
        queue_.begin(), std::make_move_iterator(begin), std::make_move_iterator(batch.rows.end())
    );
    if (kept < batch.rows.size()) dropped_.add(static_cast<double>(batch.rows.size() - kept));
}

}  // namespace postern::daemon
