#include "storage/writer.hpp"

#include "storage/writer_lane.hpp"

#include <algorithm>
#include <utility>

namespace postern::storage {
namespace {

LaneShare part_of(const LaneShare& all, std::size_t parts) {
    const auto a_part = [parts](std::size_t whole) {
        return std::max<std::size_t>(whole / parts, 1);
    };
    return {a_part(all.units_max), a_part(all.bytes_max)};
}

}  // namespace

WriterMetrics make_writer_metrics(MetricRegistry& registry) {
    return {
        .batch_units = registry.histogram(
            {"postern_store_batch_units", "Units of work in one commit"},
            {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}
        ),
        .commit_seconds = registry.histogram(
            {"postern_store_commit_seconds", "From taking a batch to the end of its commit"},
            {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5}
        ),
        .units_failed =
            registry.counter({"postern_store_units_failed_total", "Units of work not committed"}),
        .batches_isolated = registry.counter(
            {"postern_store_batches_isolated_total", "Batches run again, each unit by itself"}
        ),
    };
}

Writer::Writer(Database& database, const Clock& clock, WriterOptions options)
    : common_{
        new WriterCommon{.database = database, .clock = clock, .options = std::move(options)}} {
    WriteConnection* const hot = database.hot_writer();
    WriteConnection* const records = database.records_writer();
    const auto steps = common_->options.ingest_steps;
    const WriterLimits& limits = common_->options.limits;
    const LaneShare all{limits.queue_units_max, limits.queue_bytes_max};
    if (hot == nullptr || records == nullptr) {
        add_lane(database.writer(), steps, all);
        return;
    }
    add_lane(database.writer(), {}, part_of(all, 4));
    // Webhooks are hot, and their steps belong to the thread that stores them.
    add_lane(*hot, steps, part_of(all, 2));
    add_lane(*records, {}, part_of(all, 4));
}

// In the order of WorkLane's values.
void Writer::add_lane(
    WriteConnection& connection,
    std::span<IngestStep* const> steps,
    const LaneShare& share
) {
    lanes_.push_back(std::make_unique<WriterLane>(WriterLane::Parts{
        .common = *common_, .connection = connection, .ingest_steps = steps, .share = share}));
}

Writer::~Writer() {
    stop();
}

WriterLane& Writer::find_lane(WorkLane lane) const {
    return *lanes_[std::min(static_cast<std::size_t>(lane), lanes_.size() - 1)];
}

Submitted Writer::submit(WorkUnit& unit) {
    return find_lane(unit.lane()).submit(unit);
}

void Writer::stop() {
    {
        const std::lock_guard lock{common_->mutex};
        common_->phase = WriterCommon::Phase::stopping;
    }
    for (const auto& lane : lanes_) lane->wake();
    for (const auto& lane : lanes_) lane->join();
}

WriterStatus Writer::status() const {
    WriterStatus status;
    status.last_commit = std::chrono::microseconds{common_->last_commit_us.load()};
    status.commits = common_->commits.load();
    const std::lock_guard lock{common_->mutex};
    for (const auto& lane : lanes_) {
        status.queue_units += lane->held_units();
        status.queue_bytes += lane->held_bytes();
        if (lane->room() == Room::low) status.room = Room::low;
        status.oldest_waiting = std::max(status.oldest_waiting, lane->oldest_waiting());
    }
    status.oldest_hot_waiting = find_lane(WorkLane::hot).oldest_waiting();
    return status;
}

}  // namespace postern::storage
