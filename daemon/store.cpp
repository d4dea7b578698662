#include "daemon/store.hpp"

namespace postern::daemon {

using storage::StoreError;

namespace {

class WaitingRead final : public storage::ReadUnit, public net::Letter {
 public:
    WaitingRead(ReadWork work, net::IoThread& thread) : work_{std::move(work)}, thread_{thread} {}

    StoreResult run(storage::Connection& connection) override { return work_(connection); }
    void done(StoreResult result) noexcept override {
        result_ = result;
        thread_.mailbox().drop(*this);
    }
    void delivered() noexcept override { sleeper_.wake(); }

    net::Task<StoreResult> wait(storage::ReaderPool& readers) {
        auto submitted = storage::ReadSubmitted::closed;
        auto start = [this, &readers, &submitted] {
            submitted = readers.submit(*this);
            if (submitted == storage::ReadSubmitted::queued) return;
            result_ = submitted == storage::ReadSubmitted::overloaded ? StoreError::busy
                                                                      : StoreError::closed;
            thread_.mailbox().drop(*this);
        };
        co_await net::sleep_until_woken(sleeper_, start);
        co_return result_;
    }

 private:
    ReadWork work_;
    net::IoThread& thread_;
    net::Sleeper sleeper_;
    StoreResult result_ = StoreError::closed;
};

StoreError why_not_taken(storage::Submitted submitted) {
    switch (submitted) {
        case storage::Submitted::overloaded: return StoreError::busy;
        case storage::Submitted::poisoned: return StoreError::poisoned;
        case storage::Submitted::closed:
        case storage::Submitted::queued: break;
    }
    return StoreError::closed;
}

class WaitingWrite final : public storage::WorkUnit, public net::Letter {
 public:
    WaitingWrite(WriteWork work, net::IoThread& thread) : work_{std::move(work)}, thread_{thread} {}

    StoreResult run(storage::Transaction& transaction) override { return work_(transaction); }
    void done(WriteResult result) noexcept override {
        result_ = result;
        thread_.mailbox().drop(*this);
    }
    void delivered() noexcept override { sleeper_.wake(); }

    net::Task<WriteResult> wait(storage::Writer& writer) {
        auto start = [this, &writer] {
            const auto submitted = writer.submit(*this);
            if (submitted == storage::Submitted::queued) return;
            result_ = why_not_taken(submitted);
            thread_.mailbox().drop(*this);
        };
        co_await net::sleep_until_woken(sleeper_, start);
        co_return result_;
    }

 private:
    WriteWork work_;
    net::IoThread& thread_;
    net::Sleeper sleeper_;
    WriteResult result_ = StoreError::closed;
};

}  // namespace

net::Task<StoreResult> read_store(Store& store, net::IoThread& thread, ReadWork work) {
    WaitingRead unit{std::move(work), thread};
    co_return co_await unit.wait(store.readers);
}

net::Task<WriteResult> write_store(Store& store, net::IoThread& thread, WriteWork work) {
    WaitingWrite unit{std::move(work), thread};
    co_return co_await unit.wait(store.writer);
}

}  // namespace postern::daemon
