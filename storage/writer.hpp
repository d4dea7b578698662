#pragma once

#include "storage/writer_values.hpp"

#include <memory>
#include <vector>

namespace postern::storage {

class WriterLane;
struct WriterCommon;

// Group commit: one thread takes everything that waits, runs it inside one transaction, commits
// once and completes all. Nobody sleeps to gather a batch: it is what arrived while the last commit
// ran. Where the store offers a second connection for units of the hot lane, they have a thread of
// their own, so that they wait for none of the others, and three quarters of what the bounds allow.
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
    WriterLane& lane_of(const WorkUnit& unit);

    std::unique_ptr<WriterCommon> common_;
    std::vector<std::unique_ptr<WriterLane>> lanes_;  // the general one, and the hot one if any
};

}  // namespace postern::storage
