#include "daemon/blocking_read.hpp"

#include <future>

namespace postern::daemon {

using storage::StoreError;

namespace {

class BlockingRead final : public storage::ReadUnit {
 public:
    explicit BlockingRead(ReadWork work) : work_{std::move(work)} {}

    StoreResult run(storage::Connection& connection) override { return work_(connection); }
    void done(StoreResult result) noexcept override { result_.set_value(result); }
    StoreResult wait() { return result_.get_future().get(); }

 private:
    ReadWork work_;
    std::promise<StoreResult> result_;
};

}  // namespace

StoreResult read_and_wait(storage::ReaderPool& readers, ReadWork work) {
    BlockingRead unit{std::move(work)};
    switch (readers.submit(unit)) {
        case storage::ReadSubmitted::queued: return unit.wait();
        case storage::ReadSubmitted::overloaded: return StoreError::busy;
        case storage::ReadSubmitted::closed: break;
    }
    return StoreError::closed;
}

}  // namespace postern::daemon
