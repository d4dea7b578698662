#include "daemon/blocking_write.hpp"

#include <future>

namespace postern::daemon {
namespace {

class BlockingWrite final : public storage::WorkUnit {
 public:
    BlockingWrite(WriteWork work, storage::WorkLane lane) : work_{std::move(work)}, lane_{lane} {}

    StoreResult run(storage::Transaction& transaction) override { return work_(transaction); }
    storage::WorkLane lane() const noexcept override { return lane_; }
    void done(WriteResult result) noexcept override { result_.set_value(result); }
    WriteResult wait() { return result_.get_future().get(); }

 private:
    WriteWork work_;
    storage::WorkLane lane_;
    std::promise<WriteResult> result_;
};

}  // namespace

WriteResult write_and_wait(storage::Writer& writer, WriteWork work, storage::WorkLane lane) {
    BlockingWrite unit{std::move(work), lane};
    if (writer.submit(unit) != storage::Submitted::queued) return storage::StoreError::closed;
    return unit.wait();
}

WriteWork guarded(const StepGuard& guard, WriteWork work) {
    if (!guard) return work;
    return [guard, work = std::move(work)](storage::Transaction& transaction) -> StoreResult {
        if (const StoreResult agreed = guard(transaction); !agreed) return agreed;
        return work(transaction);
    };
}

}  // namespace postern::daemon
