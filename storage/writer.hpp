#pragma once

#include "storage/writer_values.hpp"

#include <memory>
#include <vector>

namespace postern::storage {

class WriterLane;
struct LaneShare;
struct WriterCommon;

// Group commit: one thread takes everything that waits, runs it inside one transaction, commits
// once and completes all. Nobody sleeps to gather a batch: it is what arrived while the last commit
// ran. Where the store offers a connection for each lane, each has a thread of its own and waits
// for none of the others; the hot one then has half of what the bounds allow, the others a quarter.
class Writer {
 public:
    Writer(Database& database, const Clock& clock, WriterOptions options);
    ~Writer();  // stops
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    [[nodiscard]] Submitted submit(WorkUnit& unit);
    // Takes no more, finishes what was queued, returns when the last done() returned.
    void stop();
    WriterStatus status() const;

 private:
    void add_lane(
        WriteConnection& connection,
        std::span<IngestStep* const> steps,
        const LaneShare& share
    );
    WriterLane& find_lane(WorkLane lane) const;

    std::unique_ptr<WriterCommon> common_;
    std::vector<std::unique_ptr<WriterLane>> lanes_;  // one for all, or one for each
};

}  // namespace postern::storage
