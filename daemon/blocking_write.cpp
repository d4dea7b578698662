#include "daemon/blocking_write.hpp"

#include <future>

namespace postern::daemon {
namespace {

class BlockingWrite final : public storage::WorkUnit {
 public:
    explicit BlockingWrite(WriteWork work) : work_{std::move(work)} {}

    StoreResult run(storage::Transaction& transaction) override { return work_(transaction); }
    void done(WriteResult result) noexcept override { result_.set_value(result); }
    WriteResult wait() { return result_.get_future().get(); }

 private:
    WriteWork work_;
    std::promise<WriteResult> result_;
};

}  // namespace

WriteResult write_and_wait(storage::Writer& writer, WriteWork work) {
    BlockingWrite unit{std::move(work)};
    if (writer.submit(unit) != storage::Submitted::queued) return storage::StoreError::closed;
    return unit.wait();
}

}  // namespace postern::daemon
